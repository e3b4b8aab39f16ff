"""The four high risks of the strategy, as the register begins."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

DATA_LOSS, PERFORMANCE = "data-loss", "performance"
AUTHENTICATION, BUSINESS_LOGIC = "authentication", "business-logic"
RISKS: tuple[dict[str, str], ...] = (
    {
        "key": DATA_LOSS,
        "title": _("Data loss during migration"),
        "description": _("Records, relations or money of a school do not arrive in V5, or arrive changed."),
        "likelihood": "low",
        "impact": "severe",
        "mitigation": _(
            "Complete backups before each phase. Every batch is one transaction that can be rolled back. Every record is "
            "compared while it is moved. Both systems run side by side during the transition."
        ),
    },
    {
        "key": PERFORMANCE,
        "title": _("Performance degradation"),
        "description": _(
            "V5 answers much more slowly than legacy, or the migration slows the running systems down."
        ),
        "likelihood": "medium",
        "impact": "high",
        "mitigation": _(
            "Batches whose size adapts. Runs outside the busy hours. The database is put in order before the migration. "
            "Speed is watched all the time and measured before the cut-over."
        ),
    },
    {
        "key": AUTHENTICATION,
        "title": _("Authentication conflicts"),
        "description": _("People cannot log in to V5, or see schools and functions that are not theirs."),
        "likelihood": "medium",
        "impact": "high",
        "mitigation": _(
            "Users move step by step and passwords stay valid. Sessions are kept where possible. People are told and "
            "trained beforehand. If need be, they log in to legacy as before."
        ),
    },
    {
        "key": BUSINESS_LOGIC,
        "title": _("Business logic incompatibility"),
        "description": _("V5 treats moved bookings, courses, prices or vouchers differently from legacy."),
        "likelihood": "low",
        "impact": "high",
        "mitigation": _(
            "Business processes are tested from end to end. Users accept them with real data. Both systems are compared "
            "while they run side by side. Business rules are written down and checked."
        ),
    },
)  # fmt: skip
