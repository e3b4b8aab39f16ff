"""Countries and provinces: legacy keys to text (Q-09) and to the country list of the V5 code (4.12.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from entities.engine import source
from entities.engine.environment import Env
from entities.engine.read import Reader
from entities.reference.legacy import LegacyCountry, LegacyProvince


@dataclass(frozen=True)
class Places:
    """Legacy countries and provinces by id: names, and ISO codes of countries."""

    countries: dict[int, str]
    provinces: dict[int, str]
    iso: dict[int, str]

    def country(self, country_id: int | None, notation: str) -> str | None:
        """Text for a country (Q-09: names, iso or id); None when it is unknown or missing."""
        return self._text(country_id, self.countries, notation)

    def province(self, province_id: int | None, notation: str) -> str | None:
        """Text for a province; provinces have no code of their own, so `iso` gives the name."""
        return self._text(province_id, self.provinces, "names" if notation == "iso" else notation)

    def _text(self, key: int | None, names: dict[int, str], notation: str) -> str | None:
        if key is None or key not in names:
            return None
        return {"names": names[key], "iso": self.iso.get(key, names[key])}.get(notation, str(key))


def load(read: Reader) -> Places:
    """Both lookup tables, which are small."""
    countries = source.of(LegacyCountry).query()
    return Places(
        {row.id: row.name for row in countries},
        {row.id: row.name for row in source.of(LegacyProvince).query()},
        {row.id: (row.iso or "").strip().upper() for row in countries},
    )


def station_country(row: Any, env: Env) -> str:
    """name of the country (Q-09)"""
    return env.facts["places"].country(row.country_id, env.choices.of("geo_text")) or ""


def station_province(row: Any, env: Env) -> str:
    """name of the province (Q-09)"""
    return env.facts["places"].province(row.province_id, env.choices.of("geo_text")) or ""
