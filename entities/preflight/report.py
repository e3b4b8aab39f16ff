"""Running the checks and keeping what they said."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from entities.engine import schema
from entities.preflight import checks
from entities.preflight.check import Answer, Check, Outcome, Scope, Severity, Verdict
from entities.preflight.checks.databases import unreachable
from entities.preparation.errors import said
from tracking.models import PreflightReport, ValidationResult, Wave
from tracking.sentences import facts_of, sentence

LONGEST_ERROR = 300
RESULTS = {
    Verdict.OK: ValidationResult.Result.PASS,
    Verdict.WARNING: ValidationResult.Result.WARNING,
    Verdict.FAIL: ValidationResult.Result.FAIL,
    Verdict.NOTHING: ValidationResult.Result.NOTHING,
    Verdict.NOT_RUN: ValidationResult.Result.FAIL,
}


@dataclass(frozen=True)
class Report:
    """What every check said, at one time, for one wave or for none."""

    outcomes: tuple[Outcome, ...]
    wave: Wave | None
    at: datetime
    code_version: str

    @property
    def passed(self) -> bool:
        """No blocking failure, and no check that could not run."""
        return not any(outcome.answer.verdict.stops for outcome in self.outcomes)

    def count(self, verdict: Verdict) -> int:
        return sum(outcome.answer.verdict == verdict for outcome in self.outcomes)

    def as_data(self) -> dict[str, Any]:
        return {
            "passed": self.passed,
            "wave": self.wave.name if self.wave else None,
            "at": self.at.isoformat(),
            "code_version": self.code_version,
            "counts": {verdict.value: self.count(verdict) for verdict in Verdict},
            "checks": [outcome.as_data() for outcome in self.outcomes],
        }


def run(
    wave: Wave | None = None,
    chosen: Iterable[Check] = checks.ALL,
    done: Callable[[Outcome], None] = lambda outcome: None,
) -> Report:
    """Ask every check; writes nothing. A check that raises, or whose database is silent, could not run."""
    schema.forget()
    chosen = tuple(chosen)
    silent = unreachable({alias for check in chosen for alias in check.needs})
    scope, outcomes = Scope(wave), []
    for check in chosen:
        outcomes.append(_ask(check, scope, silent))
        done(outcomes[-1])
    return Report(tuple(outcomes), wave, timezone.now(), code_version())


def _ask(check: Check, scope: Scope, silent: dict[str, str]) -> Outcome:
    began = time.monotonic()
    missing = [alias for alias in check.needs if alias in silent]
    if missing:
        names = " + ".join(missing)
        answer = Answer(Verdict.NOT_RUN, sentence("the %(names)s database does not answer", names=names))
    else:
        answer = _answer(check, scope)
    seconds = time.monotonic() - began
    return Outcome(check.id, check.title, check.rule, Severity(check.severity), answer, seconds)


def _answer(check: Check, scope: Scope) -> Answer:
    try:
        return check.run(scope)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the report must come out, and red
        message = f"{type(error).__name__}: {said(error)}"[:LONGEST_ERROR]
        return Answer(
            Verdict.NOT_RUN, message, next_step=sentence("repair the cause and run the pre-flight again")
        )


def store(report: Report) -> PreflightReport:
    """Keep the report and one validation result per check, together."""
    with transaction.atomic():
        stored = PreflightReport.objects.create(
            wave=report.wave,
            passed=report.passed,
            report=[outcome.as_data() for outcome in report.outcomes],
            code_version=report.code_version,
            created_at=report.at,
        )
        older = ValidationResult.objects.filter(
            wave=report.wave, validation_type__in=[outcome.id for outcome in report.outcomes], sweep=None
        )
        older.filter(current=True).update(current=False)
        ValidationResult.objects.bulk_create(
            _result(outcome, report, stored.pk) for outcome in report.outcomes
        )
    return stored


def _result(outcome: Outcome, report: Report, preflight_id: int) -> ValidationResult:
    return ValidationResult(
        wave=report.wave,
        validation_type=outcome.id,
        result=RESULTS[outcome.answer.verdict],
        message=outcome.answer.message,
        message_facts=facts_of(outcome.answer.message),
        details={
            **outcome.as_data(),
            "preflight": preflight_id,
            "schools": [one.as_data() for one in outcome.answer.schools],
        },
        created_at=report.at,
        updated_at=report.at,
    )


def code_version() -> str:
    """The commit that is running, as git names it; empty outside a repository."""
    try:
        said = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return said.stdout.strip()[:64]
