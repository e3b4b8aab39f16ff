"""Why the preparation stops, and how a server's words are repeated."""

from __future__ import annotations

import re

_VALUE = re.compile(r"((?:value:?|entry) )'(?:[^'\\]|\\.)*'")


class PreparationRefused(RuntimeError):
    """The preparation of V5 cannot go on; the message names the thing and the next step."""


def said(error: Exception) -> str:
    """What the server said, without the values of records that it quotes."""
    return _VALUE.sub(r"\1'…'", str(error))
