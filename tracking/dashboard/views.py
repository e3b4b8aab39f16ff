"""The dashboard and its live fragments. They only read; nothing here changes anything."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tracking.admin import live
from tracking.dashboard import content, figures, start
from tracking.models import Run

PERMISSION = "tracking.view_run"


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the index page shows: the chosen wave, or what to do first."""
    if not request.user.has_perm(PERMISSION):
        return {**context, "not_for_you": True}
    now, wave = timezone.now(), content.chosen_wave(request.GET.get("wave"))
    context |= {"title": _("Dashboard"), "waves": figures.waves(), "wave": wave}
    if wave is None or not Run.objects.filter(phase__wave=wave).exists():
        context["first_steps"] = start.first_steps(now, request.user)
    if wave is not None:
        figures_now = content.progress(wave, now)
        context["charts"] = figures_now["charts"]
        for name in ("progress", "details"):
            context[name] = _fragment(name, figures_now, request)
    context["health"] = _fragment("health", content.health(wave, now), request)
    return context


@live.guarded(PERMISSION)
def progress(request: HttpRequest) -> HttpResponse:
    """How far, how fast, which phase; with the figures of the charts."""
    return _of_wave("progress", request)


@live.guarded(PERMISSION)
def details(request: HttpRequest) -> HttpResponse:
    """Each migration, what became of the rows, what is wrong."""
    return _of_wave("details", request)


@live.guarded(PERMISSION)
def health(request: HttpRequest) -> HttpResponse:
    """Alerts, workers, queue, databases, machine, last events."""
    wave = content.chosen_wave(request.GET.get("wave"))
    return live.answer(request, _fragment("health", content.health(wave, timezone.now()), request))


@live.guarded(PERMISSION)
def workers(request: HttpRequest) -> HttpResponse:
    """Every worker and the batch that it holds."""
    return live.answer(request, _fragment("workers", content.workers_now(timezone.now()), request))


def _of_wave(name: str, request: HttpRequest) -> HttpResponse:
    wave = content.chosen_wave(request.GET.get("wave"))
    if wave is None:
        return HttpResponse(status=204)
    return live.answer(request, _fragment(name, content.progress(wave, timezone.now()), request))


def _fragment(name: str, context: dict[str, Any], request: HttpRequest) -> SafeString:
    return live.fragment(request, f"tracking/dashboard/{name}.html", context)
