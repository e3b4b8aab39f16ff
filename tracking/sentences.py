"""Sentences that are kept in English and said in the language of whoever reads them.

Whoever writes: `sentence("%(n)s records failed", n=5)`. It is a plain English text for logs, commands and exports; the
column beside it (`<column>_facts`) keeps the English template and its facts, and `Told` says them through gettext.
`make messages` collects the templates, so they are written out as literals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import translation
from django.utils.functional import Promise

PLAIN = (int, float, bool, type(None))


class Sentence(str):
    """An English text that remembers its template and facts. What slices or joins it gets plain text."""

    template: str
    facts: Mapping[str, Any]
    parts: tuple[str, ...] = ()


def sentence(template: str, /, **facts: Any) -> Sentence:
    """The template filled with its facts. A fact that is a sentence or a lazy text is said to the reader as well."""
    if isinstance(template, Sentence) and not facts:
        return template
    made = Sentence(template % {name: _english(fact) for name, fact in facts.items()} if facts else template)
    made.template, made.facts = template, facts
    return made


def joined(between: str, parts: Iterable[str]) -> Sentence:
    """Several sentences as one."""
    listed = tuple(parts)
    made = Sentence(between.join(listed))
    made.template, made.facts, made.parts = between, {}, listed
    return made


def again(text: str, facts: Any) -> Sentence | str:
    """A kept text as a sentence, to be a fact of another one."""
    if not isinstance(facts, dict):
        return sentence(text) if text else ""
    if "parts" in facts:
        return joined(facts["between"], (again(str(part), part) for part in facts["parts"]))
    inner = facts.get("facts", {})
    return sentence(
        facts["text"],
        **{name: again("", one) if isinstance(one, dict) else one for name, one in inner.items()},
    )


def columns(name: str, text: str, longest: int) -> dict[str, Any]:
    """What a record keeps of a text: `{name: the English text, name_facts: what tells it in other languages}`."""
    return {name: str(text)[:longest], f"{name}_facts": _packed(text) if isinstance(text, Sentence) else None}


def facts_of(text: Any) -> Any:
    """Template and facts as JSON holds them; None for a text that is its own template."""
    if not isinstance(text, Sentence) or not (text.facts or text.parts):
        return None
    if text.parts:
        return {"between": text.template, "parts": [_packed(part) for part in text.parts]}
    return {"text": text.template, "facts": {name: _packed(fact) for name, fact in text.facts.items()}}


def packed(message: Any) -> Any:
    """A message for a list in JSON; `unpacked` says it to the reader."""
    return _packed(message)


def unpacked(kept: Any) -> str:
    """What `packed` made, or a plain text, in the language of the reader."""
    if isinstance(kept, dict):
        return tell(str(again("", kept)), kept)
    return tell(str(kept))


def tell(text: str, facts: Any = None) -> str:
    """The text as the reader says it; what cannot be translated stays as it was written."""
    if not text or translation.get_language() == "en" or not isinstance(facts, dict | None):
        return text
    try:
        return _said(text) if facts is None else str(_unpacked(facts))
    except (AttributeError, KeyError, TypeError, ValueError):  # kept by another version
        return text


def told(message: Any) -> str:
    """A message that may be a sentence, in the language of the reader."""
    return tell(message, facts_of(message)) if isinstance(message, Sentence) else str(message)


class Told:
    """On a model: `told_message = Told("message")` tells the column `message` with the facts beside it.

    `typed`: a person may have written the text; without facts it is shown as it stands.
    """

    def __init__(self, column: str, *, typed: bool = False) -> None:
        self.column, self.typed = column, typed

    @property
    def short_description(self) -> str:
        """What the panel calls the column."""
        from tracking.labels import FIELDS

        return str(FIELDS.get(self.column, self.column.replace("_", " ")))

    def __get__(self, record: Any, owner: Any = None) -> Any:
        if record is None:
            return self
        text, facts = getattr(record, self.column), getattr(record, f"{self.column}_facts")
        return text if self.typed and facts is None else tell(text, facts)


def _english(fact: Any) -> Any:
    if isinstance(fact, Promise):
        with translation.override("en"):
            return str(fact)
    return fact


def _packed(fact: Any) -> Any:
    if isinstance(fact, Sentence):
        return facts_of(fact) or {"text": fact.template}
    if isinstance(fact, Promise):
        return {"text": _english(fact)}
    return fact if isinstance(fact, PLAIN) else str(fact)


def _unpacked(packed: Any) -> Any:
    if not isinstance(packed, dict):
        return packed
    if "parts" in packed:
        return str(packed["between"]).join(str(_unpacked(part)) for part in packed["parts"])
    said = _said(packed["text"])
    if "facts" not in packed:
        return said
    return said % {name: _unpacked(fact) for name, fact in packed["facts"].items()}


def _said(text: str) -> str:
    """A template by gettext, or one of the listed words (whose translation depends on their kind)."""
    from tracking import words

    return words.said(text) if text in words.ALL else translation.gettext(text)
