"""A kept sentence is English in the record and Spanish for a Spanish reader, whoever wrote it and in which language."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy

from entities.engine.errors import BadValue, Refused
from tracking import labels
from tracking.actions.base import ActionRefused
from tracking.sentences import (
    Sentence,
    Told,
    again,
    columns,
    facts_of,
    joined,
    packed,
    sentence,
    tell,
    told,
    unpacked,
)

STOPPED = sentence("%(n)s batches failed after all their attempts: look at them, then re-queue", n=3)


def in_spanish(text: str, facts: Any = None) -> str:
    with translation.override("es"):
        return tell(text, json.loads(json.dumps(facts)))


def test_a_sentence_is_plain_english_and_tells_itself_in_spanish() -> None:
    assert STOPPED == "3 batches failed after all their attempts: look at them, then re-queue"
    assert (
        in_spanish(STOPPED, facts_of(STOPPED)).startswith("3 ")
        and in_spanish(STOPPED, facts_of(STOPPED)) != STOPPED
    )
    assert tell(STOPPED, facts_of(STOPPED)) == STOPPED
    assert facts_of(sentence("The date cannot be read.")) is None  # it is its own template
    assert in_spanish("The date cannot be read.") != "The date cannot be read."
    assert facts_of("typed by a person") is None


def test_what_is_kept_is_english_even_when_a_spanish_reader_caused_it() -> None:
    with translation.override("es"):
        made = sentence("re-queued: %(what)s", what=gettext_lazy("Pause a run"))
        nested = joined("; ", [made, sentence("it expired")])
    assert nested == "re-queued: Pause a run; it expired"
    said = in_spanish(nested, facts_of(nested))
    assert "Pausar" in said and "it expired" not in said


def test_a_kept_sentence_becomes_a_fact_of_another_one() -> None:
    kept = json.loads(json.dumps(columns("status_reason", STOPPED, 20)))
    assert kept["status_reason"] == STOPPED[:20]
    outer = sentence(
        "%(run)s: %(why)s", run="#7 bookings", why=again(kept["status_reason"], kept["status_reason_facts"])
    )
    assert outer == f"#7 bookings: {STOPPED}"
    assert STOPPED[3:] not in in_spanish(outer, facts_of(outer))


def test_lists_of_sentences_come_through_json() -> None:
    fault = json.loads(json.dumps(packed(sentence("There is no issue %(n)s in this wave.", n=7))))
    assert unpacked(fault) == "There is no issue 7 in this wave." and unpacked("kept before") == "kept before"
    with translation.override("es"):
        assert unpacked(fault) != "There is no issue 7 in this wave." and "7" in unpacked(fault)


@pytest.mark.parametrize("facts", [{"facts": {}}, {"text": "%(n)s rows", "facts": {}}, [], 7, {"text": 7}])
def test_facts_of_another_version_leave_the_english_text(facts: Any) -> None:
    assert in_spanish("5 rows", facts) == "5 rows"


def test_a_person_s_own_words_are_never_translated() -> None:
    class Record:
        reason, reason_facts = "done", None
        told_typed, told = Told("reason", typed=True), Told("reason")

    with translation.override("es"):
        assert Record().told_typed == "done" and Record().told == "hecho"
    assert Record.told.short_description == str(labels.FIELDS["reason"])


@pytest.mark.parametrize("kind", [ActionRefused, Refused, lambda said: BadValue("DATE_INVALID", said)])
def test_a_refusal_is_said_to_the_reader_and_kept_in_english(kind: Any) -> None:
    refusal = kind(STOPPED)
    assert str(refusal) == STOPPED and isinstance(refusal.message, Sentence)
    with translation.override("es"):
        assert str(refusal) == told(STOPPED) != STOPPED
        assert refusal.message == STOPPED


def test_permissions_are_named_for_the_reader() -> None:
    kind = SimpleNamespace(model="run", model_class=lambda: None)
    stored = SimpleNamespace(content_type=kind, codename="pause_run", name="Pause a run")
    with translation.override("es"):
        assert "Pausar" in labels.permission_in_list(stored) and "Pausar" in labels.permission(
            "tracking.pause_run"
        )
        assert "run" in labels.permission_in_list(
            SimpleNamespace(content_type=kind, codename="view_run", name="Can view run")
        )
    assert labels.permission("tracking.of_nobody") == "tracking.of_nobody"
