"""What a re-queue brought: which records are fixed, which fail as before, which fail anew."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from tracking.models import Batch, Issue, Run
from tracking.states import IssueState

Faults = set[tuple[str, str, str]]  # code, field, level
COLUMNS = ("entity_type", "legacy_id", "root_entity", "root_id", "code", "field", "level")
RANGES_A_QUERY, KEYS_A_QUERY = 50, 5_000


@dataclass(frozen=True, order=True)
class Record:
    """A legacy record and the aggregate (root) with which it moves."""

    entity_type: str
    legacy_id: int
    root_entity: str
    root_id: int

    def __str__(self) -> str:
        return f"{self.entity_type}:{self.legacy_id}"


@dataclass
class Effect:
    """Records by what became of them; `new` names the codes."""

    fixed: list[Record] = field(default_factory=list)
    same: list[Record] = field(default_factory=list)
    new: dict[Record, list[str]] = field(default_factory=dict)

    def __str__(self) -> str:
        facts = {"fixed": f"{len(self.fixed):,}", "same": f"{len(self.same):,}", "new": f"{len(self.new):,}"}
        said = _("%(fixed)s records are fixed, %(same)s have the same fault, %(new)s a new one") % facts
        named = [f"{one} {', '.join(codes)}" for one, codes in list(self.new.items())[:5]]
        return f"{said} ({'; '.join(named)})." if named else f"{said}."


class Covered:
    """The roots that some batches cover: by segment, single keys and ranges (after, to] that do not overlap."""

    def __init__(self, batches: Iterable[Batch]) -> None:
        self.keys: dict[str, set[int]] = defaultdict(set)
        spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for batch in batches:
            if batch.keys is not None:
                self.keys[batch.segment].update(batch.keys)
            else:
                spans[batch.segment].append((batch.key_after, batch.key_to))
        self.ranges = {segment: _merged(found) for segment, found in spans.items()}

    def __contains__(self, record: Record) -> bool:
        segment, key = record.root_entity.partition("/")[2], record.root_id
        if key in self.keys.get(segment, ()):
            return True
        ranges = self.ranges.get(segment, [])
        place = bisect_left(ranges, (key, key)) - 1  # the last range that begins before the key
        return place >= 0 and ranges[place][0] < key <= ranges[place][1]

    def issues(self, issues: QuerySet[Issue], name: str) -> Iterator[QuerySet[Issue]]:
        """`issues` narrowed to these roots of the migration `name`, in portions that an index answers."""
        for segment, ranges in self.ranges.items():
            mine = issues.filter(root_entity=root_entity(name, segment))
            for start in range(0, len(ranges), RANGES_A_QUERY):
                spans = Q(pk__in=())
                for after, to in ranges[start : start + RANGES_A_QUERY]:
                    spans |= Q(root_id__gt=after, root_id__lte=to)
                yield mine.filter(spans)
        for segment, keys in self.keys.items():
            mine, listed = issues.filter(root_entity=root_entity(name, segment)), sorted(keys)
            for start in range(0, len(listed), KEYS_A_QUERY):
                yield mine.filter(root_id__in=listed[start : start + KEYS_A_QUERY])


def root_entity(name: str, segment: str) -> str:
    """What issues call the aggregates of one segment of a migration."""
    return f"{name}/{segment}" if segment else name


def open_issues(run: Run) -> dict[Record, Faults]:
    """Code, field and level of every open issue of the aggregates that the run's migration moves."""
    name = run.entity_type
    mine = Q(root_entity=name) | Q(root_entity__startswith=f"{name}/")
    return faults_of(_open(run).filter(mine, root_id__isnull=False).values_list(*COLUMNS).iterator())


def errors_of(run: Run, batches: Iterable[Batch], most: int | None = None) -> list[list[Any]] | None:
    """The open errors of what these batches cover as plain rows; None when there are more than `most`."""
    found: set[tuple[Any, ...]] = set()
    for portion in Covered(batches).issues(_open(run).filter(level=Issue.ERROR), run.entity_type):
        wanted = portion.values_list(*COLUMNS)
        found.update(wanted if most is None else wanted[: most + 1])
        if most is not None and len(found) > most:
            return None
    return [list(row) for row in sorted(found)]


def faults_of(rows: Iterable[Iterable[Any]]) -> dict[Record, Faults]:
    """Rows of issues by record."""
    found: dict[Record, Faults] = defaultdict(set)
    for entity, legacy_id, root, root_id, code, column, level in rows:
        found[Record(entity, legacy_id, root, root_id)].add((code, column, level))
    return dict(found)


def compare(before: dict[Record, Faults], after: dict[Record, Faults], batches: Iterable[Batch]) -> Effect:
    """What changed between two looks, for the records of these batches.

    A fault that was not there before counts as new only when it is an error: a record that goes through with a
    warning is fixed.
    """
    effect, covered = Effect(), Covered(batches)
    for record in sorted(before.keys() | after.keys()):
        if record not in covered:
            continue
        had, has = before.get(record, set()), after.get(record, set())
        if fresh := {code for code, _column, level in has - had if level == Issue.ERROR}:
            effect.new[record] = sorted(fresh)
        elif had & has:
            effect.same.append(record)
        elif had:
            effect.fixed.append(record)
    return effect


def _open(run: Run) -> QuerySet[Issue]:
    return Issue.objects.filter(wave=run.phase.wave_id, state=IssueState.OPEN).order_by()


def _merged(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for after, to in sorted(ranges):
        if merged and after <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], to))
        else:
            merged.append((after, to))
    return merged
