"""Names, places and notes in several scripts, drawn once per locale and then reused: Faker is slow."""

from __future__ import annotations

import random
from dataclasses import dataclass

from faker import Faker

LOCALES = ("fr_CH", "de_CH", "it_IT", "es_ES", "pl_PL", "ru_RU", "en_GB")
LANGUAGE_OF = {"fr_CH": 2, "de_CH": 3, "it_IT": 4, "es_ES": 5, "pl_PL": 21, "ru_RU": 7, "en_GB": 1}
COUNTRY_OF = {
    "fr_CH": 365,
    "de_CH": 365,
    "it_IT": 118,
    "es_ES": 209,
    "pl_PL": 181,
    "ru_RU": 187,
    "en_GB": 235,
}

# Valid form of a bcrypt hash, of no known password; hashing for real would only cost time.
ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

# Faker draws Italian towns from a set, whose order differs from process to process.
TOWNS = {
    "it_IT": (
        "Aosta",
        "Courmayeur",
        "Gressoney",
        "Bardonecchia",
        "Sestriere",
        "Livigno",
        "Ponte di Legno",
        "Cogne",
    ),
}

NOTES = (
    "Arrive le matin par le train de 8h40.",
    "Prefers a French-speaking instructor.",
    "Möchte in dieselbe Gruppe wie die Schwester.",
    "Allergia alle noci, zaino con medicinali.",
    "Primera vez en la nieve ⛷️",
    "Proszę o instruktora mówiącego po polsku 🎿",
    "Занимался два сезона, любит чёрные трассы.",
    "Très motivée ❄️👍",
    "Needs rental skis, 120 cm.",
    "À rappeler pour l'heure exacte.",
)


@dataclass(frozen=True)
class Pool:
    locale: str
    family: tuple[str, ...]
    given: tuple[str, ...]
    cities: tuple[str, ...]
    streets: tuple[str, ...]


def _pool(locale: str, seed: int) -> Pool:
    fake = Faker(locale)
    fake.seed_instance(seed)
    return Pool(
        locale,
        family=tuple(fake.last_name() for _ in range(240)),
        given=tuple(fake.first_name() for _ in range(240)),
        cities=TOWNS.get(locale) or tuple(fake.city()[:80] for _ in range(60)),
        streets=tuple(fake.street_address().replace("\n", " ")[:90] for _ in range(80)),
    )


def pools(seed: int) -> dict[str, Pool]:
    """One pool per locale, the same for the same seed."""
    return {locale: _pool(locale, seed + place) for place, locale in enumerate(LOCALES)}


def passwords(seed: int) -> tuple[str, ...]:
    """Sixteen strings of the form `$2y$10$` plus 53 letters of bcrypt's alphabet."""
    draw = random.Random(f"passwords/{seed}")
    return tuple("$2y$10$" + "".join(draw.choices(ALPHABET, k=53)) for _ in range(16))


def envelopes(seed: int) -> tuple[str, ...]:
    """Texts in the form of an encrypted gateway transaction; they open with no key."""
    import base64
    import json

    draw = random.Random(f"envelopes/{seed}")

    def part(size: int) -> str:
        return base64.b64encode(draw.randbytes(size)).decode()

    return tuple(
        base64.b64encode(
            json.dumps(
                {"iv": part(16), "value": part(48), "mac": draw.randbytes(32).hex(), "tag": ""}
            ).encode()
        ).decode()
        for _ in range(8)
    )
