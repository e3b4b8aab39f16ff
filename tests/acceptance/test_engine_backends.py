"""One legacy database, two kinds of server: the same content in V5 (R-96)."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo import builder
from tests import content, moves
from tests.conftest import TODAY, _prepare
from tests.stores import SqliteStore
from tests.world import World, pointed_at


@pytest.mark.slow
@pytest.mark.mariadb
@pytest.mark.world(bookings=300)
def test_sqlite_and_mariadb_lead_to_the_same_content(world: World, tmp_path: Path) -> None:
    moves.move(size=100)
    on_mariadb = content.content()
    folder = tmp_path / "sqlite"
    folder.mkdir()
    urls = SqliteStore.urls(folder)
    builder.build(
        urls["LEGACY_ADMIN_URL"], urls["V5_DATABASE_URL"], today=TODAY, bookings=300, seed=1, dirt=True
    )
    _prepare(urls, True)
    with pointed_at(urls, folder):
        moves.move()
        on_sqlite = content.content()
    assert "\n".join(content.differences(on_mariadb, on_sqlite)) == ""
