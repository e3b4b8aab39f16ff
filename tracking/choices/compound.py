"""Kinds that are made of other kinds: lists of ids, tables and answers of several parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from .kinds import ANY, Kind, NotAllowed, from_text


class Parts(Mapping[str, Any]):
    """A read-only mapping whose words are attributes too: `batch.size` and `batch["size"]`."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[Any, Any]) -> None:
        object.__setattr__(self, "_values", dict(values))

    def __getitem__(self, name: Any) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._values[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("The parts of a choice cannot be changed.")

    def __reduce__(self) -> tuple[Any, ...]:
        return (Parts, (self._values,))

    def __repr__(self) -> str:
        return f"Parts({self._values!r})"


class Ids(Kind):
    """A set of legacy ids as a sorted tuple; with `all_word`, the word `all` means None: no limit."""

    def __init__(self, all_word: bool = False) -> None:
        super().__init__()
        self.all_word = all_word

    def parse(self, raw: Any) -> tuple[int, ...] | None:
        raw = from_text(raw)
        if self.all_word and (raw is None or (isinstance(raw, str) and raw.strip().lower() == "all")):
            return None
        items = raw.replace(",", " ").split() if isinstance(raw, str) else raw
        items = [items] if isinstance(items, int) and not isinstance(items, bool) else items
        if isinstance(items, Mapping) or not isinstance(items, Iterable):
            raise NotAllowed(self.allowed(), raw)
        ids = {_positive(item, self.allowed()) for item in items}
        if self.all_word and not ids:
            raise NotAllowed(self.allowed(), raw)
        return tuple(sorted(ids))

    def allowed(self) -> str:
        if self.all_word:
            return _("all, or a list of whole numbers above 0 that is not empty")
        return _("a list of whole numbers above 0")

    def dump(self, value: tuple[int, ...] | None) -> Any:
        return "all" if value is None else list(value)


def _positive(item: Any, allowed: str) -> int:
    text = str(item).strip()
    if isinstance(item, bool) or not text.isascii() or not text.isdigit() or int(text) < 1:
        raise NotAllowed(allowed, item)
    return int(text)


class Words(Kind):
    """Some words of a fixed list, kept in the list's order as a tuple."""

    def __init__(self, words: Iterable[str]) -> None:
        super().__init__()
        self.words = tuple(words)

    def parse(self, raw: Any) -> tuple[str, ...]:
        raw = from_text(raw)
        items = raw.replace(",", " ").split() if isinstance(raw, str) else raw
        if not isinstance(items, list | tuple | set | frozenset):
            raise NotAllowed(self.allowed(), raw)
        chosen = {str(item).strip().lower() for item in items}
        if chosen - set(self.words):
            raise NotAllowed(self.allowed(), raw)
        return tuple(word for word in self.words if word in chosen)

    def allowed(self) -> str:
        return _("a list of words among %(words)s") % {"words": ", ".join(self.words)}

    def dump(self, value: tuple[str, ...]) -> list[str]:
        return list(value)


class Table(Kind):
    """Whole numbers, each with a value: a `Parts` with int keys in rising order."""

    def __init__(self, values: Kind, built: Iterable[Any] | None = ANY) -> None:
        super().__init__(built)
        self.values = values

    def parse(self, raw: Any) -> Parts:
        raw = from_text({} if raw in (None, "") else raw)
        if not isinstance(raw, Mapping):
            raise NotAllowed(self.allowed(), raw)
        found = {_positive(key, self.allowed()): self.values.parse(value) for key, value in raw.items()}
        return Parts(dict(sorted(found.items())))

    def allowed(self) -> str:
        return _("a table of numbers, each with %(what)s") % {"what": self.values.allowed()}

    def dump(self, value: Parts) -> dict[str, Any]:
        return {str(key): self.values.dump(item) for key, item in value.items()}


class Rows(Kind):
    """A list of answers of the same parts, as a tuple."""

    def __init__(self, row: Composite) -> None:
        super().__init__()
        self.row = row

    def parse(self, raw: Any) -> tuple[Parts, ...]:
        raw = from_text([] if raw in (None, "") else raw)
        if not isinstance(raw, list | tuple):
            raise NotAllowed(self.allowed(), raw)
        return tuple(self.row.parse(item) for item in raw)

    def allowed(self) -> str:
        return _("a list of %(what)s") % {"what": self.row.allowed()}

    def dump(self, value: tuple[Parts, ...]) -> list[Any]:
        return [self.row.dump(item) for item in value]


class Composite(Kind):
    """An answer of several named parts.

    Parts that are not given keep the value of `base`, which is the default or, for one
    school, the answer for all schools. `one_word` names the parts that a plain word sets.
    `check` may refuse a combination by raising NotAllowed.
    """

    def __init__(
        self,
        parts: Mapping[str, Kind],
        one_word: Iterable[str] = (),
        check: Callable[[Parts], None] | None = None,
    ) -> None:
        super().__init__()
        self.parts, self.one_word, self.check = dict(parts), tuple(one_word), check

    def parse(self, raw: Any, base: Mapping[str, Any] | None = None) -> Parts:
        raw = from_text(raw)
        if self.one_word and isinstance(raw, str):
            raw = dict.fromkeys(self.one_word, raw)
        if not isinstance(raw, Mapping):
            raise NotAllowed(self.allowed(), raw)
        missing = [name for name in self.parts if name not in raw]
        if set(raw) - set(self.parts) or (base is None and missing):
            raise NotAllowed(self.allowed(), raw)
        value = Parts({name: self._part(name, raw, base or {}) for name in self.parts})
        if self.check:
            self.check(value)
        return value

    def _part(self, name: str, raw: Mapping[str, Any], base: Mapping[str, Any]) -> Any:
        if name not in raw:
            return base[name]
        try:
            return self.parts[name].parse(raw[name])
        except NotAllowed as error:
            value = raw[name] if error.value is None else error.value
            raise NotAllowed(f"{name}: {error.allowed}", value) from None

    def allowed(self) -> str:
        return "{" + "; ".join(f"{name}: {kind.allowed()}" for name, kind in self.parts.items()) + "}"

    def unbuilt(self, value: Parts) -> Any:
        wrong = {name: kind.unbuilt(value[name]) for name, kind in self.parts.items()}
        wrong = {name: part for name, part in wrong.items() if part is not None}
        return wrong or None

    def built_text(self) -> str:
        return "{" + "; ".join(f"{name}: {kind.built_text()}" for name, kind in self.parts.items()) + "}"

    def dump(self, value: Parts) -> dict[str, Any]:
        return {name: kind.dump(value[name]) for name, kind in self.parts.items()}
