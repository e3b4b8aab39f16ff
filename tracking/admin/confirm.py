"""The confirmation page of an action: it names the effect, and only its POST changes anything (trap 1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from tracking.actions.base import Action, ActionRefused
from tracking.models import AuditEvent

Make = Callable[[Mapping[str, Any]], Action]
REFUSED = 409
NOT_SAID_YET = "…"


@dataclass(frozen=True)
class Confirmation:
    """`make` builds the action from the form's values. `previews`: the effect depends on what is typed, so that it
    is shown before the button that does it. `back` is where the person came from.
    `of`: the kind of thing it is about, for the way back in the title bar, where that is not the admin's own."""

    title: Any
    action: type[Action]
    make: Make
    back: str
    form: type[forms.Form] | None = None
    initial: Mapping[str, Any] = field(default_factory=dict)
    form_options: Mapping[str, Any] = field(default_factory=dict)
    button: Any = ""
    danger: bool = False
    previews: bool = False
    about: Any = ""
    done: Callable[[Action], str] | None = None
    of: type[Model] | None = None


def answer(admin: ModelAdmin, request: HttpRequest, page: Confirmation) -> HttpResponse:
    """GET shows the form and the effect, POST does it; 403 without the permission, 409 when it is refused."""
    if not request.user.has_perm(page.action.permission):
        raise PermissionDenied
    if request.method != "POST":
        return _ask(admin, request, page)
    form = _form(page, request.POST)
    if form is not None and not form.is_valid():
        return _show(admin, request, page, form)
    values = form.cleaned_data if form is not None else {}
    action = page.make(values)
    try:
        if page.previews and "confirmed" not in request.POST:
            return _preview(admin, request, page, form, action)
        effect = action.effect()
        event = action.perform(timezone.now())
    except ActionRefused as refusal:
        return _show(admin, request, page, form, refusal=str(refusal), status=REFUSED)
    tell_done(request, effect, event)
    return redirect(page.done(action) if page.done else page.back)


def tell_done(request: HttpRequest, effect: str, event: AuditEvent) -> None:
    """What was done, with the way to what comes of it when records were sent again."""
    done = _("Done: %(effect)s") % {"effect": effect}
    outcomes = format_html_join(
        "",
        ' <a class="underline" href="{}">{}</a>',
        (
            (reverse("admin:tracking_requeue_change", args=[pk]), _("See what comes of it"))
            for pk in (event.after or {}).get("requeues", [])
        ),
    )
    messages.success(request, format_html("{}{}", done, outcomes))


def _form(page: Confirmation, data: Any = None) -> forms.Form | None:
    if page.form is None:
        return None
    return page.form(data, initial=dict(page.initial), **page.form_options)


def _ask(admin: ModelAdmin, request: HttpRequest, page: Confirmation) -> HttpResponse:
    form = _form(page)
    if page.previews:
        return _show(admin, request, page, form)
    action = page.make({**page.initial, "reason": NOT_SAID_YET})
    try:
        effect = action.effect()
        _check(action)
    except ActionRefused as refusal:
        return _show(admin, request, page, form, refusal=str(refusal), final=True)
    return _show(admin, request, page, form, effect=effect)


def _check(action: Action) -> None:
    """What `perform` would check, in a transaction as there: checks may lock what two people could answer at once."""
    if hasattr(action, "now"):
        action.now = timezone.now()
    with transaction.atomic(using="default"):
        action.check()


def _preview(
    admin: ModelAdmin, request: HttpRequest, page: Confirmation, form: forms.Form | None, action: Action
) -> HttpResponse:
    effect = action.effect()
    _check(action)
    return _show(admin, request, page, form, effect=effect, confirms=True)


def _show(admin: ModelAdmin, request: HttpRequest, page: Confirmation, form: forms.Form | None, *, effect: str = "",
          refusal: str = "", final: bool = False, confirms: bool = False, status: int = 200) -> HttpResponse:  # fmt: skip
    """`final`: no answer to the form would help, so that there is no button. `confirms`: the last step."""
    context = {
        **admin.admin_site.each_context(request),
        "opts": (page.of or admin.model)._meta,
        "title": page.title,
        "page": page,
        "form": form,
        "effect": effect,
        "refusal": refusal,
        "final": final,
        "confirms": confirms,
        "asks_effect": page.previews and not confirms,
    }
    return TemplateResponse(request, "tracking/page/confirm.html", context, status=status)
