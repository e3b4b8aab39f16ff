"""Titles of migrations in the language of the reader. The migrations declare them in English, as the record keeps them."""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

TITLES = (
    _("Languages"),
    _("Sport types"),
    _("Sports"),
    _("Service types"),
    _("Stations"),
    _("Schools"),
    _("Seasons"),
    _("Levels"),
    _("Levels in use but never listed"),
    _("Accounts"),
    _("Clients"),
    _("Stand-in clients"),
    _("Families"),
    _("Monitors"),
    _("Monitors of other schools"),
    _("Grouped courses"),
    _("Stand-alone and private courses"),
    _("Stand-ins for lost courses"),
    _("Vouchers"),
    _("Bookings"),
    _("Payment reminders"),
    _("Attendances"),
    _("Season roles"),
    _("Tables without a place in V5"),
)


def shown(title: object) -> str:
    """The title as the reader says it; one that is not listed above is shown as it is declared."""
    return gettext(str(title))
