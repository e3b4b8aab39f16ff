"""The Celery application. Workers: `celery -A boukii_migration worker`; scheduler: `… beat`."""

from __future__ import annotations

import os
import time
import uuid
from logging.config import dictConfig
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "boukii_migration.settings")

app = Celery("boukii_migration")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def log_like_the_panel(**_: Any) -> None:
    """Workers log the same redacted JSON lines as the web process; Celery's own set-up would replace them."""
    from django.conf import settings

    dictConfig(settings.LOGGING)


def put_whole(self: Any, queue: str, payload: Any, **_: Any) -> None:
    """A message of the filesystem broker appears whole.

    Kombu makes the file first and writes into it later: a worker that takes it in between finds it empty, which ends the
    worker.
    """
    name = f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
    part = Path(self.data_folder_out) / f"{name}.part"
    try:
        part.write_bytes(dumps(payload).encode())
        part.replace(part.with_suffix(""))
    except OSError as error:
        raise ChannelError(f"Cannot add file {name!r} to directory") from error


filesystem.Channel._put = put_whole  # type: ignore[method-assign]
