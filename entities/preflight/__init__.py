"""The pre-flight: every question that must have an answer before data moves (design section 4, GR-23).

run(wave=None) -> Report                 ask every check; writes nothing
store(report) -> PreflightReport         keep it, with one validation result per check
"""

from entities.preflight.check import Answer, Check, Finding, Outcome, Scope, Severity, Verdict
from entities.preflight.report import Report, run, store

__all__ = ["Answer", "Check", "Finding", "Outcome", "Report", "Scope", "Severity", "Verdict", "run", "store"]
