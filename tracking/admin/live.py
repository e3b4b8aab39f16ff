"""Live fragments of a page: rendered with a fingerprint, answered with 204 while nothing changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET


def guarded(permission: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """GET only, 403 instead of a redirect: a log-in page must not end up inside a fragment."""

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            person = request.user
            if not (person.is_active and person.is_staff and person.has_perm(permission)):
                return HttpResponse(status=403)
            return view(request, *args, **kwargs)

        return require_GET(inner)

    return wrap


def fragment(request: HttpRequest, template: str, context: dict[str, Any]) -> SafeString:
    """The rendered template with its fingerprint inside."""
    html = render_to_string(template, context, request)
    seen = hashlib.blake2b(html.encode(), digest_size=8).hexdigest()
    return html + format_html('<input type="hidden" name="seen" value="{}">', seen)


def answer(request: HttpRequest, html: str) -> HttpResponse:
    """204 when the page shows this very fragment: nothing is replaced under somebody's cursor."""
    seen = request.GET.get("seen", "")
    unchanged = bool(seen) and html.endswith(f'name="seen" value="{seen}">')
    response = HttpResponse(status=204) if unchanged else HttpResponse(html)
    response["Cache-Control"] = "no-store"
    return response
