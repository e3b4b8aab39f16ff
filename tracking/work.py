"""What the record asks the work, which it may not import: filled in by `entities` when Django starts.

work.provide(schools=…, migrations=…, entity_types=…, checks=…)      # in entities.apps
work.schools()                             # {1: "Verbier"}, empty when legacy does not answer
work.migrations(3)                         # names of the migrations of phase 3
work.entity_types(3)                       # kinds of record that only phase 3 moves
work.checks()                              # every check with its title and severity
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import Error

Schools = Callable[[], dict[int, str]]
Migrations = Callable[[int], Sequence[str]]
EntityTypes = Callable[[], dict[str, set[int]]]


@dataclass(frozen=True)
class CheckFacts:
    """What the record knows of a check: `severity` B, W or I; `when` the letters of its moments; `phase` the first one.

    `twin`: it can be asked of legacy alone, before the load.
    """

    id: str
    title: Any
    how: Any
    severity: str
    when: str
    phase: int
    twin: bool = False


class NotProvided(RuntimeError):
    """Nobody told the record about the work: the application `entities` is not installed."""


def _nobody(*_: object) -> dict[int, str]:
    raise NotProvided("the application `entities` did not say what it can do")


_schools: Schools = _nobody
_migrations: Migrations = _nobody  # type: ignore[assignment]
_entity_types: EntityTypes = _nobody  # type: ignore[assignment]
_checks: Callable[[], Sequence[CheckFacts]] = _nobody  # type: ignore[assignment]


def provide(
    *,
    schools: Schools,
    migrations: Migrations,
    entity_types: EntityTypes,
    checks: Callable[[], Sequence[CheckFacts]],
) -> None:
    global _schools, _migrations, _entity_types, _checks
    _schools, _migrations, _entity_types, _checks = schools, migrations, entity_types, checks


def schools() -> dict[int, str]:
    """Names of the legacy schools by id; empty when the legacy database does not answer."""
    try:
        return _schools()
    except Error:
        return {}


def migrations(phase: int) -> Sequence[str]:
    """Names of the migrations that a phase consists of, in dependency order."""
    return _migrations(phase)


def entity_types(phase: int | None = None) -> set[str]:
    """Kinds of record that this phase moves and no other; without a phase, those of one phase only, whichever."""
    alone = {name: phases for name, phases in _entity_types().items() if len(phases) == 1}
    return {name for name, phases in alone.items() if phase is None or phase in phases}


def checks() -> Sequence[CheckFacts]:
    """Every check, in the order of the rules."""
    return _checks()
