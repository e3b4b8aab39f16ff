"""Environment variables: documented, refused by name, and never repeated when they hold a password."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from boukii_migration.checks import databases_are_different
from boukii_migration.environment import VARIABLES, load

ROOT = Path(__file__).resolve().parents[2]
NAMES = [variable.name for variable in VARIABLES]
MANDATORY = [variable.name for variable in VARIABLES if not variable.optional]
PRODUCTION = {variable.name: variable.example for variable in VARIABLES}


def test_the_example_file_lists_every_variable_and_no_other() -> None:
    listed = re.findall(r"^([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(NAMES)


def test_the_example_file_starts_the_embedded_mode() -> None:
    lines = re.findall(r"^([A-Z0-9_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert load(dict(lines)) == load({})


def test_compose_hands_every_variable_to_the_containers() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    assert [name for name in NAMES if not re.search(rf"^ +{name}: ", text, re.MULTILINE)] == []


def test_nothing_has_to_be_set_in_the_embedded_mode() -> None:
    values = load({})
    assert values["DATABASE_URL"].startswith("sqlite:///")
    assert values["CELERY_BROKER_URL"].startswith("filesystem://")
    assert values["DEBUG"] is False


def test_every_example_is_a_good_value() -> None:
    assert load(PRODUCTION)["BOUKII_ENV"] == "production"


@pytest.mark.parametrize("name", MANDATORY)
def test_production_misses_every_variable_by_name(name: str) -> None:
    given = {key: value for key, value in PRODUCTION.items() if key != name}
    with pytest.raises(ImproperlyConfigured, match=rf"^{name} is not set.*Example: {name}="):
        load(given)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOUKII_ENV", "staging"),
        ("SECRET_KEY", "   "),
        ("DEBUG", "perhaps"),
        ("DATABASE_URL", "postgres://panel:hunter2@db/tracking"),
        ("DATABASE_URL", "mysql://panel:hunter2@db:33o6/tracking"),
        ("LEGACY_DATABASE_URL", "mysql://reader:hunter2@db/"),
        ("LEGACY_DATABASE_URL", "mysql:///schema"),
        ("V5_DATABASE_URL", "hunter2"),
        ("V5_DATABASE_URL", "sqlite://relative/hunter2.sqlite3"),
        ("CELERY_BROKER_URL", "amqp://hunter2@queue"),
        ("CELERY_BROKER_URL", "redis:///0"),
        ("CELERY_BROKER_URL", "filesystem://"),
        ("CELERY_VISIBILITY_TIMEOUT", "0"),
        ("CELERY_VISIBILITY_TIMEOUT", "an hour"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
        ("IMAGE_URL", "/images"),
    ],
)
def test_a_malformed_variable_is_named_with_an_example_and_without_its_value(name: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        load({name: value})
    message = str(caught.value)
    assert message.startswith(f"{name} is malformed: ")
    assert f"Example: {name}=" in message
    assert "hunter2" not in message


def test_a_malformed_variable_stops_the_start_with_one_sentence() -> None:
    started = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, "V5_DATABASE_URL": "nonsense"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode == 1
    assert started.stderr.startswith("Cannot start: V5_DATABASE_URL is malformed")
    assert "Traceback" not in started.stderr


SERVER = "mysql://someone:secret@db:3306"


@pytest.mark.parametrize(
    ("panel", "legacy", "v5", "expected"),
    [
        (f"{SERVER}/a", f"{SERVER}/b", f"{SERVER}/c", []),
        (f"{SERVER}/a", f"{SERVER}/b", f"{SERVER}/b", ["boukii.E001"]),
        (f"{SERVER}/a", "mysql://other@localhost/b", "mysql://one@127.0.0.1:3306/b", ["boukii.E001"]),
        (f"{SERVER}/a", f"{SERVER}/a", f"{SERVER}/c", ["boukii.E002"]),
        (f"{SERVER}/a", f"{SERVER}/b", f"{SERVER}/a", ["boukii.W001"]),
        ("sqlite:////x/a", "sqlite:////x/b", "sqlite:////x/b", ["boukii.E001"]),
    ],
)
def test_databases_that_are_one_are_refused(
    panel: str, legacy: str, v5: str, expected: list[str], settings: object
) -> None:
    settings.DATABASE_URL, settings.LEGACY_DATABASE_URL, settings.V5_DATABASE_URL = panel, legacy, v5
    assert [message.id for message in databases_are_different()] == expected
