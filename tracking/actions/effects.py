"""What a re-queue brought: which records are fixed, which fail as before, which fail anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q

from tracking.models import Batch, Issue, Run
from tracking.states import IssueState

Faults = set[tuple[str, str, str]]  # code, field, level


@dataclass(frozen=True, order=True)
class Record:
    """A legacy record and the aggregate (root) with which it moves."""

    entity_type: str
    legacy_id: int
    root_entity: str
    root_id: int


@dataclass
class Effect:
    """Records by what became of them; `new` names the codes."""

    fixed: list[Record] = field(default_factory=list)
    same: list[Record] = field(default_factory=list)
    new: dict[Record, list[str]] = field(default_factory=dict)

    def __str__(self) -> str:
        said = f"{len(self.fixed):,} records are fixed, {len(self.same):,} have the same fault, {len(self.new):,} a new one"
        named = [
            f"{one.entity_type}:{one.legacy_id} {', '.join(codes)}"
            for one, codes in list(self.new.items())[:5]
        ]
        return f"{said} ({'; '.join(named)})." if named else f"{said}."


def open_issues(run: Run) -> dict[Record, Faults]:
    """Code, field and level of every open issue of the aggregates that the run's migration moves."""
    found: dict[Record, Faults] = defaultdict(set)
    name = run.entity_type
    mine = Q(root_entity=name) | Q(root_entity__startswith=f"{name}/")
    issues = Issue.objects.filter(mine, wave=run.phase.wave_id, state=IssueState.OPEN, root_id__isnull=False)
    columns = ("entity_type", "legacy_id", "root_entity", "root_id", "code", "field", "level")
    for *record, code, column, level in issues.values_list(*columns).iterator():
        found[Record(*record)].add((code, column, level))
    return dict(found)


def compare(before: dict[Record, Faults], after: dict[Record, Faults], batches: Iterable[Batch]) -> Effect:
    """What changed between two looks, for the records of these batches.

    A fault that was not there before counts as new only when it is an error: a record that goes through with a
    warning is fixed.
    """
    effect, looked_at = Effect(), list(batches)
    for record in sorted(before.keys() | after.keys()):
        if not any(_holds(batch, record) for batch in looked_at):
            continue
        had, has = before.get(record, set()), after.get(record, set())
        if fresh := {code for code, _column, level in has - had if level == Issue.ERROR}:
            effect.new[record] = sorted(fresh)
        elif had & has:
            effect.same.append(record)
        elif had:
            effect.fixed.append(record)
    return effect


def _holds(batch: Batch, record: Record) -> bool:
    if record.root_entity.partition("/")[2] != batch.segment:
        return False
    if batch.keys is not None:
        return record.root_id in batch.keys
    return batch.key_after < record.root_id <= batch.key_to
