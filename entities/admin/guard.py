"""Who may open the pages of the lineage: staff who may view the id map."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

PERMISSION = "entities.view_legacyidmapping"
View = Callable[..., HttpResponse]


def page(view: View) -> View:
    """A whole page: whoever is not logged in is sent to the log-in, whoever may not see it is refused."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        return view(request, *args, **kwargs)

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
