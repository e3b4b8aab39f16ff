"""Why a row exists in V5 that has no legacy row of its own."""

from django.utils.translation import gettext_lazy as _

from .base import Code, Level


def _made(name, sentence, next_step) -> Code:
    return Code(name, Level.SYNTHESISED, sentence, next_step)


_NOTHING = _("Nothing to do.")

SYNTHESISED = (
    _made(
        "LAZY_DEGREE",
        _("The school used this level without ever opening its list of levels, so it was added, inactive."),
        _("Give the level a name and switch it on if the school uses it."),
    ),
    _made(
        "MEMBERSHIP_FROM_BOOKING",
        _("The person booked at this school without being listed there, so he or she was added."),
        _NOTHING,
    ),
    _made(
        "MEMBERSHIP_FROM_MAIN",
        _("The person depends on a client of this school and was added to it."),
        _NOTHING,
    ),
    _made(
        "MEMBERSHIP_FROM_VOUCHER",
        _("The person owns a voucher of this school without being listed there, and was added."),
        _NOTHING,
    ),
    _made(
        "MEMBERSHIP_FROM_LEVEL",
        _("The person has a level at this school without being listed there, and was added as inactive."),
        _("Switch the membership on if the person still belongs to the school."),
    ),
    _made(
        "MEMBERSHIP_FOREIGN_MONITOR",
        _("The monitor taught at this school without being listed there, and was added as inactive."),
        _("Switch the membership on if the monitor still works there."),
    ),
    _made(
        "CLIENT_FROM_OTHER_TYPE",
        _("Somebody who is not a client, such as a monitor, appears in a booking and got a client record."),
        _NOTHING,
    ),
    _made(
        "NOTE_FROM_BLOCK",
        _("The school had blocked this client and kept no note; the reason became a note of that school."),
        _("Tell the school, since the new system does not block by itself."),
    ),
    _made(
        "PLACEHOLDER_CLIENT",
        _("The person is unknown, but money or a lesson is at stake; one stand-in per school holds it."),
        _("If the person can be found, move the record to the right client."),
    ),
    _made(
        "PLACEHOLDER_COURSE",
        _("The course of a paid lesson is gone; one inactive stand-in per school and sport holds it."),
        _("If the course can be found, move the lesson to it."),
    ),
    _made(
        "DATE_FOR_BOOKING",
        _("A lesson was booked on a day the course did not have, so the day was added."),
        _("Check with the school that the lesson took place."),
    ),
    _made(
        "DATE_FOR_GROUP",
        _("A group had no day at all, so the first day of its course was added for it."),
        _("Check with the school when the group takes place."),
    ),
    _made(
        "PRIVATE_DAY",
        _("A private course is held day by day in the new system; this is one of its days."),
        _NOTHING,
    ),
    _made(
        "SESSION_ONLY",
        _("The course announces this session, but no class was ever set up for it."),
        _("Set up its classes if the session still lies ahead."),
    ),
    _made(
        "SEASON",
        _("The old system had no seasons; this one was made from the dates of lessons."),
        _("Check name, first and last day with the school."),
    ),
    _made(
        "SEASON_ROLE",
        _("Access per season is new; this role was given because of a membership."),
        _("Check that the person should have this role."),
    ),
    _made(
        "PAYMENT",
        _("The old system kept no list of payments; this one was derived from the booking."),
        _("Compare with the payment provider where it matters."),
    ),
    _made(
        "PROJECTION",
        _("The row is the new system's second view of a booking and is counted with that booking."),
        _NOTHING,
    ),
)
