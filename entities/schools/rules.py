"""Rules of schools as plain functions: web addresses, texts, settings, switches (4.6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from entities.engine.normalise import normal_key, slug

LONGEST_TEXT = 100  # schools.description, contact_province and their like
LONGEST_SLUG = 100
INSURANCE_PERCENT = Decimal("10.00")  # where legacy has no such column

# The sports behind the four marks of a school; the legacy list writes ski touring in several ways.
MARKS = {
    "has_ski": frozenset({"ski"}),
    "has_snowboard": frozenset({"snowboard"}),
    "has_telemark": frozenset({"telemark"}),
    "has_rando": frozenset({"rando", "s. rando", "ski de rando", "ski de randonné", "ski de randonnée"}),
}

# A missing switch falls back to the application's own default, which is on for two of them: all are written.
SWITCHES = (
    "useV5Dashboard", "useV5Planificador", "useV5Reservas", "useV5Cursos", "useV5Monitores",
    "useV5Clientes", "useV5Analytics", "useV5Settings", "useV5Calendar", "useV5Payments",
    "useV5Communications", "useV5Renting", "useV5Chat", "enableBetaFeatures", "enableDebugMode",
    "maintenanceMode", "enableMicrogate", "enableWhatsApp", "enableDeepL", "enableAccuWeather",
)  # fmt: skip


def switches_off() -> dict[str, bool]:
    """Every V5 switch off until the school is cut over."""
    return dict.fromkeys(SWITCHES, False)


def marks(sports: Iterable[str | None]) -> dict[str, int]:
    """`has_ski` and its like: 1 when the school offers a sport of that name."""
    offered = {normal_key(name) for name in sports}
    return {mark: int(bool(names & offered)) for mark, names in MARKS.items()}


def settings(currency: str, insurance_percent: Decimal) -> dict[str, Any]:
    """The settings V5 reads: the insurance as a fraction here, a percentage in the column; the rest empty."""
    fraction = float(insurance_percent / 100)
    return {
        "taxes": {"currency": currency, "cancellation_insurance_percent": fraction},
        "extras": {"forfait": [], "food": [], "transport": []},
    }


def wanted_slug(row: Any) -> str:
    """The web address a school asks for: its own in lower case, else one made of its name."""
    own = (row.slug or "").strip().lower()
    return (own or slug(row.name) or f"school-{row.id}")[:LONGEST_SLUG]


def slugs(rows: Iterable[Any], present: Mapping[str, int]) -> dict[int, str]:
    """Web addresses by legacy school id, each once; the lowest id keeps it, the next ones get `-2`, `-3` ….

    `present` are those of schools that V5 held before: only the first asker may mean such a school.
    """
    ordered = sorted(rows, key=lambda row: row.id)
    given: dict[int, str] = {}
    used: set[str] = set()
    reserved = {wanted_slug(row) for row in ordered} | set(present)
    for row in ordered:
        wanted = wanted_slug(row)
        if wanted in used:
            wanted = _numbered(wanted, used | reserved)
        used.add(wanted)
        given[row.id] = wanted
    return given


def _numbered(base: str, taken: set[str]) -> str:
    number = 2
    while True:
        tail = f"-{number}"
        candidate = base[: LONGEST_SLUG - len(tail)] + tail
        if candidate not in taken:
            return candidate
        number += 1


def main_currency(counts: Mapping[str | None, int], default: str) -> str:
    """The currency of most courses and bookings of a school; the default wins ties and holds without any."""
    known: dict[str, int] = {}
    for name, count in counts.items():
        text = (name or "").strip().upper()
        if len(text) == 3 and text.isascii() and text.isalpha():
            known[text] = known.get(text, 0) + count
    return min(known, key=lambda name: (-known[name], name != default, name), default=default)
