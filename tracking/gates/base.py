"""A gate: one condition of a phase that must be green, or waived, before the phase can be signed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from tracking.models import Phase, Waiver


class Colour(StrEnum):
    GREEN = "green"
    RED = "red"
    WAIVED = "waived"


@dataclass(frozen=True)
class Link:
    """A number that opens the records behind it: `filters` of the list of `model`, or a `page` by name and `args`."""

    text: str
    model: str
    filters: dict[str, Any] = field(default_factory=dict)
    page: str = ""
    args: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What a gate saw. `violated` is what is wrong, as plain JSON: a waiver is bound to its fingerprint.

    `amounts` is the money at stake by currency.
    """

    message: str
    violated: dict[str, Any] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    amounts: dict[str, Decimal] = field(default_factory=dict)

    @property
    def is_red(self) -> bool:
        return bool(self.violated)

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(canonical(self.violated).encode()).hexdigest()


@dataclass(frozen=True)
class Judged:
    """A gate with what it saw and the waiver that lets it through, if any."""

    gate: Gate
    reading: Reading
    waiver: Waiver | None = None

    @property
    def colour(self) -> Colour:
        if not self.reading.is_red:
            return Colour.GREEN
        return Colour.WAIVED if self.waiver else Colour.RED


class Gate:
    """Write `id`, `title`, `phases` and `read`. A reading without `violated` is green.

    `read` must be cheap: counts by index, nothing that needs the legacy or the V5 database. Whatever it raises
    makes the gate red. `waivable` False: no person can let it through.
    """

    id: ClassVar[str] = ""
    title: ClassVar[Any] = ""
    phases: ClassVar[tuple[int, ...]] = (1, 2, 3, 4, 5, 6)
    production_only: ClassVar[bool] = False
    waivable: ClassVar[bool] = True

    def asks(self, phase: Phase) -> bool:
        """Whether this phase has to pass this gate."""
        return phase.number in self.phases and (not self.production_only or phase.wave.kind == "production")

    def read(self, phase: Phase, now: datetime) -> Reading:
        raise NotImplementedError(f"gate {self.id} looks at nothing")


def canonical(facts: Any) -> str:
    """The one JSON text of some facts: sorted keys, no spaces, decimals as text."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
