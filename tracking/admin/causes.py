"""For support: what is wrong, by cause and by impact; one cause with its records; actions on all of them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from tracking import codes
from tracking.actions.base import Action
from tracking.actions.bulk import RequeueGroup, RequeueSelected, SkipGroup
from tracking.admin import confirm
from tracking.admin.base import ReadOnlyAdmin
from tracking.admin.forms import NoteForm, ReasonForm
from tracking.models import Issue, IssueGroup, Job, Wave
from tracking.states import IssueState
from tracking.triage import groups

PAGE = 50
WAVES_SHOWN = 50


class SelectedForm(NoteForm):
    issues = forms.CharField(widget=forms.HiddenInput)


@admin.register(IssueGroup)
class IssueGroupAdmin(ReadOnlyAdmin):
    """Causes, and one cause. Numbers come from the groups, records page by page by their number."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/do/<slug:what>/", view(self.act), name="tracking_issuegroup_do"),
            path("<int:pk>/requeue-selected/", view(self.selected), name="tracking_issuegroup_selected"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Causes with open issues; `wave` and `level` narrow them."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        waves = list(Wave.objects.order_by("-pk")[:WAVES_SHOWN])
        wave = _wave(request, waves)
        level = request.GET.get("level", "")
        level = level if level in (Issue.ERROR, Issue.WARNING) else ""
        found = groups.causes(wave, level=level) if wave else []
        context = {
            **self.admin_site.each_context(request), "title": _("Causes"), "opts": self.opts, "waves": waves, "wave": wave,
            "level": level, "causes": [shown(one) for one in found], "totals": _totals(found),
            "uncounted": bool(wave) and not found and _has_issues(wave),
        }  # fmt: skip
        return TemplateResponse(request, "tracking/issue/causes.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One cause: what it means, what can be done, and its records from the oldest on."""
        group = self.get_object(request, object_id)
        if group is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[no-any-return]
        if not self.has_view_permission(request, group):
            raise PermissionDenied
        cause = groups.cause_of(group)
        after = request.GET.get("after", "")
        issues = cause.issues().filter(pk__gt=int(after) if after.isdigit() and len(after) < 18 else 0)
        page = list(issues.select_related("assignee").defer("payload")[: PAGE + 1])
        context = {
            **self.admin_site.each_context(request), "title": f"{cause.code} · {cause.entity_type}", "opts": self.opts,
            "cause": shown(cause), "issues": page[:PAGE], "next": page[PAGE - 1].pk if len(page) > PAGE else None,
            "is_first": not after, "may": may(request), "jobs": _jobs(group),
        }  # fmt: skip
        return TemplateResponse(request, "tracking/issue/cause.html", context)

    def act(self, request: HttpRequest, pk: int, what: str) -> HttpResponse:
        """The confirmation of an action on every record of the cause."""
        cause = self._cause(request, pk)
        kinds: dict[str, tuple[Any, type[Action], Any, Any, bool]] = {
            "requeue": (_("Re-queue the whole group"), RequeueGroup, NoteForm, _("Re-queue"), False),
            "skip": (_("Leave the whole group out"), SkipGroup, ReasonForm, _("Leave out"), True),
        }
        if what not in kinds:
            raise Http404
        title, action, form, button, danger = kinds[what]

        def make(values: Mapping[str, Any]) -> Action:
            return action(cause, actor=request.user, reason=values.get("reason") or "")

        page = confirm.Confirmation(
            title, action, make, address(pk), form=form, button=button, danger=danger, done=job_page,
            about=_("%(code)s: %(sentence)s") % {"code": cause.code, "sentence": sentence(cause.code)},
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def selected(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The confirmation of sending the ticked records again."""
        cause = self._cause(request, pk)
        chosen = ",".join(one for one in request.GET.getlist("issue") if one.isdigit())

        def make(values: Mapping[str, Any]) -> Action:
            ids = [
                int(one)
                for one in str(values.get("issues") or "").split(",")
                if one.isdigit() and len(one) < 18
            ]
            return RequeueSelected(cause.wave, ids, actor=request.user, reason=values.get("reason") or "")

        page = confirm.Confirmation(
            _("Re-queue the chosen records"), RequeueSelected, make, address(pk), form=SelectedForm,
            initial={"issues": chosen}, button=_("Re-queue"),
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def _cause(self, request: HttpRequest, pk: int) -> groups.Cause:
        group = IssueGroup.objects.filter(pk=pk).first()
        if group is None:
            raise Http404
        if not self.has_view_permission(request, group):
            raise PermissionDenied
        return groups.cause_of(group)


def _wave(request: HttpRequest, waves: list[Wave]) -> Wave | None:
    wanted = request.GET.get("wave", "")
    return next((wave for wave in waves if str(wave.pk) == wanted), waves[0] if waves else None)


def _totals(found: list[groups.Cause]) -> dict[str, Any]:
    money: dict[str, Decimal] = {}
    for cause in found:
        for currency, amount in cause.money.items():
            money[currency] = money.get(currency, Decimal(0)) + amount
    errors = sum(one.open for one in found if one.level == Issue.ERROR)
    return {
        "errors": errors, "warnings": sum(one.open for one in found) - errors, "causes": len(found),
        "back": sum(bool(one.regressions) for one in found), "money": in_words(money),
    }  # fmt: skip


def _has_issues(wave: Wave | None) -> bool:
    return Issue.objects.filter(wave=wave, state=IssueState.OPEN).exists()


def _jobs(group: IssueGroup) -> list[Job]:
    recent = (
        Job.objects.filter(wave=group.wave_id)
        .select_related("asked_by")
        .defer("result", "params")
        .order_by("-pk")
    )
    return list(recent.filter(params__group=group.pk)[:5])


def shown(cause: groups.Cause) -> dict[str, Any]:
    """A cause with its words and addresses."""
    code = codes.ALL.get(cause.code)
    return {
        "cause": cause, "pk": cause.pk, "sentence": sentence(cause.code), "next_step": str(code.next_step) if code else "",
        "money": in_words(cause.money), "address": address(cause.pk),
        "records": f"{address(cause.pk)}#records",  # page by page by key: the list of issues sorts a million first
    }  # fmt: skip


def sentence(code: str) -> str:
    return str(codes.ALL[code].sentence) if code in codes.ALL else ""


def in_words(money: Mapping[str, Decimal]) -> str:
    none = _("without currency")
    return ", ".join(f"{amount:,.2f} {currency or none}" for currency, amount in sorted(money.items()))


def address(pk: int) -> str:
    return reverse("admin:tracking_issuegroup_change", args=[pk])


def job_page(action: Any) -> str:
    """Where a person sees how the request goes on."""
    return reverse("admin:tracking_job_change", args=[action.job.pk])


def may(request: HttpRequest) -> dict[str, bool]:
    """Which answers this person may give."""
    has = request.user.has_perm
    return {
        "correct": has("tracking.correct_issue"), "apply": has("tracking.apply_correction"), "skip": has("tracking.skip_record"),
        "assign": has("tracking.assign_issue"), "note": has("tracking.note_issue"), "requeue": has("tracking.requeue_batches"),
    }  # fmt: skip
