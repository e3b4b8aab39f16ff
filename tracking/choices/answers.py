"""The answers that hold for one wave: for all schools, and where a school decided otherwise."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _

from .catalogue import ALL, find, parse
from .errors import ChoiceInvalid

Answers = Mapping[str, Mapping[int | None, Any]]


class Choices:
    """Immutable set of answers. What nobody decided has its default.

    `get("Q-06", school=3)` and `of("missing_birth_date", school=3)` mean the same: the
    answer of that legacy school, else the answer for all schools, else the default.
    """

    def __init__(self, answers: Answers | None = None) -> None:
        """For canonical values only; operators' input goes through `with_values`."""
        self._answers: Answers = MappingProxyType(
            {key: MappingProxyType(dict(values)) for key, values in (answers or {}).items() if values}
        )

    @classmethod
    def defaults(cls) -> Choices:
        return cls()

    def with_values(self, values: Mapping[str, Mapping[int | str | None, Any]]) -> Choices:
        """A new set with these answers added: `{"Q-06": {None: "null"}, "Q-07": {3: "EUR"}}`.

        The inner key is None for all schools or a legacy school id; `""` and digits, as JSON
        stores them, are understood. Keys may be short names. Every value is parsed; the
        first one that is invalid, not built or for a school where only one answer for all
        is possible raises a ChoiceError.
        """
        answers = {key: dict(by_school) for key, by_school in self._answers.items()}
        for name, by_school in values.items():
            question = find(name)
            own = answers.setdefault(question.key, {})
            given = {_school(question.key, school): raw for school, raw in by_school.items()}
            for school in sorted(given, key=lambda school: -1 if school is None else school):
                if school is not None and not question.per_school:
                    raise ChoiceInvalid(question.key, given[school], _("one answer for all schools"))
                base = own.get(None, question.standard)
                own[school] = parse(question.key, given[school], base)
        return Choices(answers)

    def get(self, key: str, school: int | None = None) -> Any:
        """The answer to a choice by key or short name; an unknown one raises ChoiceUnknown."""
        by_school = self._answers.get(key)
        if by_school is None:
            question = find(key)
            by_school = self._answers.get(question.key)
            if by_school is None:
                return question.standard
            key = question.key
        if school in by_school:
            return by_school[school]
        return by_school[None] if None in by_school else ALL[key].standard

    of = get

    def as_json(self) -> dict[str, dict[str, Any]]:
        """What was decided, for storing; `with_values` of it gives an equal set."""
        return {
            key: {
                "" if school is None else str(school): ALL[key].dump(value)
                for school, value in sorted(by_school.items(), key=lambda item: item[0] or 0)
            }
            for key, by_school in sorted(self._answers.items())
        }

    def fingerprint(self) -> str:
        """SHA-256 of all answers in force; equal for sets that answer every question alike."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        text = json.dumps(self._in_force(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def _in_force(self) -> dict[str, dict[str, Any]]:
        """Each question with its answer for all, and the schools whose answer differs from it."""
        found = {}
        for key, question in ALL.items():
            general = self.get(key)
            found[key] = {"": question.dump(general)}
            for school, value in self._answers.get(key, {}).items():
                if school is not None and value != general:
                    found[key][str(school)] = question.dump(value)
        return found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Choices) and self._in_force() == other._in_force()

    def __hash__(self) -> int:
        return hash(self.fingerprint())

    def __reduce__(self) -> tuple[Any, ...]:
        return (Choices, ({key: dict(values) for key, values in self._answers.items()},))

    def __repr__(self) -> str:
        return f"Choices({self.as_json()!r})"


def _school(key: str, school: int | str | None) -> int | None:
    if school is None or school == "":
        return None
    text = str(school).strip()
    if isinstance(school, bool) or not (text.isascii() and text.isdigit()):
        raise ChoiceInvalid(key, school, _("a legacy school id, or nothing for all schools"))
    return int(text)
