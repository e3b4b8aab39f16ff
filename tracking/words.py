"""Words that the record stores in English, in the language of the person who reads them.

Stored words never change: they are compared, filtered and exported. Only what a page shows is translated here; a
word that is not listed is shown as it is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

OUTCOMES: dict[str, Promise] = {
    "migrated": pgettext_lazy("outcome", "migrated"),
    "merged": pgettext_lazy("outcome", "merged"),
    "split": pgettext_lazy("outcome", "split"),
    "skipped": pgettext_lazy("outcome", "skipped"),
    "rejected": pgettext_lazy("outcome", "rejected"),
    "synthesised": pgettext_lazy("outcome", "synthesised"),
}
STATES: dict[str, Promise] = {
    "pending": pgettext_lazy("state", "pending"),
    "running": pgettext_lazy("state", "running"),
    "pausing": pgettext_lazy("state", "pausing"),
    "paused": pgettext_lazy("state", "paused"),
    "stopped": pgettext_lazy("state", "stopped"),
    "cancelling": pgettext_lazy("state", "cancelling"),
    "cancelled": pgettext_lazy("state", "cancelled"),
    "completed": pgettext_lazy("state", "completed"),
    "unbalanced": pgettext_lazy("state", "unbalanced"),
    "rolling_back": pgettext_lazy("state", "rolling back"),
    "rolled_back": pgettext_lazy("state", "rolled back"),
    "looking": pgettext_lazy("state", "looking"),
    "looked": pgettext_lazy("state", "looked at"),
    "rolling": pgettext_lazy("state", "rolling back"),
    "unproven": pgettext_lazy("state", "not proven"),
    "taking": pgettext_lazy("state", "being taken"),
    "taken": pgettext_lazy("state", "taken"),
    "done": pgettext_lazy("state", "done"),
    "failed": pgettext_lazy("state", "failed"),
    "open": pgettext_lazy("state", "open"),
    "triggered": pgettext_lazy("state", "triggered"),
    "mitigated": pgettext_lazy("state", "mitigated"),
    "resolved": pgettext_lazy("state", "resolved"),
    "accepted": pgettext_lazy("state", "accepted"),
    "not_started": pgettext_lazy("state", "not started"),
    "todo": pgettext_lazy("state", "to do"),
    "begun": pgettext_lazy("state", "begun"),
    "abandoned": pgettext_lazy("state", "abandoned"),
    "asked": pgettext_lazy("state", "asked for"),
    "finished": pgettext_lazy("state", "finished"),
    "signed": pgettext_lazy("state", "signed"),
    "waiting": pgettext_lazy("state", "waiting"),
    "requested": pgettext_lazy("state", "requested"),
    "approved": pgettext_lazy("state", "approved"),
    "void": pgettext_lazy("state", "void"),
    "withdrawn": pgettext_lazy("state", "withdrawn"),
    "started": pgettext_lazy("state", "started"),
    "received": pgettext_lazy("state", "received"),
    "retry": pgettext_lazy("state", "retry"),
    "revoked": pgettext_lazy("state", "revoked"),
    "failure": pgettext_lazy("state", "failure"),
    "success": pgettext_lazy("state", "success"),
}
LEVELS: dict[str, Promise] = {
    "debug": _("debug"),
    "info": _("info"),
    "warning": _("warning"),
    "error": _("error"),
    "critical": _("critical"),
    "decision": _("decision"),
}
VERDICTS: dict[str, Promise] = {
    "pass": _("pass"),
    "fail": _("fail"),
    "waived": _("waived"),
    "nothing": _("nothing to check"),
    "ok": _("ok"),
    "could not run": _("could not run"),
    "not run": _("not run"),
    "green": _("green"),
    "red": _("red"),
}
STAGES: dict[str, Promise] = {
    "extract": pgettext_lazy("stage", "extract"),
    "transform": pgettext_lazy("stage", "transform"),
    "validate": pgettext_lazy("stage", "validate"),
    "load": pgettext_lazy("stage", "load"),
}
KINDS: dict[str, Promise] = {"rehearsal": _("rehearsal"), "production": _("production")}
SUBJECTS: dict[str, Promise] = {
    "alert": _("alert"),
    "batch": _("batch"),
    "correction": _("correction"),
    "issue": _("issue"),
    "phase": _("phase"),
    "run": _("run"),
    "waiver": _("waiver"),
    "wave": _("wave"),
    "signature": _("signature"),
    "job": _("request"),
    "backup": _("backup"),
    "rollback": _("rollback"),
    "sweep": _("long work"),
    "runbook": _("runbook"),
    "step": _("step of a runbook"),
    "choice": _("choice"),
    "risk": _("risk"),
    "finding": _("finding"),
    "validation result": _("check"),
    "report": _("report"),
    "measurement": _("measurement"),
}
ACTIONS: dict[str, Promise] = {
    "acknowledge alert": _("acknowledge alert"),
    "acknowledge findings": _("acknowledge findings"),
    "add risk": _("add risk"),
    "look at rollback": _("look at rollback"),
    "decide rollback": _("decide rollback"),
    "request rollback": _("request rollback"),
    "approve rollback": _("approve rollback"),
    "send back rollback": _("send back rollback"),
    "pause rollback": _("pause rollback"),
    "resume rollback": _("resume rollback"),
    "start rollback": _("start rollback"),
    "withdraw rollback": _("withdraw rollback"),
    "take checkpoint": _("take checkpoint"),
    "restore rows": _("restore rows"),
    "rehearse rollback": _("rehearse rollback"),
    "export rollback rows": _("export rollback rows"),
    "run checks": _("run checks"),
    "repair record": _("repair record"),
    "pause checks": _("pause checks"),
    "resume checks": _("resume checks"),
    "end checks": _("end checks"),
    "record manual check": _("record manual check"),
    "ask for probe": _("ask for probe"),
    "store report": _("store report"),
    "apply correction": _("apply correction"),
    "approve phase": _("approve phase"),
    "approve waiver": _("approve waiver"),
    "assign issue": _("assign issue"),
    "cancel run": _("cancel run"),
    "check recovery": _("check recovery"),
    "export changes": _("export changes"),
    "change run": _("change run"),
    "correct group": _("correct group"),
    "correct record": _("correct record"),
    "create wave": _("create wave"),
    "decide choice": _("decide choice"),
    "edit risk": _("edit risk"),
    "end measurement": _("end measurement"),
    "end waiver": _("end waiver"),
    "forget choice": _("forget choice"),
    "import corrections": _("import corrections"),
    "measure performance": _("measure performance"),
    "note issue": _("note issue"),
    "pause run": _("pause run"),
    "read corrections": _("read corrections"),
    "record backup": _("record backup"),
    "reject phase": _("reject phase"),
    "release lease": _("release lease"),
    "reopen phase": _("reopen phase"),
    "request approval": _("request approval"),
    "request waiver": _("request waiver"),
    "requeue batch": _("requeue batch"),
    "requeue batches": _("requeue batches"),
    "requeue by issue code": _("requeue by issue code"),
    "requeue failed batches": _("requeue failed batches"),
    "requeue group": _("requeue group"),
    "requeue issue": _("requeue issue"),
    "requeue record": _("requeue record"),
    "requeue selected issues": _("requeue selected issues"),
    "resume run": _("resume run"),
    "risk no longer triggered": _("risk no longer triggered"),
    "risk triggered": _("risk triggered"),
    "skip group": _("skip group"),
    "skip record": _("skip record"),
    "split and requeue batches": _("split and requeue batches"),
    "start phase": _("start phase"),
    "start refused": _("start refused"),
    "state criterion": _("state criterion"),
    "take backup": _("take backup"),
    "test restore": _("test restore"),
    "try group": _("try group"),
    "void signature": _("void signature"),
    "start runbook": _("start runbook"),
    "approve runbook": _("approve runbook"),
    "abandon runbook": _("abandon runbook"),
    "begin step": _("begin step"),
    "finish step": _("finish step"),
    "skip step": _("skip step"),
    "prove step": _("prove step"),
    "withdraw request": _("withdraw request"),
    "withdraw waiver": _("withdraw waiver"),
}
EVENTS: dict[str, Promise] = {
    "alert opened": pgettext_lazy("event", "alert opened"),
    "batch failed": pgettext_lazy("event", "batch failed"),
    "batches of silent workers returned": pgettext_lazy("event", "batches of silent workers returned"),
    "database away": pgettext_lazy("event", "database away"),
    "database away, waiting": pgettext_lazy("event", "database away, waiting"),
    "request done": pgettext_lazy("event", "request done"),
    "run completed": pgettext_lazy("event", "run completed"),
    "run started": pgettext_lazy("event", "run started"),
    "run stopped itself": pgettext_lazy("event", "run stopped itself"),
    "run unbalanced": pgettext_lazy("event", "run unbalanced"),
    "signature void": pgettext_lazy("event", "signature void"),
    "start already taken": pgettext_lazy("event", "start already taken"),
    "worker died, starting another": pgettext_lazy("event", "worker died, starting another"),
}
REASONS: dict[str, Promise] = {  # why a row differs from a checkpoint
    "stays by decision": pgettext_lazy("rows", "stays by decision"),
    "went by decision": pgettext_lazy("rows", "went by decision"),
    "written by another run": pgettext_lazy("rows", "written by another run"),
    "edited by people": pgettext_lazy("rows", "edited by people"),
    "written by people": pgettext_lazy("rows", "written by people"),
    "deleted by people": pgettext_lazy("rows", "deleted by people"),
}
MIGRATIONS: dict[str, Promise] = {
    "languages": pgettext_lazy("migration", "languages"),
    "sport_types": pgettext_lazy("migration", "sport types"),
    "sports": pgettext_lazy("migration", "sports"),
    "service_types": pgettext_lazy("migration", "service types"),
    "stations": pgettext_lazy("migration", "stations"),
    "schools": pgettext_lazy("migration", "schools"),
    "seasons": pgettext_lazy("migration", "seasons"),
    "degrees": pgettext_lazy("migration", "degrees"),
    "lazy_degrees": pgettext_lazy("migration", "lazy degrees"),
    "users": pgettext_lazy("migration", "users"),
    "clients": pgettext_lazy("migration", "clients"),
    "placeholder_clients": pgettext_lazy("migration", "placeholder clients"),
    "client_links": pgettext_lazy("migration", "client links"),
    "monitors": pgettext_lazy("migration", "monitors"),
    "foreign_monitors": pgettext_lazy("migration", "foreign monitors"),
    "courses_grouped": pgettext_lazy("migration", "courses grouped"),
    "courses": pgettext_lazy("migration", "courses"),
    "placeholder_courses": pgettext_lazy("migration", "placeholder courses"),
    "vouchers": pgettext_lazy("migration", "vouchers"),
    "bookings": pgettext_lazy("migration", "bookings"),
    "notices": pgettext_lazy("migration", "notices"),
    "attendances": pgettext_lazy("migration", "attendances"),
    "season_roles": pgettext_lazy("migration", "season roles"),
    "archive": pgettext_lazy("migration", "archive"),
}
ALL: Mapping[str, Promise] = {
    **REASONS,
    **EVENTS,
    **KINDS,
    **STAGES,
    **SUBJECTS,
    **LEVELS,
    **VERDICTS,
    **OUTCOMES,
    **STATES,
    **ACTIONS,
}


def said(stored: Any) -> str:
    """The stored word as the reader says it."""
    return str(ALL.get(stored, stored))


def migration(name: str) -> str:
    """What a run moves, as the reader says it; the name itself when it is not listed."""
    return str(MIGRATIONS.get(name, name.replace("_", " ")))


def kept(message: str) -> str:
    """A sentence that a worker kept in English, "12: what becomes of them" included."""
    number, colon, rest = message.partition(": ")
    if colon and number.replace(",", "").isdigit():
        return f"{number}: {gettext(rest)}"
    return gettext(message) if message else ""
