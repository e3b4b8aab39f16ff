"""What has to be true after a recovery before anybody works with V5 again (strategy: Recovery Validation).

Integrity, critical paths, access, performance. A check that could not run is red; one without anything to look at says so
and is not green. Verdicts are kept as validation results RV-nn.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from django.db import DatabaseError, transaction

from entities.engine import schema
from entities.engine.errors import EngineError
from entities.recovery import access, integrity, paths
from tracking.models import ValidationResult, Wave
from tracking.sentences import sentence

PASS, WARNING, FAIL = (
    ValidationResult.Result.PASS,
    ValidationResult.Result.WARNING,
    ValidationResult.Result.FAIL,
)
NOTHING = ValidationResult.Result.NOTHING
INTEGRITY, CRITICAL, ACCESS, PERFORMANCE = "integrity", "critical paths", "access", "performance"
LIMIT_MS, TRIES, SAMPLES = 500, 20, 5
AFTER_ROLLBACK = "K"

log = structlog.get_logger("migration")


@dataclass(frozen=True)
class Verdict:
    """`message` is a sentence with its facts; `details` the figures and the keys behind them."""

    id: str
    group: str
    title: str
    result: str
    message: str
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def is_red(self) -> bool:
        return self.result == FAIL


Said = tuple[str, str, dict[str, Any]]


def validate(*, limit_ms: int = LIMIT_MS, tries: int = TRIES) -> list[Verdict]:
    """Every check once, in the order in which a person reads them; never raises for what a check meets."""
    schema.forget("v5")
    return [
        *_looked(INTEGRITY, integrity.CHECKS),
        *_critical(),
        *_looked(ACCESS, access.CHECKS),
        *_fast(limit_ms, tries),
    ]


def _looked(group: str, checks: Iterable[tuple[str, str, Callable[[], Said]]]) -> Iterator[Verdict]:
    for number, title, look in checks:
        yield _verdict(number, group, title, look)


def _verdict(number: str, group: str, title: str, look: Callable[[], Said]) -> Verdict:
    try:
        result, message, details = look()
    except (DatabaseError, EngineError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        log.error("recovery check could not run", check=number, error=type(error).__name__)
        told = sentence("could not run: %(kind)s", kind=type(error).__name__)
        return Verdict(number, group, title, FAIL, told, {"could_not_run": str(error)[:500]})
    return Verdict(number, group, title, result, message, details)


def _critical() -> Iterator[Verdict]:
    for path in paths.PATHS:
        yield _verdict(path.id, CRITICAL, path.title, lambda path=path: _walk(path))  # type: ignore[misc]


def _walk(path: paths.Path) -> Said:
    samples = path.samples(SAMPLES)
    if not samples:
        return NOTHING, sentence("V5 holds nothing to try it with"), {"tables": list(path.tables)}
    empty = [number for number, values in enumerate(samples) if not path.run(values)]
    if empty:
        told = sentence("%(n)s of %(all)s attempts found nothing", n=len(empty), all=len(samples))
        return FAIL, told, {"attempts": len(samples), "without_answer": len(empty)}
    return PASS, sentence("%(n)s attempts answered", n=len(samples)), {"attempts": len(samples)}


def _fast(limit_ms: int, tries: int) -> Iterator[Verdict]:
    for path in paths.PATHS:
        number = f"RV-3{path.id[-1]}"
        yield _verdict(number, PERFORMANCE, path.title, lambda path=path: _timed(path, limit_ms, tries))  # type: ignore[misc]


def _timed(path: paths.Path, limit_ms: int, tries: int) -> Said:
    samples = path.samples(tries)
    if not samples:
        return NOTHING, sentence("V5 holds nothing to try it with"), {}
    taken = sorted(_milliseconds(path, samples[number % len(samples)]) for number in range(tries))
    figures = {f"p{share}": round(percentile(taken, share), 1) for share in (50, 95, 99)}
    told = sentence(
        "p50 %(p50)s ms, p95 %(p95)s ms, p99 %(p99)s ms; allowed for p95: %(limit)s ms",
        **figures,
        limit=limit_ms,
    )
    return (
        (PASS if figures["p95"] <= limit_ms else FAIL),
        told,
        {**figures, "limit": limit_ms, "tries": tries},
    )


def _milliseconds(path: paths.Path, values: Any) -> float:
    began = time.perf_counter()
    path.run(values)
    return (time.perf_counter() - began) * 1000


def percentile(ordered: list[float], share: int) -> float:
    """The value that `share` per cent of the ordered values do not exceed."""
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]


def store(verdicts: Iterable[Verdict], now: datetime, wave: Wave | None = None) -> list[ValidationResult]:
    """Keep the verdicts; those of the last time are no longer the current ones."""
    with transaction.atomic(using="default"):
        ValidationResult.objects.filter(wave=wave, validation_type__startswith="RV-", current=True).update(
            current=False
        )
        return [
            ValidationResult.objects.create(
                wave=wave, validation_type=one.id, entity_type=one.group, result=one.result, severity="B",
                moment=AFTER_ROLLBACK, message=one.message, created_at=now, updated_at=now,
                details={**one.details, "title": one.title},
            )
            for one in verdicts
        ]  # fmt: skip
