"""The dashboard and its live fragments. They only read; nothing here changes anything."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tracking.dashboard import content, figures, start
from tracking.models import Run

View = Callable[[HttpRequest], HttpResponse]
PERMISSION = "tracking.view_run"


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the index page shows: the chosen wave, or what to do first."""
    if not request.user.has_perm(PERMISSION):
        return {**context, "not_for_you": True}
    now, wave = timezone.now(), content.chosen_wave(request.GET.get("wave"))
    context |= {"title": _("Dashboard"), "waves": figures.waves(), "wave": wave}
    if wave is None or not Run.objects.filter(phase__wave=wave).exists():
        context["first_steps"] = start.first_steps(now)
    if wave is not None:
        figures_now = content.progress(wave, now)
        context["charts"] = figures_now["charts"]
        for name in ("progress", "details"):
            context[name] = _fragment(name, figures_now, request)[0]
    context["health"] = _fragment("health", content.health(wave, now), request)[0]
    return context


def live(view: View) -> View:
    """GET only, for staff who may view runs. Never a redirect: a log-in page must not end up inside a fragment."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not (request.user.is_active and request.user.is_staff and request.user.has_perm(PERMISSION)):
            return HttpResponse(status=403)
        return view(request)

    return require_GET(guarded)


@live
def progress(request: HttpRequest) -> HttpResponse:
    """How far, how fast, which phase; with the figures of the charts."""
    return _of_wave("progress", request)


@live
def details(request: HttpRequest) -> HttpResponse:
    """Each migration, what became of the rows, what is wrong."""
    return _of_wave("details", request)


@live
def health(request: HttpRequest) -> HttpResponse:
    """Alerts, workers, queue, databases, machine, last events."""
    wave = content.chosen_wave(request.GET.get("wave"))
    return _answer(request, *_fragment("health", content.health(wave, timezone.now()), request))


@live
def workers(request: HttpRequest) -> HttpResponse:
    """Every worker and the batch that it holds."""
    return _answer(request, *_fragment("workers", content.workers_now(timezone.now()), request))


def _of_wave(name: str, request: HttpRequest) -> HttpResponse:
    wave = content.chosen_wave(request.GET.get("wave"))
    if wave is None:
        return HttpResponse(status=204)
    return _answer(request, *_fragment(name, content.progress(wave, timezone.now()), request))


def _fragment(name: str, context: dict[str, Any], request: HttpRequest) -> tuple[SafeString, str]:
    """The fragment with its fingerprint inside, and the fingerprint."""
    html = render_to_string(f"tracking/dashboard/{name}.html", context, request)
    seen = hashlib.blake2b(html.encode(), digest_size=8).hexdigest()
    return html + format_html('<input type="hidden" name="seen" value="{}">', seen), seen


def _answer(request: HttpRequest, html: str, seen: str) -> HttpResponse:
    """204 when the page shows this very fragment: nothing is replaced under somebody's cursor."""
    unchanged = request.GET.get("seen") == seen
    answer = HttpResponse(status=204) if unchanged else HttpResponse(html)
    answer["Cache-Control"] = "no-store"
    return answer
