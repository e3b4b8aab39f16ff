"""Kinds of field: where the value of a V5 column comes from and how it is converted.

A field compiles to a step `(row, given, env) -> value` that raises BadValue; a field with a `Fallback`
is flagged instead of rejecting its row. The same declaration feeds the transform, the comparison of
both sides, the catalogue and the column coverage.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from entities.engine.errors import BadValue, WrongDeclaration
from tracking.sentences import Sentence, sentence

Step = Callable[[Any, dict[str, Any], Any], Any]
AS_IT_IS = sentence("as it is")
CONVERTED = {
    "timestamp": sentence("date and time"), "flag": sentence("yes or no"), "money": sentence("an amount"),
    "lower": sentence("in small letters"), "email": sentence("an e-mail address"), "day": sentence("a day"),
    "empty_when_null": sentence("as it is, empty instead of NULL"), "name": sentence("a name"), "text": sentence("a text"),
    "zero_when_null": sentence("as it is, 0 instead of NULL"), "picture": sentence("a picture"),
    "required_date": sentence("a day, which must not be missing"), "subtype": sentence("the kind of course"),
    "required_time": sentence("a time, which must not be missing"), "password": sentence("the stored hash, as it is"),
}  # fmt: skip


@dataclass(frozen=True)
class Fallback:
    """What a bad value becomes: `value`, with a warning and the original kept in additional data."""

    value: Any = None
    warn: str = ""
    keep: bool = True


class Field:
    """A V5 column. `sources` are the legacy columns it reads: "column", or "table.column" of a child."""

    def __init__(self, *, bad: Fallback | None = None, rule: str = "", sources: tuple[str, ...] = ()) -> None:
        self.bad, self.rule, self.sources = bad, rule, sources
        self.name = self.column = ""

    def bind(self, name: str) -> None:
        self.name = name

    def step(self, position: dict[str, int]) -> Step:
        """The compiled conversion; `position` maps legacy column to its index in the row."""
        raise NotImplementedError(f"{type(self).__name__} has no conversion")

    def describe(self) -> Sentence:
        """How the value is made, for the catalogue."""
        raise NotImplementedError(f"{type(self).__name__} has no description")


class Copy(Field):
    """A legacy column, converted: `Copy("price_total", money)`; without a name, the column of the same name."""

    def __init__(
        self,
        source: str = "",
        convert: Callable[[Any], Any] | None = None,
        *,
        bad: Fallback | None = None,
        rule: str = "",
    ) -> None:
        super().__init__(bad=bad, rule=rule, sources=(source,) if source else ())
        self.source, self.convert = source, convert

    def bind(self, name: str) -> None:
        super().bind(name)
        if self.source == name:
            raise WrongDeclaration(f"{name}: the source has the same name; leave it out")
        self.source = self.source or name
        self.sources = (self.source,)

    def step(self, position: dict[str, int]) -> Step:
        index, convert = position[self.source], self.convert
        if convert is None:
            return lambda row, given, env: row[index]
        return lambda row, given, env: convert(row[index])

    def describe(self) -> Sentence:
        if self.convert is None:
            return AS_IT_IS
        name = getattr(self.convert, "__name__", "")
        return CONVERTED.get(name, sentence(name.replace("_", " ")) if name.isidentifier() else AS_IT_IS)


class Parent(Field):
    """The V5 id of another record, through the id map.

    An unknown parent rejects the row with `missing`; with `required=False` it becomes NULL with a warning.
    """

    def __init__(
        self, entity: str, source: str = "", *, missing: str, required: bool = True, rule: str = ""
    ) -> None:
        super().__init__(bad=None if required else Fallback(None, missing), rule=rule)
        self.entity, self.source, self.missing, self.required = entity, source, missing, required

    def bind(self, name: str) -> None:
        super().bind(name)
        self.source = self.source or name
        self.sources = (self.source,)

    def step(self, position: dict[str, int]) -> Step:
        index, entity, required, missing = position[self.source], self.entity, self.required, self.missing

        def look_up(row: Any, given: dict[str, Any], env: Any) -> int | None:
            legacy_id = row[index]
            if legacy_id is None and not required:
                return None
            found: int | None = env.known[entity].get(legacy_id)
            if found is None:
                raise BadValue(
                    missing,
                    sentence("%(entity)s %(id)s has no V5 record", entity=sentence(entity), id=legacy_id),
                )
            return found

        return look_up

    def describe(self) -> Sentence:
        return sentence("V5 id of the %(entity)s", entity=sentence(self.entity))


class Const(Field):
    """The same value for every row. `column` names the V5 column where the attribute cannot."""

    def __init__(self, value: Any, *, rule: str = "", column: str = "") -> None:
        super().__init__(rule=rule)
        self.value, self.column = value, column

    def step(self, position: dict[str, int]) -> Step:
        value = self.value
        return lambda row, given, env: value

    def describe(self) -> Sentence:
        return sentence("always %(value)s", value=repr(self.value))


class Computed(Field):
    """A value made from several legacy columns of the row: `function(row, env)`; `uses` names them."""

    def __init__(
        self,
        function: Callable[[Any, Any], Any],
        *,
        uses: tuple[str, ...],
        bad: Fallback | None = None,
        rule: str = "",
    ) -> None:
        super().__init__(bad=bad, rule=rule, sources=uses)
        self.function = function

    def step(self, position: dict[str, int]) -> Step:
        function = self.function
        return lambda row, given, env: function(row, env)

    def describe(self) -> Sentence:
        return sentence((self.function.__doc__ or self.function.__name__).strip().splitlines()[0])


class Given(Field):
    """A value that the aggregate's transform works out; `uses` names the legacy columns it rests on."""

    def __init__(self, says: str, *, uses: tuple[str, ...] = (), rule: str = "") -> None:
        super().__init__(rule=rule, sources=uses)
        self.says = says

    def step(self, position: dict[str, int]) -> Step:
        name = self.name
        return lambda row, given, env: given[name]

    def describe(self) -> Sentence:
        return sentence(self.says)


class Stamp(Field):
    """The time of the migration itself (`migrated_at`); not part of the record's content."""

    def step(self, position: dict[str, int]) -> Step:
        return lambda row, given, env: env.now

    def describe(self) -> Sentence:
        return sentence("time of the migration")
