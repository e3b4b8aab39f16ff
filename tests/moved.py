"""A world in which everything was moved, and what people do in V5 afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import moves
from tests.conftest import TODAY, _build_world, _prepare
from tests.stores import Urls
from tests.world import World, pointed_at


def moved_world(request: pytest.FixtureRequest, bookings: int = 60) -> Iterator[World]:
    """The dirty demo, phases 2 to 4 moved once for the whole session."""

    def fill(urls: Urls) -> Any:
        from demo import builder

        report = builder.build(
            urls["LEGACY_ADMIN_URL"],
            urls["V5_DATABASE_URL"],
            today=TODAY,
            bookings=bookings,
            seed=1,
            dirt=True,
        )
        _prepare(urls, True)
        with pointed_at({**urls, "CELERY_BROKER_URL": "memory://"}, Path(urls.get("IMAGES", "/nonexistent"))):
            moves.move(of=moves.wave(batch={"parallel_schools": 1, "stop_share": "1", "size": 50}))
        return report

    yield from _build_world(request, f"moved{bookings}", fill)
