"""Every kind of dirt that the rules name ends in exactly the outcome that the rules give: one test per kind.

The demo says what it planted and what must become of it, by the rules and without knowing the loader; the id map
says what became of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from demo import builder, dirt, verdict
from tests import moves
from tests.conftest import TODAY, _prepare
from tests.stores import Store, Urls
from tests.world import pointed_at

KINDS = sorted(dirt.planting.PLANTERS)
Moved = tuple[dict[str, list[dict[str, Any]]], verdict.Ledger]


@pytest.fixture(scope="module")
def moved(
    store: Store,
    tmp_path_factory: pytest.TempPathFactory,
    django_test_environment: None,
    django_db_blocker: Any,
) -> Iterator[Moved]:
    """The planted items by kind, and the id map after phases 2 to 4: moved once for all tests of this module."""

    def fill(urls: Urls) -> Any:
        report = builder.build(urls["LEGACY_ADMIN_URL"], urls["V5_DATABASE_URL"], bookings=300, today=TODAY)
        _prepare(urls, True)
        return report

    folder = tmp_path_factory.mktemp("planted")
    with django_db_blocker.unblock():
        urls, report = store.fresh("planted", fill, folder)
        with pointed_at(urls, folder):
            moves.move()
            kinds: dict[str, list[dict[str, Any]]] = defaultdict(list)
            for item in report.planted:
                kinds[item["kind"]].append(item)
            yield kinds, verdict.ledger(urls["V5_DATABASE_URL"])


@pytest.mark.parametrize("kind", KINDS)
def test_planted_dirt_ends_as_the_rules_say(moved: Moved, kind: str) -> None:
    planted, ledger = moved
    assert planted[kind], "the demo planted nothing of this kind"
    assert [said for item in planted[kind] for said in verdict.differences(item, ledger)] == []
