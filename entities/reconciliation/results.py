"""From what a check saw to the stored verdict: one row per check and school, every finding with its keys (R 1.8)."""

from __future__ import annotations

import hashlib
import inspect
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from entities.reconciliation.check import Check, Figures, Looked, Seen, Severity
from tracking.models import Finding, Sweep, ValidationResult

Result = ValidationResult.Result
NOBODY = ""  # the school of what belongs to no school
LONGEST = 500


def packed(schools: Mapping[int | None, Figures]) -> dict[str, Any]:
    """Figures as JSON, for the part that a worker may have to give up."""
    return {NOBODY if school is None else str(school): _packed(one) for school, one in schools.items()}


def _packed(figures: Figures) -> dict[str, Any]:
    facts = asdict(figures)
    return facts | {
        "explained": dict(figures.explained),
        "digest": f"{figures.digest:x}",
        "sums": {name: [str(one) for one in sums] for name, sums in figures.sums.items()},
    }


def unpacked(facts: Mapping[str, Any]) -> Looked:
    """The figures of the steps before, to go on with."""
    looked = Looked()
    for school, one in facts.items():
        looked.schools[int(school) if school != NOBODY else None] = Figures(
            **{
                **one,
                "explained": Counter(one["explained"]),
                "digest": int(one["digest"], 16),
                "sums": {name: [Decimal(part) for part in sums] for name, sums in one["sums"].items()},
            }
        )
    return looked


def findings(check: Check, sweep: Sweep, seen: Iterable[Seen], now: datetime) -> list[Finding]:
    """Rows to store, without a cap."""
    return [
        Finding(
            sweep=sweep, wave=sweep.wave, check_id=check.id, kind=one.kind, inherited=one.inherited,
            school_id=one.school, entity_type=one.entity, legacy_table=one.legacy_table, legacy_id=one.legacy_id,
            part=one.part[:64], v5_table=one.v5_table, v5_id=one.v5_id, field=one.field[:64],
            expected=_text(one.expected), found=_text(one.found), message=one.message[:LONGEST], created_at=now,
        )
        for one in seen
    ]  # fmt: skip


def _text(value: Any) -> str | None:
    return None if value is None else str(value)[:LONGEST]


def store(check: Check, sweep: Sweep, looked: Looked, seconds: float, now: datetime) -> None:
    """Replace the check's earlier verdicts of the wave by one per school that it saw."""
    schools = looked.schools or {None: Figures()}
    with_rows = {
        school: one for school, one in schools.items() if one.examined or one.introduced or one.inherited
    }
    rows = [
        _row(check, sweep, school, one, seconds, now)
        for school, one in (with_rows or {None: Figures()}).items()
    ]
    _replace(check, sweep, rows)


def could_not_run(check: Check, sweep: Sweep, why: str, now: datetime) -> None:
    """A check that could not run counts as failed, never as passed."""
    row = _base(check, sweep, now)
    row.result, row.message = Result.FAIL, f"could not run: {why}"[:1000]
    row.details, row.fingerprint = {"could_not_run": why}, _hex(f"{check.id} {why}")
    _replace(check, sweep, [row])


def _replace(check: Check, sweep: Sweep, rows: list[ValidationResult]) -> None:
    older = ValidationResult.objects.filter(
        wave=sweep.wave, validation_type=check.id, moment=sweep.params.get("when", "F"), current=True
    )
    older.update(current=False)
    ValidationResult.objects.bulk_create(rows)


def _base(check: Check, sweep: Sweep, now: datetime) -> ValidationResult:
    return ValidationResult(
        wave=sweep.wave, phase=sweep.phase, sweep=sweep, validation_type=check.id, severity=check.severity,
        moment=sweep.params.get("when", "F"), created_at=now, updated_at=now,
    )  # fmt: skip


def _row(
    check: Check, sweep: Sweep, school: int | None, figures: Figures, seconds: float, now: datetime
) -> ValidationResult:
    row = _base(check, sweep, now)
    row.school_id = school
    row.result = verdict(check, figures)
    row.message = sentence(check, figures)
    if figures.introduced or figures.difference:
        row.fingerprint = _hex(f"{check.id} {figures.digest:x} {figures.difference or ''}".rstrip())
    row.legacy_rows, row.v5_rows, row.explained = (
        figures.legacy,
        figures.target,
        sum(figures.explained.values()),
    )
    row.introduced, row.inherited = figures.introduced, figures.inherited
    row.details = {
        **_packed(figures), "difference": figures.difference, "keys": figures.introduced + figures.inherited,
        "query": query_fingerprint(type(check)), "snapshot": str(sweep.started_at or now), "seconds": round(seconds, 3),
    }  # fmt: skip
    return row


def verdict(check: Check, figures: Figures) -> str:
    """Inherited faults are listed and never block; zero rows to examine is no pass, and neither are figures that
    differ after what explains them, though no key was named (R 1.2)."""
    if not figures.examined and not figures.introduced and not figures.difference:
        return Result.WARNING if figures.inherited else Result.NOTHING
    if figures.introduced or figures.difference:
        return {Severity.B: Result.FAIL, Severity.W: Result.WARNING, Severity.I: Result.PASS}[check.severity]
    if figures.inherited:
        return Result.PASS if check.severity == Severity.I else Result.WARNING
    return Result.PASS


def sentence(check: Check, figures: Figures) -> str:
    if not figures.examined and not figures.introduced and not figures.inherited:
        return "nothing to check: there is no row of this kind"
    said = [f"{figures.examined:,} looked at"]
    if figures.legacy or figures.target:
        explained = sum(figures.explained.values())
        said.append(f"legacy {figures.legacy:,}, V5 {figures.target:,}, explained {explained:,}")
        if figures.difference:
            said.append(f"difference {figures.difference:,}")
    if figures.introduced:
        said.append(f"{figures.introduced:,} introduced")
    if figures.inherited:
        said.append(f"{figures.inherited:,} inherited from legacy")
    return "; ".join(said)


def query_fingerprint(kind: type) -> str:
    """Which code asked: a verdict of older code is told from one of today's."""
    return _hex(inspect.getsource(kind))[:16]


def _hex(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
