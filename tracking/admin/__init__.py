"""Every table of the record, read-only; one file per audience."""

from tracking.admin import (
    approvals,
    audit,
    backups,
    checks,
    choice,
    findings,
    golive,
    golive_performance,
    golive_risks,
    manual,
    operate,
    people,
    phase,
    report,
    runbooks,
    triage,
    validate,
    wave,
    workers,
)

__all__ = [
    "approvals", "audit", "backups", "checks", "choice", "findings", "golive", "golive_performance", "golive_risks", "manual",
    "operate", "people", "phase", "report", "runbooks", "triage", "validate", "wave", "workers",
]  # fmt: skip
