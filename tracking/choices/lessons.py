"""Choices about courses, their days and who takes part."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .compound import Composite, Table, Words
from .kinds import Enum, Integer
from .question import Question, one_of

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

COURSES = (
    Question(
        "Q-26",
        "standalone_flexible",
        _("Can the days of an old stand-alone course be booked one by one?"),
        one_of("*", no=_("no; it is sold as a whole"), duration_flexible=_("as its flexible mark says")),
        "no",
        per_school=True,
    ),
    Question(
        "Q-27",
        "discounts",
        _("How are discounts for several days written?"),
        one_of(
            convert=_("converted, so that every total stays the same"),
            copy=_("the numbers as they are, so that totals change"),
        ),
        "convert",
    ),
    Question(
        "Q-28",
        "course_season",
        _("To which season does a course with dates in several seasons belong?"),
        one_of(
            "*",
            most_dates=_("that with most of its dates, for private courses most booked dates"),
            first_date=_("that of its first date"),
        ),
        "most_dates",
        per_school=True,
    ),
    Question(
        "Q-29",
        "weekday_overrides",
        _("On which days of the week can a private course be booked where the old system says otherwise?"),
        Table(Words(WEEKDAYS)),
        {},
        per_school=True,
    ),
    Question(
        "Q-30",
        "private_dates",
        _("Which days of a private course are written, and how many at most?"),
        Composite(
            {
                "days": Enum(
                    {
                        "all": _("every day, those that cannot be booked as inactive"),
                        "active": _("only days that can be booked"),
                    },
                    aliases={"all_days": "all", "active_days": "active"},
                ),
                "limit": Integer(1, 100_000),
            },
            one_word=("days",),
        ),
        {"days": "all", "limit": 1100},
        per_school=True,
    ),
    Question(
        "Q-31",
        "widen_course_range",
        _("What if a lesson was booked outside the period of its course?"),
        one_of(
            "*", widen=_("the period is widened, with a warning"), keep=_("the period stays, with a warning")
        ),
        "widen",
        per_school=True,
    ),
)

LINES = (
    Question(
        "Q-33",
        "orphan_lines",
        _("What happens to a participant whose class was deleted?"),
        one_of(
            "*",
            relink=_("moved to a class of the same day and level, else kept in the deleted one and reported"),
            keep=_("kept in the deleted class and reported"),
        ),
        "relink",
        per_school=True,
    ),
    Question(
        "Q-40",
        "split_price",
        _("Where does the price of one line over several days go?"),
        one_of("*", first=_("all on the first day"), spread=_("spread over the days, exact to the cent")),
        "first",
        per_school=True,
    ),
    Question(
        "Q-41",
        "unknown_private_course",
        _("What happens to a paid lesson whose course is gone?"),
        one_of(
            "*",
            placeholder=_("it goes to one inactive course per school and sport"),
            reject=_("it is kept back until a person decides"),
        ),
        "placeholder",
        per_school=True,
    ),
)

LESSONS = (*COURSES, *LINES)
