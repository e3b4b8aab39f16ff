"""Evaluations of clients with their goals and pictures (4.12.6)."""

from __future__ import annotations

from entities.clients.mappings import EvaluationFileMapping, EvaluationGoalMapping, EvaluationMapping
from entities.engine import resolvers
from entities.engine.environment import Env
from entities.engine.errors import BadValue
from entities.engine.values import Aggregate, Entry, Row, Unit
from tracking.sentences import sentence

people = resolvers.of("users").people


LONGEST_NAME = 255


def settle(unit: Unit, env: Env, client: Entry, aggregate: Aggregate) -> None:
    """Every evaluation with something in it, and what belongs to it."""
    for row in aggregate.rows("evaluations"):
        goals = aggregate.rows("goals", of=row.id)
        files = aggregate.rows("files", of=row.id)
        school = env.facts.school_of_degree.get(row.degrees_school_sport_id)
        before = len(unit.entries)
        if people.is_left_out(env, school):
            _leave_out(unit, client, row, [*goals, *files], "OUT_OF_SCOPE_SCHOOL")
        elif not ((row.observations or "").strip() or goals or any(_has_picture(file) for file in files)):
            _leave_out(unit, client, row, files, "EMPTY")
        else:
            _settle_one(unit, env, client, row, goals, files)
        for entry in unit.entries[before:]:
            entry.school_id = school


def _has_picture(file: Row) -> bool:
    return bool((file.image or "").strip())


def _entity(row: Row) -> str:
    return {"evaluation_files": "evaluation_file", "evaluation_fulfilled_goals": "evaluation_goal"}.get(
        row._table, "evaluation"
    )


def _leave_out(unit: Unit, client: Entry, row: Row, parts: list[Row], reason: str) -> None:
    for one in (row, *parts):
        unit.skip(_entity(one), one, reason, archive=False, under=client)


def _settle_one(unit: Unit, env: Env, client: Entry, row: Row, goals: list[Row], files: list[Row]) -> None:
    entry = unit.draft(EvaluationMapping, row, {"client_id": client.v5_id}, under=client)
    for part in (*goals, *files):
        if entry.rejected:
            unit.reject(
                _entity(part),
                part,
                "PARENT_REJECTED",
                "evaluation_id",
                sentence("its evaluation was rejected"),
                under=entry,
            )
        elif part._table == "evaluation_files":
            _file(unit, entry, part)
        else:
            given = {"evaluation_id": entry.v5_id, "score": env.choices.of("goal_score")}
            unit.draft(EvaluationGoalMapping, part, given, under=entry)


def _file(unit: Unit, evaluation: Entry, row: Row) -> None:
    if not _has_picture(row):
        unit.skip("evaluation_file", row, "EMPTY", archive=False, under=evaluation)
        return
    fault: BadValue | None = None
    try:
        url = unit.image(row.image)
    except BadValue as error:
        url, fault = None, error
    name = (url or "").rsplit("/", 1)[-1][-LONGEST_NAME:] or None
    given = {"evaluation_id": evaluation.v5_id, "name": name, "file": url}
    entry = unit.draft(EvaluationFileMapping, row, given, under=evaluation)
    if fault is not None and not entry.rejected:
        entry.warn(fault.code, "image", fault.message)
