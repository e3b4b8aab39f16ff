"""Repairing a record from a finding: V5 beside what its source gives today, and the page that asks before it writes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldBooleanWidget

from entities.admin import guard
from entities.engine.errors import Refused
from entities.operations import repair
from tracking.actions.base import ActionRefused
from tracking.admin.base import may_see_people
from tracking.admin.confirm import REFUSED
from tracking.admin.findings import record_address, record_name
from tracking.models import Finding


class RepairForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Note"), max_length=500, required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )  # fmt: skip


class OverwriteForm(RepairForm):
    """For a row that somebody edited in V5 since it was written."""

    overwrite = forms.BooleanField(
        label=gettext_lazy("Overwrite what was edited in V5"), required=False, widget=UnfoldBooleanWidget,
        help_text=gettext_lazy("That work goes to the rollback archive and is in V5 no longer."),
    )  # fmt: skip
    field_order = ("overwrite", "reason")


@require_http_methods(["GET", "POST"])
@guard.page
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows what would be written, POST writes it and leaves a decision."""
    if not request.user.has_perm(repair.RepairRecord.permission):
        raise PermissionDenied
    finding = Finding.objects.select_related("sweep", "wave").filter(pk=pk).first()
    if finding is None:
        raise Http404
    action = repair.RepairRecord(finding, actor=request.user)
    effect, refusal, is_edited = _look(action)
    form = (OverwriteForm if is_edited else RepairForm)(request.POST or None)
    if request.method == "POST" and form.is_valid() and (is_edited or not refusal):
        action.overwrite = bool(form.cleaned_data.get("overwrite"))
        action.reason = form.cleaned_data["reason"]
        try:
            action.perform(timezone.now())
        except (ActionRefused, Refused) as refused:
            refusal = str(refused)
        else:
            messages.success(request, _("Done: %(effect)s") % {"effect": effect})
            return HttpResponseRedirect(reverse("admin:tracking_finding_change", args=[pk]))
    return _shown(request, finding, form, effect, refusal, is_edited)


def _look(action: repair.RepairRecord) -> tuple[str, str, bool]:
    """The effect in words, why it is refused, and whether only the tick for edited rows is missing."""
    try:
        effect = action.effect()
        action.check()
    except Refused as refused:
        return "", str(refused), False
    except ActionRefused as refused:
        action.overwrite = True
        try:
            action.check()
        except ActionRefused as final:
            return "", str(final), False
        return effect, str(refused), True
    finally:
        action.overwrite = False
    return effect, "", False


def _shown(
    request: HttpRequest, finding: Finding, form: forms.Form, effect: str, refusal: str, is_edited: bool
) -> HttpResponse:
    compared: Any = None
    if finding.legacy_id is not None and finding.legacy_table:
        compared = repair.preview(finding, personal=may_see_people(request))
    answer = guard.shown(
        request, "entities/reconciliation/repair.html", _("Repair %(record)s") % {"record": record_name(finding)},
        finding=finding, compared=compared, form=form, effect=effect, refusal=refusal,
        offers=is_edited or not refusal, record=record_address(finding), opts=Finding._meta,
        back=reverse("admin:tracking_finding_change", args=[finding.pk]),
    )  # fmt: skip
    if request.method == "POST":
        answer.status_code = REFUSED
    return answer
