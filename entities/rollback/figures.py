"""The figures of many tables, for a checkpoint and before and after a rollback: long tables slice by slice, several short
ones in a step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from entities.engine.content import SLICE
from entities.rollback import checkpoint
from entities.rollback.checkpoint import Schools
from tracking.models import Part
from tracking.sweeps import PartPlan, Step

SHORT = "short tables"
AT_ONCE = 12  # short tables of one step
CHEAPER = 10  # rows that are hashed in the time in which one is taken out: in such units progress is measured
Take = Callable[[Part], Step]


def parts(stage: int, tables: Sequence[str], gone: Mapping[str, int] | None = None) -> list[PartPlan]:
    """A part for each long table, and one for all others; rows that are `gone` by then count for nothing."""
    rows = {name: checkpoint.count(name) for name in tables}
    long = [name for name in tables if rows[name] > SLICE]
    left = {name: max(0, rows[name] - (gone or {}).get(name, 0)) for name in tables}
    short = sum(number for name, number in left.items() if name not in long)
    return [
        *(PartPlan(name, stage, total=_units(left[name])) for name in long),
        PartPlan(SHORT, stage, total=_units(short)),
    ]


def _units(rows: int) -> int:
    return -(-rows // CHEAPER)


def step(part: Part, take: Take, tables: Sequence[str]) -> Step:
    """The next slice of a long table, or the next short tables; `take` takes a slice of the table that a part names."""
    if part.name != SHORT:
        found = take(part)
        return replace(found, looked_at=_units(found.looked_at))
    apart = set(Part.objects.filter(sweep=part.sweep_id, stage=part.stage).values_list("name", flat=True))
    names, at = [name for name in tables if name not in apart], part.cursor or 0
    figures, steps = dict(part.figures), list[Step]()
    for name in names[at : at + AT_ONCE]:
        figures[name] = _whole(name, take, steps)
    return Step(
        at + AT_ONCE, at + AT_ONCE >= len(names), _units(sum(one.looked_at for one in steps)), figures,
        record=lambda: [one.record() for one in steps],
    )  # fmt: skip


def _whole(table: str, take: Take, steps: list[Step]) -> Schools:
    part, over = Part(name=table, cursor=None, figures={}), False
    while not over:
        steps.append(found := take(part))
        part.cursor, part.figures, over = found.cursor, found.figures, found.over
    return dict(part.figures)


def collected(some: Iterable[Part]) -> dict[str, Schools]:
    """What the parts of one stage found, by table."""
    found: dict[str, Schools] = {}
    for part in some:
        found |= part.figures if part.name == SHORT else {part.name: part.figures}
    return found
