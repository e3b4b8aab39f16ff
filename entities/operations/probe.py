"""One request to the staging application: GET, no credentials, no redirects; only status and time are kept."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from typing import Any

from django.conf import settings
from django.utils import timezone

from tracking.models import Probe

TIMEOUT = 15  # seconds
ENOUGH = 65_536  # bytes of the answer that are read, and none of them kept


class _Staying(urllib.request.HTTPRedirectHandler):
    """Follows nowhere: another address could be anybody's."""

    def redirect_request(self, *_: Any) -> None:
        return None


def look(probe_id: int) -> None:
    """Send it once and keep what came; a probe that has ended is left alone."""
    probe = Probe.objects.filter(pk=probe_id, ended_at=None).first()
    if probe is None or not settings.STAGING_URL:
        return
    began = time.monotonic()
    status, error = _ask(f"{settings.STAGING_URL.rstrip('/')}{probe.path}")
    Probe.objects.filter(pk=probe_id, ended_at=None).update(
        status=status, error=error[:300], seconds=round(time.monotonic() - began, 3), ended_at=timezone.now()
    )


def _ask(address: str) -> tuple[int | None, str]:
    request = urllib.request.Request(address, method="GET", headers={"User-Agent": "migration-probe"})
    opener = urllib.request.build_opener(_Staying, urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=TIMEOUT) as answer:
            answer.read(ENOUGH)
            return int(answer.status), ""
    except urllib.error.HTTPError as refused:
        return int(refused.code), ""
    except (OSError, ValueError) as error:
        return None, type(error).__name__
