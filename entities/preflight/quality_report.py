"""The data-quality report: what was found in legacy, by school, as the latest pre-flight and the baseline checks told it.

Two sources, one shape: results of the pre-flight keep their keys in `details`; checks that were asked before the load
(moment P) have a result per school and their keys as findings. Reads the record only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from entities.preflight.checks import ALL, quality
from entities.preflight.checks.query import Query
from tracking.models import Finding, ValidationResult, Wave

NO_SCHOOL = 0
PREFLIGHT, BASELINE = "preflight", "baseline"
SECTIONS = (
    (gettext_lazy("People"), {check.id for check in quality.PEOPLE}),
    (gettext_lazy("Courses"), {check.id for check in quality.COURSES if isinstance(check, Query)}),
    (gettext_lazy("Bookings"), {check.id for check in quality.BOOKINGS}),
    (gettext_lazy("Money"), {check.id for check in quality.MONEY}),
    (
        gettext_lazy("Rows without their parent"),
        {check.id for check in quality.COURSES if not isinstance(check, Query)},
    ),
    (gettext_lazy("Further checks"), set[str]()),
)
BY_ID = {check.id: check for check in ALL}
ASKED = frozenset(check.id for check in quality.ALL)


@dataclass(frozen=True)
class Line:
    """What one check found in one school; `table` is empty for a baseline check, whose findings name theirs."""

    check: str
    title: str
    effect: str
    severity: str
    source: str
    count: int
    table: str = ""
    of: int | None = None
    result: int = 0
    kept: tuple[int, ...] = ()

    @property
    def percent(self) -> str:
        return f"{100 * self.count / self.of:.1f}" if self.of else ""


@dataclass
class Report:
    """Lines by school (legacy id; 0 for rows that lead to no school), and what was asked without finding anything."""

    at: datetime | None = None
    preflight: int | None = None
    schools: dict[int, list[Line]] = field(default_factory=lambda: defaultdict(list))
    clean: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def of(self, school: int) -> list[tuple[Any, list[Line]]]:
        """The lines of a school by section, in the order of the checks."""
        lines = self.schools.get(school, [])
        known = set().union(*(ids for _title, ids in SECTIONS))
        found = []
        for title, ids in SECTIONS:
            mine = [one for one in lines if (one.check in ids if ids else one.check not in known)]
            if mine:
                found.append((title, mine))
        return found


def read(wave: Wave | None) -> Report:
    """The report of a wave, within its schools; of the databases as such when there is no wave."""
    report, schools = Report(), set(wave.schools or []) if wave else set()
    for row in ValidationResult.objects.filter(wave=wave, current=True, validation_type__in=ASKED).order_by(
        "pk"
    ):
        report.at = max(report.at or row.created_at, row.created_at)
        report.preflight = row.details.get("preflight")
        _take(report, row, schools)
    baseline = ValidationResult.objects.filter(wave=wave, current=True, moment="P").order_by(
        "validation_type"
    )
    for row in baseline:
        report.at = max(report.at or row.created_at, row.created_at)
        for line in _of_baseline(row):
            report.schools[row.school_id or NO_SCHOOL].append(line)
    return report


def _take(report: Report, row: ValidationResult, schools: set[int]) -> None:
    title = _(str(row.details.get("title") or row.validation_type))
    if row.details.get("verdict") == "could not run":
        report.failed.append(title)
    found = [
        one
        for one in row.details.get("schools") or ()
        if not schools or one["school"] in schools or one["school"] is None
    ]
    if not found and row.details.get("verdict") == "ok":
        report.clean.append(title)
    for one in found:
        report.schools[one["school"] or NO_SCHOOL].append(
            Line(row.validation_type, title, _effect(row.validation_type), str(row.details.get("severity", "")), PREFLIGHT,
                 one["count"], one["table"], one.get("of"), row.pk, tuple(one["ids"]))
        )  # fmt: skip


def _effect(check_id: str) -> str:
    check = BY_ID.get(check_id)
    return (
        _(check.effect)
        if isinstance(check, Query)
        else _("the rules of each entity say what becomes of them")
    )


def _of_baseline(row: ValidationResult) -> Iterator[Line]:
    from entities.reconciliation import registry

    keys = int(row.details.get("keys") or 0)
    if keys:
        try:
            title = str(registry.get(row.validation_type).title)
        except KeyError:
            title = row.validation_type
        severity = {"B": "block", "W": "acknowledge"}.get(row.severity, "info")
        yield Line(row.validation_type, title, row.told_message, severity, BASELINE, keys, result=row.pk)


def find(wave: Wave | None, school: int, check: str, table: str = "") -> Line | None:
    """The line of a check in a school."""
    lines = read(wave).schools.get(school, [])
    return next((one for one in lines if one.check == check and (not table or one.table == table)), None)


def findings(line: Line, school: int, after: int, most: int) -> list[Finding]:
    """The next findings of a baseline check in a school."""
    row = ValidationResult.objects.get(pk=line.result)
    found = Finding.objects.filter(
        sweep=row.sweep_id, check_id=line.check, school_id=school or None, pk__gt=after
    )
    return list(found.order_by("pk")[:most])
