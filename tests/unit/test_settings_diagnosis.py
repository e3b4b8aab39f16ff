"""A database that cannot be reached is named by its variable, without its password."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOBODY_LISTENS = "mysql://someone:hunter2@127.0.0.1:1/somewhere"


def run(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", code],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def sqlite(folder: Path) -> dict[str, str]:
    for part in ("tracking", "legacy", "v5"):
        (folder / part).touch()
    return {
        "DATABASE_URL": f"sqlite:///{folder}/tracking",
        "LEGACY_DATABASE_URL": f"sqlite:///{folder}/legacy",
        "V5_DATABASE_URL": f"sqlite:///{folder}/v5",
    }


@pytest.mark.parametrize(
    ("alias", "variable", "url", "place"),
    [
        ("v5", "V5_DATABASE_URL", NOBODY_LISTENS, "127.0.0.1:1/somewhere"),
        ("default", "DATABASE_URL", "sqlite:////no/such/folder/panel", "/no/such/folder/panel"),
        ("legacy", "LEGACY_DATABASE_URL", "sqlite:////no/such/legacy", "/no/such/legacy"),
    ],
)
def test_an_unreachable_database_is_named(
    alias: str, variable: str, url: str, place: str, tmp_path: Path
) -> None:
    code = f"from django.db import connections; connections[{alias!r}].cursor().execute('SELECT 1')"
    tried = run(code, **{**sqlite(tmp_path), variable: url})
    assert tried.returncode == 1
    assert tried.stderr.startswith(f"Cannot go on: {variable} leads to ")
    assert place in tried.stderr
    assert "hunter2" not in tried.stderr
    assert "Traceback" not in tried.stderr


def test_any_other_database_error_keeps_its_traceback(tmp_path: Path) -> None:
    code = "from django.db import connections; connections['v5'].cursor().execute('nonsense')"
    tried = run(code, **sqlite(tmp_path))
    assert tried.returncode == 1
    assert "Traceback" in tried.stderr
