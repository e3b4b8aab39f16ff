"""The figures of many tables, for a checkpoint and before and after a rollback: long tables slice by slice, several short
ones in a step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from entities.engine.content import SLICE
from entities.rollback import checkpoint
from entities.rollback.checkpoint import Schools
from tracking.models import Part
from tracking.sweeps import PartPlan, Step

SHORT = "short tables"
AT_ONCE = 12  # short tables of one step
Take = Callable[[Part], Step]


def parts(stage: int, tables: Sequence[str]) -> list[PartPlan]:
    """A part for each long table, and one for all others; `total` is about how many rows there are."""
    rows = {name: checkpoint.count(name) for name in tables}
    long = [name for name in tables if rows[name] > SLICE]
    short = sum(number for name, number in rows.items() if name not in long)
    return [*(PartPlan(name, stage, total=rows[name]) for name in long), PartPlan(SHORT, stage, total=short)]


def step(part: Part, take: Take, tables: Sequence[str]) -> Step:
    """The next slice of a long table, or the next short tables; `take` takes a slice of the table that a part names."""
    if part.name != SHORT:
        return take(part)
    apart = set(Part.objects.filter(sweep=part.sweep_id, stage=part.stage).values_list("name", flat=True))
    names, at = [name for name in tables if name not in apart], part.cursor or 0
    figures, steps = dict(part.figures), list[Step]()
    for name in names[at : at + AT_ONCE]:
        figures[name] = _whole(name, take, steps)
    return Step(
        at + AT_ONCE, at + AT_ONCE >= len(names), sum(one.looked_at for one in steps), figures,
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
