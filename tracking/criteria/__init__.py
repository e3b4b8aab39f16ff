"""The strategy's success criteria, live: what each asks for, what speaks for it now, and whether it is met.

read(wave, now) -> [Reading]       every criterion of a wave; never "met" where nothing was measured
by_key(key) -> Criterion | None
"""

from tracking.criteria.declared import ALL, Criterion, by_key
from tracking.criteria.reading import Reading, State, read

__all__ = ["ALL", "Criterion", "Reading", "State", "by_key", "read"]
