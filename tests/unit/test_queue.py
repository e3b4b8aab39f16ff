"""The broker that needs no server: messages appear whole, however busy the machine is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection
from kombu.transport import filesystem

from boukii_migration import queue
from boukii_migration.celery import app


@pytest.fixture
def link(tmp_path: Path) -> Any:
    address, options = queue.broker(f"filesystem://{tmp_path}/broker", visibility_timeout=9)
    return Connection(address, transport_options=options)


def test_nobody_sees_a_message_before_it_is_written(
    link: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    folder = tmp_path / "broker" / "messages"
    plain = Path.write_bytes

    def watched(self: Path, data: bytes) -> int:
        found = plain(self, data)
        seen.append([one.name for one in folder.iterdir() if one.name.endswith(".msg")])
        return found

    monkeypatch.setattr(Path, "write_bytes", watched)
    with link:
        link.channel()._put("celery", {"n": 1})
    assert seen == [[]], "the message appeared before it was written"
    [message] = folder.iterdir()
    assert message.name.endswith(".celery.msg") and json.loads(message.read_bytes()) == {"n": 1}


def test_the_workers_use_it() -> None:
    assert app.main == "boukii_migration" and filesystem.Channel._put.__module__ == "boukii_migration.celery"
