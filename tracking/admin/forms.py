"""What people type to plan a wave: in the look of the panel."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from tracking.actions.phase import MOST_WORKERS
from tracking.choices.kinds import Bool, Enum
from tracking.choices.question import Question
from tracking.states import WaveKind


class Moment(forms.DateTimeField):
    """Day and time, in the browser's own picker; UTC."""

    widget = UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"})


class NoteForm(forms.Form):
    reason = forms.CharField(
        label=_("Note"), max_length=500, required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("Kept for good and shown to everybody; no personal data, please."),
    )  # fmt: skip


class ApproveForm(NoteForm):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class StartForm(NoteForm):
    workers = forms.IntegerField(
        label=_("Workers"), min_value=1, max_value=MOST_WORKERS, initial=1, widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("How many workers may work on a run at once."),
    )  # fmt: skip
    field_order = ("workers", "reason")


class WaiverForm(ReasonForm):
    owner = forms.CharField(
        label=_("Owner"),
        max_length=100,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Who settles it, and by when."),
    )
    expires_at = Moment(
        label=_("Ends (UTC)"), help_text=_("From then on the gate is red again; at most 90 days.")
    )
    field_order = ("reason", "owner", "expires_at")


class BackupForm(forms.Form):
    database = forms.ChoiceField(
        label=_("Database"), choices=[("v5", "V5"), ("legacy", "legacy"), ("default", _("panel"))],
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip
    location = forms.CharField(
        label=_("Where it lies"), max_length=500, widget=UnfoldAdminTextInputWidget,
        help_text=_("Machine and path, or the name in the store; never a password."),
    )  # fmt: skip
    size = forms.IntegerField(label=_("Size in bytes"), min_value=1, widget=UnfoldAdminIntegerFieldWidget)
    checksum = forms.CharField(
        label=_("Checksum"),
        max_length=128,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("As sha256sum prints it."),
    )
    taken_at = Moment(label=_("Taken at (UTC)"))


class WaveForm(forms.Form):
    """`names` are the legacy schools; empty when legacy does not answer: then ids are typed."""

    wave_name = forms.CharField(label=_("Name"), max_length=100, widget=UnfoldAdminTextInputWidget)
    kind = forms.ChoiceField(label=_("Kind"), choices=WaveKind.choices, widget=UnfoldAdminSelectWidget)
    cutover_at = Moment(
        label=_("Cut-over (UTC)"),
        required=False,
        help_text=_("What the rules call cut-over; empty: the start of the first run."),
    )
    reason = forms.CharField(
        label=_("Note"), max_length=500, required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, names: dict[int, str] | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        none = _("None ticked: all schools.")
        field: forms.Field
        if names:
            options_ = [(str(key), f"{key} {name}") for key, name in sorted(names.items())]
            field = forms.MultipleChoiceField(
                label=_("Schools"),
                choices=options_,
                required=False,
                help_text=none,
                widget=UnfoldAdminCheckboxSelectMultipleWidget,
            )
        else:
            says = _(
                "Legacy does not answer, so that names are unknown: ids with commas, or empty for all schools."
            )
            field = forms.RegexField(
                r"^[0-9,\s]*$",
                label=_("Schools"),
                required=False,
                help_text=says,
                widget=UnfoldAdminTextInputWidget,
            )
        self.fields["schools"] = field
        self.order_fields(("wave_name", "kind", "cutover_at", "schools", "reason"))

    def clean_schools(self) -> list[int]:
        given = self.cleaned_data["schools"]
        return [int(one) for one in (given.replace(",", " ").split() if isinstance(given, str) else given)]


class ChoiceForm(ReasonForm):
    """The answer to one question; what it allows is checked by the question itself."""

    def __init__(self, *args: Any, question: Question, names: dict[int, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["value"] = _answer(question)
        if question.per_school:
            everyone = [("", _("all schools"))]
            schools = [(str(key), f"{key} {name}") for key, name in sorted(names.items())]
            self.fields["school"] = forms.ChoiceField(
                label=_("For"), choices=[*everyone, *schools], required=False, widget=UnfoldAdminSelectWidget
            )
        self.order_fields(("value", "school", "reason"))


def _answer(question: Question) -> forms.Field:
    kind = question.kind
    if isinstance(kind, Enum):
        words = [(word, f"{word}: {says}{_unbuilt(kind, word)}") for word, says in kind.values.items()]
        return forms.ChoiceField(label=_("Answer"), choices=words, widget=UnfoldAdminSelectWidget)
    if isinstance(kind, Bool):
        words = [
            (word, f"{says}{_unbuilt(kind, word == 'true')}")
            for word, says in (("true", _("yes")), ("false", _("no")))
        ]
        return forms.ChoiceField(label=_("Answer"), choices=words, widget=UnfoldAdminSelectWidget)
    return forms.CharField(
        label=_("Answer"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=kind.allowed().strip("{}"),
    )


def _unbuilt(kind: Enum | Bool, value: Any) -> str:
    return f" ({_('not built: refused')})" if kind.unbuilt(value) is not None else ""
