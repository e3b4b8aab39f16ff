"""What the record asks the work, which it may not import: filled in by `entities` when Django starts.

work.provide(schools=…, migrations=…)      # in entities.apps
work.schools()                             # {1: "Verbier"}, empty when legacy does not answer
work.migrations(3)                         # names of the migrations of phase 3
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import Error

Schools = Callable[[], dict[int, str]]
Migrations = Callable[[int], Sequence[str]]


class NotProvided(RuntimeError):
    """Nobody told the record about the work: the application `entities` is not installed."""


def _nobody(*_: object) -> dict[int, str]:
    raise NotProvided("the application `entities` did not say what it can do")


_schools: Schools = _nobody
_migrations: Migrations = _nobody  # type: ignore[assignment]


def provide(*, schools: Schools, migrations: Migrations) -> None:
    global _schools, _migrations
    _schools, _migrations = schools, migrations


def schools() -> dict[int, str]:
    """Names of the legacy schools by id; empty when the legacy database does not answer."""
    try:
        return _schools()
    except Error:
        return {}


def migrations(phase: int) -> Sequence[str]:
    """Names of the migrations that a phase consists of, in dependency order."""
    return _migrations(phase)
