"""How many messages wait in the queue, asked of the broker itself and without waiting long for its answer."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

QUEUE = "celery"
PATIENCE = 0.3  # seconds
MOST = 10_000


@dataclass(frozen=True)
class Depth:
    """Messages that wait; None = cannot be said, `why` tells the reason. `reachable` False needs a person."""

    messages: int | None
    reachable: bool = True
    why: str = ""


def depth(url: str | None = None, options: Mapping[str, Any] | None = None) -> Depth:
    """The depth of the one queue. An unreachable broker is an answer, not an error."""
    url = settings.CELERY_BROKER_URL if url is None else url
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS if options is None else options
    if url.startswith("redis"):
        return _redis(url)
    if url.startswith("filesystem"):
        return _files(str(options.get("data_folder_in", "")))
    return Depth(None, why=_("this kind of broker cannot be asked"))


def _redis(url: str) -> Depth:
    from redis import Redis, RedisError

    try:
        with Redis.from_url(url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE) as client:
            return Depth(int(client.llen(QUEUE)))
    except (RedisError, OSError) as error:  # its message may hold the address with a password
        return Depth(None, False, _("unreachable (%(kind)s)") % {"kind": type(error).__name__})


def _files(folder: str) -> Depth:
    try:
        with os.scandir(folder) as entries:
            return Depth(sum(entry.name.endswith(f".{QUEUE}.msg") for entry in islice(entries, MOST)))
    except OSError as error:
        return Depth(None, False, _("the folder cannot be read (%(kind)s)") % {"kind": type(error).__name__})
