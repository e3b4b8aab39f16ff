"""For the project manager: the questions of a wave, what was answered, by whom and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from tracking import choices, work
from tracking.actions.base import Action
from tracking.actions.choice import DecideChoice, ForgetChoice, shown
from tracking.admin import confirm
from tracking.admin.base import ReadOnlyAdmin
from tracking.admin.forms import ChoiceForm, ReasonForm
from tracking.choices.compound import Composite
from tracking.choices.kinds import Bool, Enum, Kind
from tracking.choices.question import Question
from tracking.gates.choices import REQUIRED
from tracking.models import ChoiceValue, Wave


@admin.register(ChoiceValue)
class ChoiceValueAdmin(ReadOnlyAdmin):
    fields = ("wave", "key", "school_id", "value", "reason", "decided_by", "decided_at")
    readonly_fields = fields

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:wave>/<str:key>/decide/", view(self.decide), name="tracking_choicevalue_decide"),
            path(
                "<int:wave>/<str:key>/forget/<int:school>/",
                view(self.forget),
                name="tracking_choicevalue_forget",
            ),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Every question of one wave, in the order of the rules."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        waves = list(Wave.objects.order_by("-pk")[:50])
        asked = request.GET.get("wave", "")
        wave = Wave.objects.filter(pk=int(asked)).first() if asked.isdigit() else next(iter(waves), None)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Choices of wave %(wave)s") % {"wave": wave} if wave else _("Choices"),
            "wave": wave,
            "waves": waves,
            "questions": _questions(wave) if wave else [],
            "may_decide": request.user.has_perm("tracking.decide_choice"),
            "is_fullwidth": True,
        }
        return TemplateResponse(request, "tracking/choice/list.html", context)

    def decide(self, request: HttpRequest, wave: int, key: str) -> HttpResponse:
        found, question = self._asked(request, wave, key)

        def make(values: Mapping[str, Any]) -> Action:
            school = int(values["school"]) if values.get("school") else None
            return DecideChoice(
                found,
                key,
                values.get("value"),
                school=school,
                actor=request.user,
                reason=values.get("reason", ""),
            )

        hold = question.dump(_held(found).get(key, question.standard))
        page = confirm.Confirmation(
            f"{key} · {question.question}", DecideChoice, make, _list_of(found), form=ChoiceForm, initial={"value": _typed(hold)},
            form_options={"question": question, "names": work.schools()}, button=_("Decide"), previews=True,
            about=_("Default: %(value)s.") % {"value": shown(question.dump(question.standard))},
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def forget(self, request: HttpRequest, wave: int, key: str, school: int) -> HttpResponse:
        found, question = self._asked(request, wave, key)
        page = confirm.Confirmation(
            f"{key} · {question.question}", ForgetChoice,
            lambda values: ForgetChoice(
                found, key, school=school or None, actor=request.user, reason=values.get("reason", "")
            ),
            _list_of(found), form=ReasonForm, button=_("Take the answer back"), danger=True,
        )  # fmt: skip
        return confirm.answer(self, request, page)

    def _asked(self, request: HttpRequest, wave: int, key: str) -> tuple[Wave, Question]:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found, question = Wave.objects.filter(pk=wave).first(), choices.ALL.get(key)
        if found is None or question is None:
            raise Http404
        return found, question


def _list_of(wave: Wave) -> str:
    return f"{reverse('admin:tracking_choicevalue_changelist')}?wave={wave.pk}"


def _held(wave: Wave) -> dict[str, Any]:
    """The parsed answers for all schools; one that is no longer valid is left out, so that its page still opens."""
    held = {}
    for row in ChoiceValue.objects.filter(wave=wave, school_id=0):
        try:
            held[row.key] = choices.parse(row.key, row.value)
        except choices.ChoiceError:
            continue
    return held


def _typed(value: Any) -> str:
    """A value as it can be typed into the form."""
    import json

    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _questions(wave: Wave) -> list[dict[str, Any]]:
    answers: dict[str, list[ChoiceValue]] = defaultdict(list)
    for row in ChoiceValue.objects.filter(wave=wave).select_related("decided_by").order_by("school_id"):
        answers[row.key].append(row)
    names = work.schools() if any(row.school_id for rows in answers.values() for row in rows) else {}
    return [_question(wave, question, answers[key], names) for key, question in choices.ALL.items()]


def _question(
    wave: Wave, question: Question, rows: list[ChoiceValue], names: dict[int, str]
) -> dict[str, Any]:
    general = next((row for row in rows if not row.school_id), None)
    return {
        "key": question.key,
        "name": question.name,
        "question": question.question,
        "default": shown(question.dump(question.standard)),
        "value": shown(general.value) if general else "",
        "row": general,
        "required": REQUIRED.get(question.key, ""),
        "per_school": question.per_school,
        "options": list(options(question.kind)),
        "decide": reverse("admin:tracking_choicevalue_decide", args=[wave.pk, question.key]),
        "answers": [_answer(wave, row, names) for row in rows],
    }


def _answer(wave: Wave, row: ChoiceValue, names: dict[int, str]) -> dict[str, Any]:
    school = (
        f"{names.get(row.school_id, _('unknown'))} ({row.school_id})" if row.school_id else _("all schools")
    )
    forget = reverse("admin:tracking_choicevalue_forget", args=[wave.pk, row.key, row.school_id])
    return {"row": row, "school": school, "value": shown(row.value), "forget": forget}


def options(kind: Kind, part: str = "") -> list[dict[str, Any]]:
    """The answers that a kind allows, what each does, and whether its branch is built."""
    mark = f"{part} = " if part else ""
    if isinstance(kind, Composite):
        return [one for name, inner in kind.parts.items() for one in options(inner, name)]
    if isinstance(kind, Enum):
        return [
            {"word": f"{mark}{word}", "says": says, "built": kind.unbuilt(word) is None}
            for word, says in kind.values.items()
        ]
    if isinstance(kind, Bool):
        words = ((False, _("no")), (True, _("yes")))
        return [
            {"word": f"{mark}{says}", "says": "", "built": kind.unbuilt(value) is None}
            for value, says in words
        ]
    return [{"word": part, "says": kind.allowed(), "built": True}]
