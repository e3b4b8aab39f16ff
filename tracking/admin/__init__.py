"""Every table of the record, read-only; one file per audience."""

from tracking.admin import approvals, audit, choice, operate, people, phase, triage, validate, wave, workers

__all__ = [
    "approvals", "audit", "choice", "operate", "people", "phase", "triage", "validate", "wave", "workers",
]  # fmt: skip
