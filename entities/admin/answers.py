"""The forms behind the answers of support: a value per column, a sheet of corrections, a person."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from entities.operations import record
from entities.operations.record import Column
from tracking.admin.forms import ReasonForm
from tracking.imports import EMPTY, LONGEST_CELL, MOST_BYTES
from tracking.masking import HIDDEN
from tracking.sentences import told

PREFIX = "c_"
ALWAYS_SHOWN = 12


class CorrectionForm(ReasonForm):
    """One input per legacy column, by its column's type. What is left as it was is no correction.

    `set_in` are values in force already; `for_group`: the records differ, so that every input begins empty.
    """

    def __init__(self, *args: Any, table: str, columns: list[Column], set_in: dict[str, Any] | None = None,
                 for_group: bool = False, **options: Any) -> None:  # fmt: skip
        super().__init__(*args, **options)
        self.table, self.columns, self.for_group = table, columns, for_group
        self.before = {one.name: self._shown(one, set_in or {}) for one in columns}
        for one in columns:
            self.fields[PREFIX + one.name] = self._field(one)
        self.order_fields([*(PREFIX + one.name for one in columns), "reason"])

    def _shown(self, one: Column, set_in: dict[str, Any]) -> str:
        if one.hidden or self.for_group:
            return ""
        value = set_in.get(one.name, one.value)
        return "" if value is None else str(value)

    def _field(self, one: Column) -> forms.Field:
        long = not one.typed and len(self.before[one.name]) > 80
        attrs = {"placeholder": HIDDEN if one.hidden else "", "autocomplete": "off"}
        widget = (
            UnfoldAdminTextareaWidget(attrs={**attrs, "rows": 3})
            if long
            else UnfoldAdminTextInputWidget(attrs=attrs)
        )
        return forms.CharField(
            label=one.name, required=False, strip=False, initial=self.before[one.name], max_length=LONGEST_CELL,
            widget=widget, help_text=self._help(one),
        )  # fmt: skip

    def _help(self, one: Column) -> str:
        said = [told(one.expects)]
        if one.parent:
            said.append(_("id of a row of %(table)s") % {"table": one.parent})
        if one.hidden:
            said.append(_("hidden from you; leave it empty to keep it"))
        if self.for_group:
            said.append(_("leave it empty to keep it"))
        if one.nullable:
            said.append(_("%(word)s empties it") % {"word": EMPTY})
        return "; ".join(said)

    def main(self) -> list[forms.BoundField]:
        """The columns that matter: the guilty, then those that rules read."""
        return [self[PREFIX + one.name] for one in self._main()]

    def others(self) -> list[forms.BoundField]:
        main = {one.name for one in self._main()}
        return [self[PREFIX + one.name] for one in self.columns if one.name not in main]

    def _main(self) -> list[Column]:
        guilty = [one for one in self.columns if one.guilty]
        return guilty or [one for one in self.columns if one.used][:ALWAYS_SHOWN]

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        cleaned["values"] = values = self._changed(cleaned)
        for column, text in values.items():
            try:
                record.check(self.table, column, text)
            except ValueError as wrong:
                self.add_error(PREFIX + column, str(wrong))
        if not values:
            raise forms.ValidationError(_("Nothing is changed: give at least one column another value."))
        return cleaned

    def _changed(self, cleaned: dict[str, Any]) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for one in self.columns:
            if PREFIX + one.name not in self.data:
                continue  # what was not sent is not emptied
            text = str(cleaned.get(PREFIX + one.name) or "").replace("\r\n", "\n")
            if text == self.before[one.name].replace("\r\n", "\n"):
                continue
            found[one.name] = None if text.strip() == EMPTY else text
        return found


class ApplyForm(ReasonForm):
    """The last step of a correction: everything is typed already."""

    reason = forms.CharField(widget=forms.HiddenInput, max_length=500)


class SkipForm(ReasonForm):
    now = forms.BooleanField(
        label=gettext_lazy("Send the record again at once, so that V5 knows"), required=False, initial=True,
        widget=UnfoldBooleanSwitchWidget,
    )  # fmt: skip


class AssignForm(forms.Form):
    """People with access to the panel."""

    person = forms.ModelChoiceField(
        User.objects.filter(is_active=True, is_staff=True).order_by("username"), label=gettext_lazy("Person"), required=False,
        empty_label=gettext_lazy("nobody in particular"), widget=UnfoldAdminSelectWidget,
    )  # fmt: skip


class NoteForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Note"), max_length=4_000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=gettext_lazy("Kept for good and shown to everybody who sees the record."),
    )  # fmt: skip


class SheetForm(forms.Form):
    sheet = forms.FileField(
        label=gettext_lazy("Sheet (.csv or .xlsx)"),
        help_text=gettext_lazy("Exported from a cause, with “new value” and “reason” filled in. Nothing changes before "
                               "you have seen every line."),
    )  # fmt: skip

    def clean_sheet(self) -> Any:
        given = self.cleaned_data["sheet"]
        if given.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than %(n)s MB: send fewer lines at a time.")
                                        % {"n": MOST_BYTES // 1_000_000})  # fmt: skip
        return given
