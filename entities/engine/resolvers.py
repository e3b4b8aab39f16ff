"""Resolvers (mapping-rules 3.2): how one aggregate asks another, without knowing it.

An aggregate imports the engine and the models of its parents, never another aggregate. What it may ask beyond
the id map (the season of a date, the level of a school, the place of a lesson, the particulars of a person) is a
`resolver` module of the aggregate that knows; this table is the only place that says where it stands, and it is
imported on first use.

    seasons = resolvers.of("seasons")
    seasons.load(read, schools).find(school, "2026-01-07")
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

RESOLVERS: dict[str, str] = {
    "reference": "entities.reference.resolver",
    "degrees": "entities.degrees.resolver",
    "seasons": "entities.seasons.resolver",
    "users": "entities.users.resolver",
    "courses": "entities.courses.resolver",
    "vouchers": "entities.vouchers.resolver",
}


@cache
def of(aggregate: str) -> Any:
    """The resolver module of an aggregate; raises KeyError with those there are."""
    if aggregate not in RESOLVERS:
        raise KeyError(f"{aggregate} has no resolver; there are {', '.join(RESOLVERS)}")
    return import_module(RESOLVERS[aggregate])
