"""One choice: what is asked, which answers there are, which one holds unless somebody decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from .compound import Composite
from .errors import ChoiceInvalid, ChoiceNotBuilt
from .kinds import Enum, Kind, NotAllowed


@dataclass(frozen=True)
class Question:
    """A choice Q-nn. `default` is written as an operator would write it and parsed at import.

    `per_school`: each school may have its own answer; else only one answer for all is accepted.
    """

    key: str
    name: str
    question: str | Promise
    kind: Kind
    default: Any
    per_school: bool = False
    standard: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "standard", self.parse(self.default))

    def parse(self, raw: Any, base: Any = None) -> Any:
        """The canonical value; parts that are not given come from `base`, else from the default.

        Raises ChoiceInvalid for what is not an answer at all, ChoiceNotBuilt for an answer
        whose branch does not exist.
        """
        try:
            value = self._read(raw, base)
        except NotAllowed as error:
            raise ChoiceInvalid(
                self.key, raw if error.value is None else error.value, error.allowed
            ) from None
        missing = self.kind.unbuilt(value)
        if missing is not None:
            raise ChoiceNotBuilt(self.key, missing, self.kind.built_text())
        return value

    def _read(self, raw: Any, base: Any) -> Any:
        if not isinstance(self.kind, Composite):
            return self.kind.parse(raw)
        if base is None and hasattr(self, "standard"):
            base = self.standard
        return self.kind.parse(raw, base)

    def dump(self, value: Any) -> Any:
        """The value as JSON can hold it; `parse` of it gives the value back."""
        return self.kind.dump(value)


def one_of(built: Iterable[str] = (), /, **values: str | Promise) -> Enum:
    """An Enum whose first word is the built one, unless `built` names others or says `*`."""
    words = tuple(built) or (next(iter(values)),)
    return Enum(values, built=None if words == ("*",) else words)
