"""Planning, applying and undoing the preparation of V5."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby

from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from entities.engine import schema, vendors
from entities.preparation import encoding, record, servers
from entities.preparation.errors import PreparationRefused, said
from entities.preparation.steps import CreateTable, Step, conversion, declared, from_record
from entities.preparation.tables import MAP, MAP_BEFORE


def plan() -> list[Step]:
    """The steps that this V5 database still needs, in order, text conversions last.

    Reads both databases and changes neither. A conversion is planned for the columns that legacy text
    does not fit (GR-11, Q-02).
    """
    refuse_equal_databases()
    schema.forget("v5")
    return [*_missing(), *_conversions()]


def is_prepared() -> list[str]:
    """What a run would miss in V5; empty when it is prepared. Text conversions are a choice, not a need."""
    if _missing():
        schema.forget("v5")  # it may have been prepared since this process last looked
    return [f"{step.name}: {step.reason}" for step in _missing()]


def _missing() -> list[Step]:
    live = schema.live("v5")
    return [step for step in declared() if step.is_needed(live)]


def _conversions() -> list[Step]:
    found = sorted(encoding.scan(), key=lambda item: (item.v5_table, item.v5_column))
    steps = []
    for table, items in groupby(found, key=lambda item: item.v5_table):
        listed = list(items)
        columns = tuple(dict.fromkeys(item.v5_column for item in listed))
        steps.append(conversion(table, columns, "; ".join(item.sentence for item in listed) + " (GR-11)"))
    return steps


def apply(steps: Iterable[Step], done: Callable[[Step], None] = lambda step: None) -> list[Step]:
    """Apply the steps that are still needed and return them.

    Each is recorded before and dated after its statements. Stops at the first step that cannot be
    applied, with PreparationRefused; what was applied before stays, is recorded and can be undone.
    """
    refuse_equal_databases()
    connection = connections["v5"]
    connection.ensure_connection()
    servers.of(connection).begin(connection)
    schema.forget("v5")
    applied = []
    for step in steps:
        if not step.is_needed(schema.live("v5")):
            continue
        _refuse_obstacle(step)
        record.create()
        _run_recorded(step)
        applied.append(step)
        done(step)
    return applied


def _refuse_obstacle(step: Step) -> None:
    if why := step.obstacle(schema.live("v5")):
        raise PreparationRefused(f"{step.name}: {why}")


def _run_recorded(step: Step) -> None:
    connection = connections["v5"]
    try:
        record.begin(step.name, step.memo(connection))
        _execute(step.do(connection))
        record.finish(step.name, timezone.now())
    except (DatabaseError, ValueError) as error:
        raise PreparationRefused(
            f"{step.name}: {said(error)}. Steps before it stay applied; repair the cause and apply again."
        ) from None  # the server's own words may quote a record
    finally:
        schema.forget("v5")


def _execute(statements: list[str]) -> None:
    """Run statements as one transaction where data definition can be part of one (SQLite)."""
    with transaction.atomic(using="v5"), connections["v5"].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def undo(done: Callable[[Step], None] = lambda step: None) -> list[Step]:
    """Take back exactly what was applied, last first, and return it.

    Refuses before the first change when the id map or anything else we added holds data: roll the
    migration back first.
    """
    schema.forget("v5")
    recorded = [(entry, _known(entry)) for entry in reversed(record.all_steps())]
    _refuse_data([step for _, step in recorded])
    connection = connections["v5"]
    connection.ensure_connection()
    servers.of(connection).begin(connection)
    for entry, step in recorded:
        _take_back(step, entry.memo)
        done(step)
    if record.exists():
        record.drop()
    return [step for _, step in recorded]


def _known(entry: record.Recorded) -> Step:
    step = from_record(entry.name, entry.memo)
    if step is None:
        raise PreparationRefused(
            f"the recorded step {entry.name!r} is unknown to this version: undo it by hand"
        )
    return step


def _refuse_data(steps: list[Step]) -> None:
    live = schema.live("v5")
    reasons = [why for step in steps if (why := step.in_the_way(live))]
    if reasons:
        raise PreparationRefused(
            "nothing was undone: " + "; ".join(reasons) + ". Roll the migration back first, then undo."
        )


def _take_back(step: Step, memo: str) -> None:
    try:
        if _is_in_place(step):
            _execute(step.undo(connections["v5"], memo))
        record.forget(step.name)
    except DatabaseError as error:
        raise PreparationRefused(
            f"{step.name} could not be undone: {said(error)}. Repair the cause, undo again."
        ) from None
    finally:
        schema.forget("v5")


def _is_in_place(step: Step) -> bool:
    """Is there something to take back? Not after a crash between the record and the statement."""
    live = schema.live("v5")
    if step.name.startswith("rename "):
        return MAP_BEFORE in live.tables and MAP.name not in live.tables
    if isinstance(step, CreateTable):
        return step.table.name in live.tables and not step.is_needed(live)
    return not step.is_needed(live)


def refuse_equal_databases() -> None:
    """GR-01: legacy and V5 must be two databases; so must the panel's own."""
    places: dict[str, str] = {}
    for alias in ("default", "legacy", "v5"):
        connection = connections[alias]
        try:
            connection.ensure_connection()
            place = str(vendors.of(connection).identity(connection))
        except DatabaseError as error:
            raise PreparationRefused(
                f"the {alias} database cannot be reached: {error}. Check {VARIABLES[alias]} and the server."
            ) from error
        if place in places:
            raise PreparationRefused(
                f"{alias} and {places[place]} are the same database (GR-01):"
                f" give {VARIABLES[alias]} and {VARIABLES[places[place]]} different databases"
            )
        places[place] = alias


VARIABLES = {"default": "DATABASE_URL", "legacy": "LEGACY_DATABASE_URL", "v5": "V5_DATABASE_URL"}
