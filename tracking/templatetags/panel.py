"""Numbers and states as every page of the panel writes them."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from tracking import sentences, words

register = template.Library()


@register.filter
def thousands(number: Any) -> str:
    """1,234,567; a pace below ten keeps one digit."""
    if isinstance(number, float):
        return f"{number:,.1f}" if number < 10 else f"{number:,.0f}"
    return f"{number:,}" if isinstance(number, int) else str(number)


@register.filter
def figure(number: Any) -> str:
    """A sum: whole numbers without places, amounts with two."""
    return (
        f"{number:,.0f}"
        if number == int(number) and abs(number.as_tuple().exponent) < 2
        else f"{number:,.2f}"
    )


@register.filter
def badge(value: str, says: Any = "") -> SafeString:
    """A state's coloured label; its sentence is the tooltip."""
    from tracking.admin import base  # unfold.admin reads the template tags while it is imported

    return base.badge(str(value), says)


@register.filter
def tell(text: Any, facts: Any = None) -> str:
    """A sentence in the reader's language: its English text and its facts, or both in one (`sentences.packed`)."""
    if isinstance(text, dict):
        return sentences.unpacked(text)
    return sentences.told(text) if isinstance(text, sentences.Sentence) else sentences.tell(str(text), facts)


@register.filter
def said(stored: Any) -> str:
    """A word of the record in the reader's language."""
    return words.said(stored)
