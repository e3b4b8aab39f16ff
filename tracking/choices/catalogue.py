"""All choices by key and by short name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _

from .bookings import BOOKINGS
from .errors import ChoiceUnknown
from .lessons import LESSONS
from .people import PEOPLE
from .question import Question
from .scope import SCOPE

ALL: Mapping[str, Question] = MappingProxyType(
    {
        question.key: question
        for question in sorted((*SCOPE, *PEOPLE, *LESSONS, *BOOKINGS), key=lambda each: each.key)
    }
)
_BY_NAME = {question.name: question for question in ALL.values()}


def find(key: str) -> Question:
    """The choice of that key (`Q-06`) or short name (`missing_birth_date`)."""
    question = ALL.get(key) or _BY_NAME.get(key)
    if question is None:
        said = _("There is no choice %(key)r. Choices run from Q-01 to Q-%(last)s.")
        raise ChoiceUnknown(said % {"key": key, "last": len(ALL)})
    return question


def parse(key: str, raw: Any, base: Any = None) -> Any:
    """The canonical value of an answer given as text, JSON or Python value.

    Raises ChoiceInvalid naming key, value and what is allowed, or ChoiceNotBuilt naming the
    values that are built.
    """
    return find(key).parse(raw, base)
