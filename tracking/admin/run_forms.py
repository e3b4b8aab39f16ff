"""What people type to change a run or its batches. `seen` is what they saw: a page that is out of date is refused."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from tracking.actions.change import MOST_WORKERS
from tracking.actions.split import FEWEST, MOST
from tracking.admin.forms import NoteForm
from tracking.ledger import LARGEST_BATCH, SMALLEST_BATCH


class SeenForm(NoteForm):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class ChangeForm(SeenForm):
    """Empty fields leave things as they are: the size may have adapted while somebody typed."""

    batch_size = forms.IntegerField(
        label=_("Records in a batch"), required=False, min_value=SMALLEST_BATCH, max_value=LARGEST_BATCH,
        widget=UnfoldAdminIntegerFieldWidget,
    )  # fmt: skip
    workers = forms.IntegerField(
        label=_("Workers"),
        required=False,
        min_value=1,
        max_value=MOST_WORKERS,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    field_order = ("batch_size", "workers", "reason")

    def __init__(self, *args: Any, now: dict[str, int], **options: Any) -> None:
        super().__init__(*args, **options)
        for name, value in now.items():
            self.fields[name].help_text = _("Now %(value)s; empty: leave it.") % {"value": f"{value:,}"}

    def clean(self) -> dict[str, Any] | None:
        given = super().clean()
        if (
            given is not None
            and not self.errors
            and given.get("batch_size") is None
            and given.get("workers") is None
        ):
            raise forms.ValidationError(_("Nothing to change: give a size or a number of workers."))
        return given


class SplitForm(SeenForm):
    parts = forms.IntegerField(
        label=_("Parts"), min_value=FEWEST, max_value=MOST, initial=4, widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("Into how many smaller batches each one is split, by key range."),
    )  # fmt: skip
    field_order = ("parts", "reason")
