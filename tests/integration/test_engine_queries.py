"""The number of queries of a batch does not depend on its size, for every migration of the registry."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from entities import registry
from entities.engine import coordinator, ids, pipeline
from tests import content, moves
from tests.world import World
from tracking import ledger
from tracking.models import Run

FEW, MANY = 10, 1_000
SPARE = 2  # statements of one shape for kinds of row that ten records happen not to have
pytestmark = pytest.mark.slow
VALUES = re.compile(r"[(]?%s[),\s]*|[0-9]+")
IN_PORTIONS = re.compile(r"INSERT INTO .?tracking_|INSERT INTO .?migration_logs")


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Statements by alias and shape. Portions of one bulk insert into the record count as one statement."""
    shapes: Counter[str] = Counter()

    def wrapper(alias: str) -> Any:
        def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            kind = (
                params[0]
                if params and isinstance(params, list | tuple) and isinstance(params[0], str)
                else ""
            )
            shape = f"{alias}: {VALUES.sub('', sql)[:200]} {kind}"
            if not (IN_PORTIONS.match(sql) and shapes[shape]):
                shapes[shape] += 1
            return execute(sql, params, many, context)

        return count

    with ExitStack() as stack:
        for alias in ("default", "legacy", "v5"):
            stack.enter_context(connections[alias].execute_wrapper(wrapper(alias)))
        yield shapes


def copies(world: World, run: Run, wanted: int) -> None:
    """Root rows are copied under new ids until there are `wanted` of them behind those that are there."""
    segment = pipeline.Pipeline(run).segments[""]
    table, where = segment.model._meta.db_table, segment.where(pipeline.Pipeline(run).scope)
    model = segment.model
    from entities.engine import source

    name = source.of(model).table
    columns = [field.column for field in model._meta.concrete_fields if field.column != "id"]
    listed = ", ".join(f"`{column}`" for column in columns)  # both servers take backticks
    highest = world.legacy_sql(f"SELECT MAX(id) FROM {name}")[0][0] or 0
    there = [
        row[0]
        for row in world.legacy_sql(
            f"SELECT t.id FROM {name} t{f' WHERE {where}' if where else ''} LIMIT 200"
        )
    ]
    assert there, f"the demo has no rows of {table} for {run.entity_type}"
    step = highest + 1
    for number in range(1, wanted // len(there) + 2):
        world.legacy_sql(
            f"INSERT INTO {name} (id, {listed}) SELECT t.id + {number * step}, {listed}"
            f" FROM {name} t WHERE t.id IN ({', '.join(map(str, there))})"
        )


def batch(run: Run, size: int) -> tuple[int, Counter[str]]:
    """Claim and process a batch of `size` roots; how many roots it had, and what it asked."""
    Run.objects.filter(pk=run.pk).update(batch_size=size)
    run.refresh_from_db()
    line = pipeline.Pipeline(run)
    for table in content.tables_with_id():
        ids.of().ready(table, 100_000)
    with counted() as shapes:
        claimed = ledger.claim(run, "test", timezone.now(), line.next_range)
        assert claimed is not None
        outcome = line.process(claimed)
        assert ledger.record(claimed, outcome, timezone.now())
    return len(outcome.roots), shapes


def more_often(small: Counter[str], large: Counter[str]) -> dict[str, tuple[int, int]]:
    """Statements that grow with the batch: a hundred times the records must not mean one statement a record."""
    return {shape: (small[shape], times) for shape, times in large.items() if times > small[shape] + SPARE}


def test_a_batch_of_1000_asks_as_often_as_one_of_10(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "BLOCK", 100_000)
    monkeypatch.setattr(ledger, "adapted_size", lambda size, *_: (size, ""))
    patient = {"size": 500, "parallel_schools": 1, "attempts": 3, "stop_share": "1", "stop_after": 1_000_000}
    wave = moves.wave(batch=patient)
    different: dict[str, Any] = {}
    for migration in registry.everything():
        (run,) = moves.planned((migration.phase,), of=wave, only=[migration.name])
        copies(world, run, FEW + MANY)
        coordinator.start(run, timezone.now())
        few, small = batch(run, FEW)
        many, large = batch(run, MANY)
        assert (few, many) == (FEW, MANY), migration.name
        if grown := more_often(small, large):
            different[migration.name] = grown
        Run.objects.filter(pk=run.pk).update(batch_size=500)
        moves.drive([run])
    assert different == {}, "\n".join(f"{name}: {grown}" for name, grown in different.items())
