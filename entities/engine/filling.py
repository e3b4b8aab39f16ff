"""Filling a V5 row from a legacy row: what needs no function of its own per value is fetched in bulk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from entities.engine.fields import Const, Copy, Field, Given

Several = Callable[[Any], tuple[Any, ...]]


class Filling:
    """The compiled fields of a mapping: called with (row, given, env), gives their values in their order.

    Raises BadValue at the first value that cannot be converted.
    """

    def __init__(self, fields: Sequence[Field], position: dict[str, int]) -> None:
        constants = [place for place, field in enumerate(fields) if isinstance(field, Const)]
        copies = [
            place for place, field in enumerate(fields) if isinstance(field, Copy) and field.convert is None
        ]
        given = [place for place, field in enumerate(fields) if isinstance(field, Given)]
        converted = [place for place, field in enumerate(fields) if isinstance(field, Copy) and field.convert]
        others = sorted(set(range(len(fields))) - {*constants, *copies, *given, *converted})
        self._constants = tuple(fields[place].value for place in constants)  # type: ignore[attr-defined]
        self._copies = several([position[fields[place].sources[0]] for place in copies])
        self._given = several([fields[place].name for place in given])
        self._converted = [
            (field.convert, position[field.source])
            for field in fields
            if isinstance(field, Copy) and field.convert
        ]
        self._steps = [fields[place].step(position) for place in others]
        found = [*constants, *copies, *given, *converted, *others]
        self._in_order = several([found.index(place) for place in range(len(fields))])

    def __call__(self, row: Any, given: dict[str, Any], env: Any) -> tuple[Any, ...]:
        made = [step(row, given, env) for step in self._steps]
        converted = [convert(row[index]) for convert, index in self._converted]
        return self._in_order((*self._constants, *self._copies(row), *self._given(given), *converted, *made))


def several(keys: Sequence[Any]) -> Several:
    """`itemgetter` that always answers with a tuple, also for one key or none."""
    if not keys:
        return lambda thing: ()
    if len(keys) == 1:
        return lambda thing: (thing[keys[0]],)
    return itemgetter(*keys)
