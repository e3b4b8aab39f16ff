"""Every table of the record, read-only; one file per audience."""

from tracking.admin import audit, operate, people, plan, triage, validate, workers

__all__ = ["audit", "operate", "people", "plan", "triage", "validate", "workers"]
