"""Databases of the tests, and four people.

`TEST_BACKEND=mariadb` runs the same tests on a private MariaDB with a private Redis.

- `world`: a dirty demo in legacy, a prepared empty V5, migrated panel tables; committed for real.
  `@pytest.mark.world(bookings=200, seed=1, dirt=True, prepared=True, convert_text=True)` changes what
  it is built from; `convert_text` approves the conversion of latin1 columns (Q-02).
- `empty_world`: all tables and no rows.
- `@pytest.mark.django_db` without a world: only the panel's database, each test rolled back.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.stores import MariadbStore, SqliteStore, Store, Urls
from tests.world import World, folders, pointed_at

TODAY = "2026-01-15"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("TEST_BACKEND", "sqlite") == "mariadb":
        return
    skip = pytest.mark.skip(reason="needs TEST_BACKEND=mariadb")
    for item in items:
        if item.get_closest_marker("mariadb"):
            item.add_marker(skip)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    kinds = {"sqlite": SqliteStore, "mariadb": MariadbStore}
    chosen = kinds[os.environ.get("TEST_BACKEND", "sqlite")](tmp_path_factory.mktemp("templates"))
    yield chosen
    chosen.close()


@pytest.fixture(scope="session", autouse=True)
def nothing_of_the_developer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reaches the databases, the queue or the images that the developer's settings name."""
    folder = tmp_path_factory.mktemp("nowhere")
    urls = SqliteStore.urls(folder)
    with pointed_at({**urls, "CELERY_BROKER_URL": "memory://"}, folder):
        yield


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """No test is shown figures of the one before."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(scope="session")
def django_db_setup(
    store: Store,
    tmp_path_factory: pytest.TempPathFactory,
    django_test_environment: None,
    django_db_blocker: Any,
) -> Iterator[None]:
    """Replaces pytest-django's: one migrated panel database for the session, and no V5 or legacy."""
    folder = tmp_path_factory.mktemp("panel")
    urls = store.panel_urls(folder)
    with django_db_blocker.unblock(), pointed_at({**urls, "CELERY_BROKER_URL": "memory://"}, folder):
        call_command("migrate", verbosity=0)
        django_db_blocker.block()
        yield


def _build_world(request: pytest.FixtureRequest, template: str, fill: Any) -> Iterator[World]:
    store: Store = request.getfixturevalue("store")
    blocker = request.getfixturevalue("django_db_blocker")
    request.getfixturevalue("django_test_environment")
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        pytest.fail("A world commits for real: use it without django_db and db.")
    folder: Path = request.getfixturevalue("tmp_path")
    with blocker.unblock():
        env, report = store.fresh(template, fill, folder)
        world = World(
            store,
            folder,
            {**env, **{name: str(path) for name, path in folders(folder).items()}},
            report,
            template,
        )
        with pointed_at(env, folder):
            try:
                yield world
            finally:
                world.end()


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """The dirty demo in legacy, V5 prepared and empty."""
    marker = request.node.get_closest_marker("world")
    given = {"bookings": 200, "seed": 1, "dirt": True, **(marker.kwargs if marker else {})}
    prepared, convert_text = given.pop("prepared", True), given.pop("convert_text", True)

    def fill(urls: Urls) -> Any:
        from demo import builder

        report = builder.build(urls["LEGACY_ADMIN_URL"], urls["V5_DATABASE_URL"], today=TODAY, **given)
        _prepare(urls, prepared, convert_text)
        return report

    name = "w{bookings}s{seed}d{dirt:d}".format(**given) + f"p{prepared:d}c{convert_text:d}"
    yield from _build_world(request, name, fill)


@pytest.fixture
def empty_world(request: pytest.FixtureRequest) -> Iterator[World]:
    """All tables of both databases without a row; V5 prepared."""

    def fill(urls: Urls) -> None:
        from demo import builder

        builder.create_schemas(urls["LEGACY_ADMIN_URL"], urls["V5_DATABASE_URL"])
        _prepare(urls, True)

    yield from _build_world(request, "empty", fill)


@pytest.fixture
def migrated(request: pytest.FixtureRequest) -> Iterator[World]:
    """The dirty demo with phases 2 to 4 moved by one worker, in the wave "Rehearsal"."""

    def fill(urls: Urls) -> Any:
        from demo import builder
        from entities.engine import source
        from tests import moves

        report = builder.build(
            urls["LEGACY_ADMIN_URL"], urls["V5_DATABASE_URL"], today=TODAY, bookings=200, seed=1, dirt=True
        )
        _prepare(urls, True)
        folder = Path(request.getfixturevalue("tmp_path_factory").mktemp("migrated"))
        with pointed_at({**urls, "CELERY_BROKER_URL": "memory://"}, folder):
            source.forget()
            moves.move()
        source.forget()
        return report

    yield from _build_world(request, "migrated", fill)


def _prepare(urls: Urls, v5: bool, convert_text: bool = True) -> None:
    with pointed_at({**urls, "CELERY_BROKER_URL": "memory://"}, Path(os.devnull)):
        call_command("migrate", verbosity=0)
        if v5:
            approval = ["--approve-text-conversion"] if convert_text else []
            call_command("prepare_v5", "--apply", *approval, stdout=io.StringIO())


def _person(request: pytest.FixtureRequest, name: str, group: str | None) -> Any:
    if not {"world", "empty_world", "migrated"} & set(request.fixturenames):
        request.getfixturevalue("db")
    from django.contrib.auth.models import Group, User

    person = User.objects.create_user(name, password="correct horse", is_staff=group is not None)
    if group:
        person.groups.add(Group.objects.get_or_create(name=group)[0])
    return person


@pytest.fixture
def project_manager(request: pytest.FixtureRequest) -> Any:
    """Approves phases."""
    return _person(request, "project_manager", "project managers")


@pytest.fixture
def support(request: pytest.FixtureRequest) -> Any:
    """Works through per-record errors."""
    return _person(request, "support", "support")


@pytest.fixture
def engineer(request: pytest.FixtureRequest) -> Any:
    """Runs, pauses and re-queues."""
    return _person(request, "engineer", "engineers")


@pytest.fixture
def outsider(request: pytest.FixtureRequest) -> Any:
    """Has an account and no business here."""
    return _person(request, "outsider", None)
