"""The V5 application's own numbers for countries (4.12.1).

V5 keeps people's countries as numbers of a list inside its code, which neither database holds. The operator
supplies it as a JSON file, `{"CH": 41, …}` by ISO code, named by the setting `V5_COUNTRIES`. Without the file
no country can be translated: columns stay empty, flagged COUNTRY_UNKNOWN, with the legacy id kept.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from entities.engine.errors import Refused


def load() -> dict[str, int]:
    """V5 numbers by ISO code in upper case; empty when no list was supplied. Refuses a file it cannot read."""
    return _read(settings.V5_COUNTRIES)


@lru_cache(maxsize=4)
def _read(path: str) -> dict[str, int]:
    if not path:
        return {}
    try:
        return {
            str(code).strip().upper(): int(number)
            for code, number in json.loads(Path(path).read_text()).items()
        }
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise Refused(
            f'V5_COUNTRIES: {path} is no JSON object such as {{"CH": 41}} ({type(error).__name__})'
        ) from error
