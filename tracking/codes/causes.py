"""Why a written value is what it is, where the record itself is in order."""

from django.utils.translation import gettext_lazy as _

from .base import Code, Level

CAUSES = (
    Code(
        "CANCELLED_IN_LEGACY",
        Level.CAUSE,
        _("The booking was cancelled in the old system, where cancelling meant deleting."),
        _("Nothing to do."),
    ),
)
