"""The state of one build: where rows go, what day it is, and what later steps need to know of earlier."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from demo import pools
from demo.sink import Sink

ONE_DAY = timedelta(days=1)


@dataclass
class Person:
    """A client as bookings need him. `level` is a global degree id."""

    id: int
    locale: str
    level: int


@dataclass
class Family:
    payer: Person
    members: list[Person]


@dataclass
class School:
    """A school and what may be picked from it. `degrees` maps (sport, global degree) to the school's row."""

    id: int
    name: str
    locale: str
    currency: str
    weight: float
    stations: list[int]
    sports: list[int]
    salary_levels: list[int] = field(default_factory=list)
    degrees: dict[tuple[int, int], int] = field(default_factory=dict)
    goals: dict[int, list[int]] = field(default_factory=dict)
    monitors: list[int] = field(default_factory=list)
    administrators: list[int] = field(default_factory=list)
    families: deque[Family] = field(default_factory=lambda: deque(maxlen=120))


class World:
    """Everything random comes from streams named after their purpose, so that more of one thing never
    changes another: `world.draw("people")` is the same sequence whatever else was built.
    """

    def __init__(self, sink: Sink, *, bookings: int, seed: int, today: str) -> None:
        self.sink = sink
        self.add = sink.add
        self.bookings = bookings
        self.seed = seed
        self.today = date.fromisoformat(today)
        self.schools: list[School] = []
        self.stations: list[int] = []
        self.degrees: list[int] = []
        self.pools = pools.pools(seed)
        self.passwords = pools.passwords(seed)
        self.envelopes = pools.envelopes(seed)
        self._draws: dict[str, random.Random] = {}

    def draw(self, purpose: str) -> random.Random:
        if purpose not in self._draws:
            self._draws[purpose] = random.Random(f"{purpose}/{self.seed}")
        return self._draws[purpose]

    @property
    def current_season(self) -> int:
        """The year in which the running season began; seasons turn on 1 September."""
        return self.today.year if self.today.month >= 9 else self.today.year - 1

    @property
    def served(self) -> list[School]:
        """The schools that have clients; in a tiny demo some have none."""
        return [school for school in self.schools if school.families]

    @property
    def seasons(self) -> list[int]:
        """The years in which the last five seasons began, oldest first."""
        return list(range(self.current_season - 4, self.current_season + 1))

    def day(self, offset: int) -> str:
        """The day `offset` days from today, as ISO text."""
        return (self.today + timedelta(days=offset)).isoformat()

    def stamps(self, day: date, purpose: str = "stamps") -> dict[str, str]:
        """created_at on that day and updated_at a little later, never after today."""
        draw = self.draw(purpose)
        created = min(day, self.today - ONE_DAY)
        updated = min(created + timedelta(days=draw.randrange(0, 20)), self.today - ONE_DAY)
        return {"created_at": moment(created, draw), "updated_at": moment(updated, draw, late=True)}


def moment(day: date, draw: random.Random, late: bool = False) -> str:
    hour = draw.randrange(16, 22) if late else draw.randrange(7, 16)
    return f"{day.isoformat()} {hour:02d}:{draw.randrange(60):02d}:{draw.randrange(60):02d}"


@lru_cache(maxsize=4096)
def iso(day: date) -> str:
    return day.isoformat()
