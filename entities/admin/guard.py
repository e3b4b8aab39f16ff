"""Who may open the pages of the lineage, and what a page says when a database behind it does not answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

PERMISSION = "entities.view_legacyidmapping"
View = Callable[..., HttpResponse]
AWAY = 503
log = structlog.get_logger("migration")


def reachable(view: View) -> View:
    """A page that reads legacy or V5 says so when it cannot: before V5 is prepared, or while a server is away."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            answer = view(request, *args, **kwargs)
            if isinstance(answer, TemplateResponse):
                answer.render()  # lists are read while the page is written
            return answer
        except (OperationalError, ProgrammingError) as problem:
            log.warning("database away", kind=type(problem).__name__, page=request.path)
            away = shown(request, "entities/away.html", _("A database does not answer"))
            away.status_code = AWAY
            return away

    return answered


def page(view: View) -> View:
    """A whole page: whoever is not logged in is sent to the log-in, whoever may not see it is refused."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        return reachable(view)(request, *args, **kwargs)

    @wraps(view)
    def in_site(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer: HttpResponse = admin.site.admin_view(guarded)(request, *args, **kwargs)
        return answer

    return in_site


def fragment(view: View) -> View:
    """A part of a page: never a redirect, so that no log-in page ends up inside another one."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        if not (user.is_active and user.is_staff and user.has_perm(PERMISSION)):
            return HttpResponse(status=403)
        answer = view(request, *args, **kwargs)
        answer["Cache-Control"] = "no-store"
        return answer

    return guarded


def shown(request: HttpRequest, template: str, title: Any, **context: Any) -> TemplateResponse:
    """A page of the panel with its sidebar."""
    return TemplateResponse(
        request, template, {**admin.site.each_context(request), "title": title, **context}
    )
