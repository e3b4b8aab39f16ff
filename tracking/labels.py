"""What the columns of the record are called in the panel, in the language of the reader.

The names are set when the applications are ready and not in the fields: `verbose_name` is part of a migration, so
that every better word would need one.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.apps import apps
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

MODELS: dict[str, tuple[Promise, Promise]] = {
    "run": (_("run"), _("runs")),
    "batch": (_("batch"), _("batches")),
    "tally": (_("outcome"), _("outcomes")),
    "issue": (_("issue"), _("issues")),
    "logentry": (_("log line"), _("log lines")),
    "preflightreport": (_("pre-flight"), _("pre-flights")),
    "idreservation": (_("reserved ids"), _("reserved ids")),
    "validationresult": (_("check"), _("checks")),
    "user": (_("person"), _("people")),
    "job": (_("request"), _("requests")),
    "taskresult": (_("crashed task"), _("crashed tasks")),
    "legacyidmapping": (_("map entry"), _("id map")),
    "legacyarchive": (_("archived legacy row"), _("legacy archive")),
    "rollbackarchive": (_("row taken out of V5"), _("rollback archive")),
}
FIELDS: dict[str, Promise] = {
    "action": _("action"),
    "active": _("active"),
    "actor": _("actor"),
    "added_at": _("added at"),
    "additional_data": _("additional data"),
    "after": _("after"),
    "amount": _("amount"),
    "answered_at": _("answered at"),
    "answered_by": _("answered by"),
    "applied_at": _("applied at"),
    "approved_at": _("approved at"),
    "approved_by": _("approved by"),
    "asked_at": _("asked at"),
    "asked_by": _("asked by"),
    "asked_token": _("asked token"),
    "assignee": _("assignee"),
    "at": _("at"),
    "attempt": _("attempt"),
    "batch": _("batch"),
    "batch_id": _("batch"),
    "batch_size": _("batch size"),
    "batches": _("batches"),
    "before": _("before"),
    "begun_at": _("begun at"),
    "checkpoint": _("checkpoint"),
    "check_id": _("check"),
    "checksum": _("checksum"),
    "choices": _("choices"),
    "claims": _("claims"),
    "closed_at": _("closed at"),
    "code": _("code"),
    "code_version": _("code version"),
    "columns": _("columns"),
    "completed_at": _("completed at"),
    "content": _("content"),
    "correlation_id": _("correlation id"),
    "cpu": _("processor"),
    "created_at": _("created at"),
    "created_by": _("created by"),
    "criterion": _("criterion"),
    "currency": _("currency"),
    "cursor": _("cursor"),
    "cutover_at": _("cut-over"),
    "data": _("data"),
    "database": _("database"),
    "decided_at": _("decided at"),
    "decided_by": _("decided by"),
    "decisions": _("decisions"),
    "description": _("description"),
    "details": _("details"),
    "differences": _("differences"),
    "disposition": _("disposition"),
    "done": _("done"),
    "dry_run": _("dry run"),
    "end_reason": _("end reason"),
    "ended_at": _("ended at"),
    "entity_id": _("entity id"),
    "entity_type": _("entity type"),
    "entries": _("entries"),
    "error": _("error"),
    "error_count": _("error count"),
    "event": _("event"),
    "evidence": _("evidence"),
    "evidence_hash": _("evidence hash"),
    "exhausted": _("exhausted"),
    "expected": _("expected"),
    "expires_at": _("expires at"),
    "faults": _("faults"),
    "fence": _("fence"),
    "field": _("field"),
    "figures": _("figures"),
    "fingerprint": _("fingerprint"),
    "finished_at": _("finished at"),
    "first_seen": _("first seen"),
    "forecast": _("forecast"),
    "found": _("found"),
    "gate": _("gate"),
    "hash": _("content hash"),
    "id": _("ID"),
    "impact": _("impact"),
    "is_met": _("met"),
    "inherited": _("inherited"),
    "issue": _("issue"),
    "key": _("key"),
    "key_after": _("key after"),
    "key_to": _("key to"),
    "keys": _("keys"),
    "kind": _("kind"),
    "last_seen": _("last seen"),
    "leased_until": _("leased until"),
    "legacy_id": _("legacy id"),
    "legacy_table": _("legacy table"),
    "level": _("level"),
    "likelihood": _("likelihood"),
    "location": _("location"),
    "look": _("look"),
    "made_at": _("made at"),
    "made_by": _("made by"),
    "memory": _("memory"),
    "message": _("message"),
    "metadata": _("metadata"),
    "method": _("method"),
    "mitigation": _("mitigation"),
    "name": _("name"),
    "next_id": _("next id"),
    "not_before": _("not before"),
    "note": _("note"),
    "number": _("number"),
    "occurrences": _("occurrences"),
    "open": _("open"),
    "opened_at": _("opened at"),
    "outcome": _("outcome"),
    "owner": _("owner"),
    "params": _("params"),
    "parent_id": _("parent id"),
    "parent_table": _("parent table"),
    "part": _("part"),
    "passed": _("passed"),
    "path": _("path"),
    "payload": _("payload"),
    "phase": _("phase"),
    "position": _("position"),
    "problem": _("problem"),
    "processed_records": _("processed records"),
    "reason": _("reason"),
    "recorded_at": _("recorded at"),
    "recorded_by": _("recorded by"),
    "records": _("records"),
    "refusal": _("refusal"),
    "region_end": _("region end"),
    "regressions": _("regressions"),
    "rehearsal": _("rehearsal"),
    "rejected": _("rejected"),
    "repaired_at": _("repaired at"),
    "report": _("report"),
    "requested_at": _("requested at"),
    "requested_by": _("requested by"),
    "resolved_at": _("resolved at"),
    "restored_at": _("brought back at"),
    "result": _("result"),
    "rollback": _("rollback"),
    "rollback_id": _("rollback"),
    "root_entity": _("root entity"),
    "root_id": _("root id"),
    "rows": _("rows"),
    "rows_read": _("rows read"),
    "rows_written": _("rows written"),
    "run": _("run"),
    "run_id": _("run"),
    "said": _("what goes"),
    "said_at": _("said at"),
    "school_id": _("school"),
    "schools": _("schools"),
    "scope": _("scope"),
    "scratch": _("scratch database"),
    "seconds": _("seconds"),
    "seen": _("seen"),
    "seen_at": _("seen at"),
    "segment": _("segment"),
    "server": _("server"),
    "size": _("size"),
    "size_reason": _("reason of the size"),
    "skip": _("skip"),
    "source_hash": _("source hash"),
    "stage": _("stage"),
    "started_at": _("started at"),
    "state": _("state"),
    "status": _("status"),
    "status_reason": _("reason of the status"),
    "stays": _("stays"),
    "subject_id": _("subject id"),
    "subject_type": _("subject type"),
    "sweep": _("long work"),
    "table": _("table"),
    "taken_at": _("taken at"),
    "taken_by": _("taken by"),
    "target_hash": _("target hash"),
    "text": _("text"),
    "title": _("title"),
    "total": _("total"),
    "total_records": _("total records"),
    "triggered_at": _("triggered at"),
    "triggers": _("triggers"),
    "unchanged": _("unchanged"),
    "updated_at": _("updated at"),
    "v5_id": _("V5 id"),
    "v5_table": _("V5 table"),
    "validation_type": _("check"),
    "value": _("value"),
    "values": _("values"),
    "via": _("via"),
    "void_at": _("void at"),
    "void_reason": _("void reason"),
    "warning_count": _("warning count"),
    "wave": _("wave"),
    "withdrawn_at": _("withdrawn at"),
    "work": _("work"),
    "worker": _("worker"),
    "workers": _("workers"),
    "written": _("written over it"),
    "written_at": _("written at"),
    "written_by": _("written by"),
    "written_rows": _("written rows"),
}


VERBS = {
    "add": _("Can add: %(what)s"),
    "change": _("Can change: %(what)s"),
    "delete": _("Can delete: %(what)s"),
    "view": _("Can see: %(what)s"),
}


def permission(codename: str) -> str:
    """The code name of a permission of ours (`tracking.pause_run`) with what it lets a person do."""
    bare = codename.rpartition(".")[2]
    for model in apps.get_app_config("tracking").get_models():
        for known, name in model._meta.permissions:
            if known == bare:
                return f"{codename} ({name})"
    return codename


def permission_in_list(one: Permission) -> str:
    """A stored permission as the lists of the panel show it; Django stores its name in English."""
    model = one.content_type.model_class()
    what = str(model._meta.verbose_name) if model is not None else one.content_type.model
    verb, _underscore, of = one.codename.partition("_")
    if verb in VERBS and of == one.content_type.model:
        return VERBS[verb] % {"what": what}
    return f"{what}: {gettext(one.name)}"


def name(models: Iterable[type[Model]]) -> None:
    """Give each column without a name of its own the one listed above, and likewise each table."""
    for model in models:
        for field in model._meta.fields:
            if field._verbose_name is None and field.name in FIELDS:
                field.verbose_name = FIELDS[field.name]
        if model._meta.model_name in MODELS:
            model._meta.verbose_name, model._meta.verbose_name_plural = MODELS[model._meta.model_name]
