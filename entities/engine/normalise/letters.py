"""Texts and character sets: what a column can hold, other letters for it, double encoding (GR-11, Q-03).

MySQL's latin1 is Windows-1252 with the five bytes that are undefined there standing for the
control characters of the same number; `€` and curly quotes pass.
"""

from __future__ import annotations

import re
import unicodedata

_UNDEFINED_IN_CP1252 = frozenset("\x81\x8d\x8f\x90\x9d")

_CYRILLIC = dict(
    zip(
        "абвгдезийклмнопрстуфхцчшщъыьэюяёжіїєґў",
        "a b v g d e z i y k l m n o p r s t u f kh ts ch sh shch \0 y \0 e yu ya yo zh i yi ye g u".split(
            " "
        ),
        strict=True,
    )
)
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρσςτυφχψω",
        "a v g d e z i th i k l m n x o p r s s t y f ch ps o".split(),
        strict=True,
    )
)
_LATIN = dict(
    zip(
        "łđħıŧŋĸəſẞßæœøðþ",
        "l d h i t n k e s SS ss ae oe o d th".split(),
        strict=True,
    )
)
_SIGNS = {
    "‐": "-",
    "‑": "-",
    "−": "-",
    "―": "-",
    "‛": "'",
    "′": "'",
    "″": '"',
    "‟": '"',
    "⁄": "/",
    "№": "No.",
}
_SMALL = {letter: text.replace("\0", "") for letter, text in (_CYRILLIC | _GREEK | _LATIN | _SIGNS).items()}
_OTHER = _SMALL | {
    letter.upper(): text.capitalize()
    for letter, text in _SMALL.items()
    if letter.upper() != letter and len(letter.upper()) == 1 and letter.upper() not in _SMALL
}


def encodable(text: str, charset: str = "latin1") -> bool:
    """Whether a MySQL column of this character set can store the text."""
    if text.isascii() or charset == "utf8mb4":
        return True
    if charset in ("utf8", "utf8mb3", "ucs2"):
        return max(text) <= "\uffff"
    if charset != "latin1":
        return False
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return all(_fits_latin1(letter) for letter in text)
    return True


def _fits_latin1(letter: str) -> bool:
    if letter in _UNDEFINED_IN_CP1252:
        return True
    try:
        letter.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def transliterate(text: str, charset: str = "latin1") -> str:
    """The text written with letters the character set has; `?` for what has no other form.

    Letters it can store stay. The result may be longer than the text, so check the length after.
    The caller keeps the original and flags TRANSLITERATED.
    """
    if encodable(text, charset):
        return text
    # Composed first, so that a letter with its accent as a character of its own is kept.
    composed = unicodedata.normalize("NFC", text)
    return "".join(letter if encodable(letter, charset) else _plain(letter, charset) for letter in composed)


def _plain(letter: str, charset: str) -> str:
    """One letter that does not fit, in letters that do."""
    if letter in _OTHER:
        return _OTHER[letter]
    if unicodedata.combining(letter) or unicodedata.category(letter) == "Cf":
        return ""
    parts = [part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part)]
    if parts == [letter]:
        return "?"
    return "".join(part if encodable(part, charset) else _OTHER.get(part, "?") for part in parts)


# UTF-8 read as latin1 shows a lead byte and then what the continuation bytes stand for, in
# Windows-1252 or, from software that knew only ISO 8859-1, as control characters.
# Only leads of European letters (Â Ã Ä Å Î Ï Ð Ñ), signs (â ï) and emoji (ð) count: `É…`, `né»…` and
# `voilà »` would read as letters of scripts that customers of these schools hardly write.
_LATIN1_OF_BYTE = {byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0x100)}
_BYTE_OF_LATIN1 = {letter: byte for byte, letter in _LATIN1_OF_BYTE.items()}
_BYTE_OF_LATIN1 |= {chr(byte): byte for byte in range(0x80, 0xA0)}


def _letters(low: int, high: int) -> str:
    return (
        "["
        + re.escape("".join(letter for letter, byte in _BYTE_OF_LATIN1.items() if low <= byte <= high))
        + "]"
    )


_NEXT = _letters(0x80, 0xBF)
_DOUBLE = re.compile(
    f"(?:{_letters(0xC2, 0xC5)}|{_letters(0xCE, 0xD1)}){_NEXT}|[âï]{_NEXT}{{2}}|ð{_NEXT}{{3}}"
)


def is_mojibake(text: str) -> bool:
    """Whether part of the text looks like UTF-8 that was read as latin1, such as `Ã©` for `é`."""
    return not text.isascii() and repair_mojibake(text) != text


def repair_mojibake(text: str) -> str:
    """The text with double-encoded parts turned back, however often they were encoded; else unchanged."""
    while not text.isascii():
        repaired = _DOUBLE.sub(_decoded, text)
        if repaired == text:
            break
        text = repaired
    return text


def _decoded(match: re.Match[str]) -> str:
    try:
        return bytes(_BYTE_OF_LATIN1[letter] for letter in match[0]).decode("utf-8")
    except UnicodeDecodeError:
        return match[0]
