"""Choices about accounts, clients, monitors and their notes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .compound import Composite, Ids
from .kinds import Integer
from .question import Question, one_of

_INACTIVE = {
    "soft_delete": _("the membership is moved as deleted"),
    "keep": _("the membership is moved and stays accepted"),
    "skip": _("the membership is left out"),
}

ACCOUNTS = (
    Question(
        "Q-05",
        "user_types",
        _("How are kinds of users written, who stays super-administrator, what do read-only users become?"),
        Composite(
            {
                "notation": one_of("*", names=_("as words"), digits=_("as numbers")),
                "superadmins": Ids(),
                "visualizers": one_of("*", viewer=_("a kind of its own, never administrators")),
            },
            one_word=("notation",),
        ),
        {"notation": "names", "superadmins": [], "visualizers": "viewer"},
    ),
    Question(
        "Q-15",
        "dependant_accounts",
        _("Do people without an e-mail address get an account?"),
        one_of("*", none=_("no; the client is moved without one"), all=_("yes, one that cannot log in yet")),
        "none",
    ),
    Question(
        "Q-16",
        "merge_users",
        _("What happens to several accounts with the same e-mail address?"),
        one_of(
            "*",
            merge=_("the same person gets one account; different people share one and are listed"),
            separate=_("each keeps an account; only the first to log in can use the address"),
        ),
        "merge",
    ),
    Question(
        "Q-17",
        "inactive_membership",
        _("What happens to people who are no longer active at a school?"),
        Composite(
            {"school_users": one_of("*", **_INACTIVE), "clients": one_of("*", **_INACTIVE)},
            one_word=("school_users", "clients"),
        ),
        {"school_users": "soft_delete", "clients": "keep"},
        per_school=True,
    ),
    Question(
        "Q-18",
        "restricted_admins",
        _("Which season role do administrators with restrictions get?"),
        one_of(manager=_("manager"), admin=_("admin, as if nothing were restricted")),
        "manager",
        per_school=True,
    ),
    Question(
        "Q-24",
        "season_roles",
        _("Who gets a role in which seasons?"),
        Composite(
            {
                "back_office": one_of(
                    every=_("every season of the school"), current=_("the current season only")
                ),
                "monitors": one_of(
                    active=_("seasons in which they worked, and the current one"), every=_("all")
                ),
                "clients": one_of(none=_("no role"), booked=_("seasons in which they booked")),
            }
        ),
        {"back_office": "every", "monitors": "active", "clients": "none"},
        per_school=True,
    ),
)

PERSONS = (
    Question(
        "Q-06",
        "missing_birth_date",
        _("What is written where the date of birth is unknown?"),
        one_of("*", sentinel=_("1900-01-01, flagged"), null=_("nothing; the column must allow it")),
        "sentinel",
        per_school=False,
    ),
    Question(
        "Q-08",
        "name_order",
        _("Are first and last names the wrong way round in the old system?"),
        one_of(
            "*",
            probe=_("as the comparison of families suggests; without a clear answer names stay"),
            keep=_("no; names stay"),
            swap=_("yes; names are exchanged"),
        ),
        "probe",
        per_school=True,
    ),
    Question(
        "Q-12",
        "unnamed_degrees",
        _("What happens to levels a school never named?"),
        one_of(inactive=_("moved as inactive"), active=_("moved as active"), skip=_("left out")),
        "inactive",
        per_school=True,
    ),
    Question(
        "Q-19",
        "global_levels",
        _("What happens to levels that name no school?"),
        one_of(expand=_("they hold for each school of the person that has no own one"), skip=_("left out")),
        "expand",
    ),
    Question(
        "Q-20",
        "children_table",
        _("What happens to the older list of children?"),
        one_of(skip=_("left out and kept in the archive"), create=_("each child becomes a dependant")),
        "skip",
    ),
    Question(
        "Q-21",
        "observation_school",
        _("To which school does a note about a person go that names none?"),
        one_of(
            "*",
            most_bookings=_("the school with most of the bookings, else that of the latest membership"),
            latest_membership=_("the school of the latest membership"),
            reject=_("none; the note is kept back until a person decides"),
        ),
        "most_bookings",
    ),
    Question(
        "Q-22",
        "goal_score",
        _("Which score does a fulfilled goal get?"),
        Integer(0, 10),
        10,
    ),
    Question(
        "Q-23",
        "absence_rows",
        _("How are absences written?"),
        Composite(
            {
                "rows": one_of("*", per_day=_("one per day"), ranges=_("one per period")),
                "full_day_times": one_of(
                    "*", null=_("whole days have no times"), opening=_("whole days last from 08:00 to 17:00")
                ),
                "max_days": Integer(1, 3660),
            },
            one_word=("rows",),
        ),
        {"rows": "per_day", "full_day_times": "null", "max_days": 366},
    ),
    Question(
        "Q-32",
        "foreign_monitor",
        _("What if a monitor teaches at a school he or she does not belong to?"),
        one_of("*", synthesise=_("an inactive membership is added"), null=_("nobody is assigned")),
        "synthesise",
        per_school=True,
    ),
)

PEOPLE = (*ACCOUNTS, *PERSONS)
