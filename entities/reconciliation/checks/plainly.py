"""What checks know about legacy values by their own reading of the rules (R 1.6): addresses, names, dates.

Nothing here is shared with what moves the records; where the two disagree, somebody has to look.
"""

from __future__ import annotations

import datetime
import re
from typing import Any

from entities.reconciliation.reading import Reading

INVISIBLE = "\u180e\u200b\u200c\u200d\u2060\ufeff"
_PLAIN = re.compile(r"[a-z0-9_%+-]+(\.[a-z0-9_%+-]+)*@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}")
SENTINEL = "1900-01-01"


def address(value: Any) -> str | None:
    """The e-mail address as people compare it; None for nothing and for what can be no address."""
    text = "".join(one for one in str(value or "") if one not in INVISIBLE).strip().lower()
    name, at, host = text.rpartition("@")
    return text if at and name and "." in host and not re.search(r"\s|@", name + host) else None


def is_plain(text: str | None) -> bool:
    """Whether nobody could take the address for an invalid one."""
    return bool(text and _PLAIN.fullmatch(text))


def folded(value: Any) -> str:
    """A name as a key: case and blanks do not count."""
    return " ".join(str(value or "").split()).casefold()


def blank(value: Any) -> bool:
    return not str(value or "").strip()


def day(value: Any) -> datetime.date | None:
    """The calendar day at the start of a text; None for zeros, for nonsense and for years before 1900."""
    try:
        found = datetime.date.fromisoformat(str(value or "").strip()[:10])
    except ValueError:
        return None
    return found if found.year >= 1900 else None


def moment(value: Any) -> str | None:
    """A time stamp as text; zeros and what is no date are None."""
    text = str(value or "").strip()[:19]
    if day(text) is None and not re.match(r"1[0-8]\d\d", text):
        return None
    return text if len(text) > 10 else f"{text} 00:00:00"


def deleted(value: Any) -> bool:
    """Whether a mark of deletion says so: a time, or a number that is not 0 (4.10)."""
    text = str(value if value is not None else "").strip()
    return bool(text) and not text.startswith("0000-00-00") and text != "0"


def today(read: Reading) -> str:
    """The day of the cut-over."""
    at = getattr(read.wave, "cutover_at", None)
    return (at or datetime.datetime.now(datetime.UTC)).strftime("%Y-%m-%d")


def schools(read: Reading) -> dict[int, int]:
    """V5 school by legacy school."""
    if "schools" not in read.memory:
        rows = read.v5(
            "SELECT legacy_id, v5_id FROM legacy_id_mappings WHERE entity_type = 'school' AND part = ''"
            " AND v5_id IS NOT NULL AND disposition IN ('migrated', 'merged')"
        )
        read.memory["schools"] = {row.legacy_id: row.v5_id for row in rows}
    known: dict[int, int] = read.memory["schools"]
    return known


def school_of(read: Reading) -> dict[int, int]:
    """Legacy school by V5 school."""
    return {v5_id: legacy_id for legacy_id, v5_id in schools(read).items()}


def targets(read: Reading, entity: str, ids: Any) -> dict[int, int]:
    """V5 id by legacy id, for what has one."""
    return {
        legacy_id: one.v5_id
        for legacy_id, some in read.entries(entity, ids).items()
        for one in some
        if one.v5_id is not None and one.part == "" and one.disposition not in ("rejected", "skipped")
    }
