"""Durations in steps of two per cent: adds up over windows and workers, and needs the same memory for any number."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping

SHORTEST = 1e-5  # seconds; what is faster counts as that
STEP = 1.02


class Histogram:
    """Counts by duration class. `as_data` is what a part of a sweep keeps between two steps."""

    def __init__(self, counts: Mapping[str, int] | None = None) -> None:
        self.counts = Counter({int(name): number for name, number in (counts or {}).items()})

    def __len__(self) -> int:
        return self.counts.total()

    def add(self, durations: Iterable[float]) -> None:
        self.counts.update(_class(duration) for duration in durations)

    def merge(self, other: Histogram) -> None:
        self.counts.update(other.counts)

    def percentile(self, share: float) -> float | None:
        """Seconds that `share` (0–1) of the requests did not exceed, to one per cent; None without requests."""
        wanted, seen = math.ceil(share * len(self)), 0
        for step in sorted(self.counts):
            seen += self.counts[step]
            if seen >= max(1, wanted):
                return SHORTEST * STEP ** (step + 0.5)
        return None

    def as_data(self) -> dict[str, int]:
        return {str(step): number for step, number in sorted(self.counts.items())}


def _class(duration: float) -> int:
    return max(0, int(math.log(max(duration, SHORTEST) / SHORTEST) / math.log(STEP)))
