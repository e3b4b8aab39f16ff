"""Private servers: accounts as in production, and nothing is left behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from demo import servers

pytestmark = pytest.mark.mariadb
ROOT = Path(__file__).resolve().parents[2]
TELL = (
    "import json, os, sys, time;"
    "print(json.dumps({k: v for k, v in os.environ.items() if k.endswith('_URL')}), flush=True);"
)


def start(code: str, folder: Path) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "demo.servers",
        "run",
        "--buffer-pool",
        "64M",
        "--",
        sys.executable,
        "-c",
    ]
    return subprocess.Popen(
        [*command, TELL + code],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
    )


def urls_of(process: subprocess.Popen[str]) -> dict[str, str]:
    assert process.stdout
    return json.loads(process.stdout.readline())


def answers(url: str) -> bool:
    try:
        socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=1).close()
    except OSError:
        return False
    return True


def gone(urls: dict[str, str]) -> bool:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if not any(answers(urls[name]) for name in ("V5_DATABASE_URL", "CELERY_BROKER_URL")):
            return True
        time.sleep(0.2)
    return False


def test_the_command_gets_the_urls_and_its_exit_code_comes_back(tmp_path: Path) -> None:
    process = start("sys.exit(7)", tmp_path)
    urls = urls_of(process)
    assert process.wait(60) == 7
    expected = {
        "DATABASE_URL",
        "LEGACY_DATABASE_URL",
        "LEGACY_ADMIN_URL",
        "V5_DATABASE_URL",
        "CELERY_BROKER_URL",
    }
    assert expected <= set(urls)
    assert gone(urls)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_servers_end_with_whoever_started_them(number: signal.Signals, tmp_path: Path) -> None:
    process = start("time.sleep(5)", tmp_path)
    urls = urls_of(process)
    assert answers(urls["V5_DATABASE_URL"])
    os.kill(process.pid, number)
    process.wait(60)
    assert gone(urls)


def test_the_reader_may_read_and_nothing_else() -> None:
    import environ
    import MySQLdb

    with servers.mariadb(buffer_pool="64M") as server:
        urls = server.create_schemas("x")
        server.administer("CREATE TABLE x_legacy.t (i INT)")
        place = environ.Env.db_url_config(urls["LEGACY_DATABASE_URL"])
        link = MySQLdb.connect(
            host=place["HOST"],
            port=int(place["PORT"]),
            user=place["USER"],
            password=place["PASSWORD"],
            database=place["NAME"],
        )
        cursor = link.cursor()
        assert cursor.execute("SELECT * FROM t") == 0
        with pytest.raises(MySQLdb.OperationalError, match="denied"):
            cursor.execute("INSERT INTO t VALUES (1)")
        link.close()


def test_a_missing_program_is_named() -> None:
    with pytest.raises(servers.ServerProblem, match="no-such-program is not installed.*apt-get install"):
        servers.program("no-such-program")
