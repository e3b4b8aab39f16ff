"""Every table of the record, read-only; one file per audience."""

from tracking.admin import (
    approvals,
    audit,
    choice,
    golive,
    golive_performance,
    golive_risks,
    operate,
    people,
    phase,
    triage,
    validate,
    wave,
    workers,
)

__all__ = [
    "approvals", "audit", "choice", "golive", "golive_performance", "golive_risks", "operate",
    "people", "phase", "triage", "validate", "wave", "workers",
]  # fmt: skip
