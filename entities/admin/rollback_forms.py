"""What people type to look at a rollback or to bring rows back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from entities import registry
from entities.engine.errors import Refused
from entities.rollback import request
from entities.rollback.selection import Selection
from tracking.actions.base import ActionRefused
from tracking.admin.forms import Moment, ReasonForm
from tracking.models import Batch, Checkpoint, Rollback, Run, Wave

Kind = Rollback.Kind
ORDER = ("kind", "wave", "which", "include", "reason")


class AskForm(ReasonForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("What is to go back"), choices=Kind.choices, widget=UnfoldAdminSelectWidget
    )
    wave = forms.ModelChoiceField(
        label=gettext_lazy("Wave"), queryset=Wave.objects.all(), widget=UnfoldAdminSelectWidget
    )
    which = forms.CharField(
        label=gettext_lazy("Which"), required=False, max_length=100, widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Number of the run, batch, phase or checkpoint; legacy id of the school; name of the "
                               "migration; a record as booking:42. Empty for the whole wave."),
    )  # fmt: skip
    include = forms.BooleanField(
        label=gettext_lazy("Also what stands on it"), required=False, widget=UnfoldBooleanWidget,
        help_text=gettext_lazy("Later runs, or for a record or batch the later records, that need what goes."),
    )  # fmt: skip
    field_order = ORDER


def asked(values: Mapping[str, Any]) -> tuple[Wave, Callable[..., Rollback], str]:
    """The wave, the request and its words, from what was typed; refuses what names nothing."""
    wave, kind, which = values.get("wave"), values.get("kind", ""), str(values.get("which") or "").strip()
    if wave is None:
        raise ActionRefused(_("Choose a wave."))
    said = f"{Kind(kind).label} {which}".strip()
    include: dict[str, Any] = {"include": bool(values.get("include"))}
    if kind == Kind.WAVE:
        return wave, partial(request.of_wave, wave, **include), said
    if kind == Kind.MIGRATION:
        if which not in registry.MIGRATIONS:
            raise ActionRefused(_("There is no migration %(name)s.") % {"name": which or "–"})
        return wave, partial(request.of_migration, wave, which, **include), said
    if kind == Kind.RECORD:
        entity, _colon, number = which.rpartition(":")
        if not entity or not number.isdigit():
            raise ActionRefused(_("Write the record as kind:id, for example booking:42."))
        return wave, partial(request.of_record, entity, int(number), **include), said
    return wave, _numbered(wave, kind, which, include), said


def _numbered(wave: Wave, kind: str, which: str, include: dict[str, Any]) -> Callable[..., Rollback]:
    if not which.isdigit() or len(which) > 17:
        raise ActionRefused(_("Give the number."))
    number = int(which)
    if kind == Kind.SCHOOL:
        return partial(request.of_school, wave, number)
    if kind == Kind.PHASE:
        return partial(request.of_phase, _one(wave.phases, number=number), **include)
    if kind == Kind.RUN:
        runs = Run.objects.select_related("phase__wave").filter(phase__wave=wave, dry_run=False)
        return partial(request.of_run, _one(runs, pk=number), **include)
    if kind == Kind.BATCH:
        batches = Batch.objects.select_related("run__phase__wave").filter(run__phase__wave=wave)
        return partial(request.of_batch, _one(batches, pk=number), **include)
    return partial(
        request.to_checkpoint, _one(Checkpoint.objects.select_related("wave").filter(wave=wave), pk=number)
    )


def _one(objects: Any, **which: Any) -> Any:
    found = objects.filter(**which).first()
    if found is None:
        raise ActionRefused(_("This wave has none with that number."))
    return found


class CheckpointForm(ReasonForm):
    wave = forms.ModelChoiceField(
        label=gettext_lazy("Wave"), queryset=Wave.objects.all(), widget=UnfoldAdminSelectWidget
    )
    title = forms.CharField(label=gettext_lazy("Name"), max_length=100, widget=UnfoldAdminTextInputWidget)
    field_order = ("wave", "title", "reason")


class RestoreForm(ReasonForm):
    rollback = forms.IntegerField(label=gettext_lazy("Rollback"), required=False, widget=UnfoldAdminIntegerFieldWidget,
                                  help_text=gettext_lazy("Alone: everything that it took out."))  # fmt: skip
    table = forms.CharField(
        label=gettext_lazy("V5 table"), required=False, max_length=64, widget=UnfoldAdminTextInputWidget
    )
    ids = forms.CharField(label=gettext_lazy("V5 ids"), required=False, max_length=1000, widget=UnfoldAdminTextInputWidget,
                          help_text=gettext_lazy("Separated by commas."))  # fmt: skip
    record = forms.CharField(label=gettext_lazy("Record"), required=False, max_length=100, widget=UnfoldAdminTextInputWidget,
                             help_text=gettext_lazy("kind:id, for example booking:42; or a kind."))  # fmt: skip
    school = forms.IntegerField(
        label=gettext_lazy("Legacy school"), required=False, widget=UnfoldAdminIntegerFieldWidget
    )
    since = Moment(label=gettext_lazy("Made since (UTC)"), required=False)
    until = Moment(label=gettext_lazy("Made until (UTC)"), required=False)
    field_order = ("rollback", "table", "ids", "record", "school", "since", "until", "reason")


def selected(values: Mapping[str, Any]) -> Selection:
    """What is to come back, from what was typed."""
    entity, _colon, number = str(values.get("record") or "").strip().partition(":")
    ids = [part.strip() for part in str(values.get("ids") or "").split(",") if part.strip()]
    if not all(part.isdigit() for part in ids) or (number and not number.isdigit()):
        raise ActionRefused(_("Ids are numbers."))
    moments: dict[str, Any] = {
        name: values[name].strftime("%Y-%m-%d %H:%M:%S") if values.get(name) else ""
        for name in ("since", "until")
    }
    try:
        return Selection(
            rollback=values.get("rollback"), table=str(values.get("table") or "").strip(), ids=list(map(int, ids)),
            entity=entity, legacy_ids=[int(number)] if number else [], school=values.get("school"), **moments,
        )  # fmt: skip
    except Refused as refusal:
        raise ActionRefused(*refusal.args) from refusal
