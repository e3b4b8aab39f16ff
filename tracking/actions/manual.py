"""Saying what a check by hand showed, and asking the staging application whether it answers."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from tracking import dispatch, manual
from tracking.actions.base import Action, ActionRefused
from tracking.gates.checks import VALIDATION
from tracking.models import ManualRecord, Probe, ValidationResult, Wave
from tracking.sentences import columns, sentence

PROBE = "entities.probe"
MOST_BYTES = 5 * 1024 * 1024
SIGNATURES = {
    ".pdf": b"%PDF-",
    ".png": b"\x89PNG\r\n\x1a\n",
    ".jpg": b"\xff\xd8\xff",
    ".jpeg": b"\xff\xd8\xff",
    ".xlsx": b"PK\x03\x04",
}
TEXTS = (".txt", ".csv", ".log")
Outcome, Result = ManualRecord.Outcome, ValidationResult.Result


class _OnManual(Action):
    subject_type = "wave"

    def __init__(self, wave: Wave, check: str, **who: Any) -> None:
        super().__init__(wave, **who)
        self.declared = manual.BY_ID[check]

    def before(self) -> dict[str, Any]:
        return {"check": self.declared.id}


class RecordManual(_OnManual):
    """Keeps a person's statement about a manual check with its evidence, and makes it the verdict of phase 5.

    Refuses a statement without a note, and a file that is larger than 5 MB or not what its name says.
    """

    name, permission = "record manual check", "tracking.record_manual_check"

    def __init__(self, wave: Wave, check: str, *, outcome: str, file: str = "", content: bytes | None = None,
                 **who: Any) -> None:  # fmt: skip
        super().__init__(wave, check, **who)
        self.outcome, self.file, self.content = outcome, file, content

    def effect(self) -> str:
        return _(
            "Your statement about “%(check)s” is kept for good with your name; its gate of phase 5 follows it."
        ) % {"check": self.declared.title}

    def check(self) -> None:
        if self.actor is None:
            raise ActionRefused(_("A statement needs a person: use the panel, with your own account."))
        if self.outcome not in Outcome.values:
            raise ActionRefused(_("Say whether it passed, failed, or does not apply."))
        if not self.reason.strip():
            raise ActionRefused(_("Say what you saw: others rely on it."))
        if self.content is not None:
            refuse_file(self.file, self.content)

    def execute(self, now: datetime) -> dict[str, Any]:
        content = self.content or b""
        made = ManualRecord.objects.create(
            wave=self.subject, check_id=self.declared.id, outcome=self.outcome, note=self.reason[:1000],
            name=self.file[-200:], content=self.content, size=len(content), by=self.actor, at=now,
            checksum=hashlib.sha256(content).hexdigest() if self.content is not None else "",
        )  # fmt: skip
        _store(made, self.declared.severity, now)
        return {"check": made.check_id, "outcome": made.outcome, "size": made.size, "checksum": made.checksum}


def _store(made: ManualRecord, severity: str, now: datetime) -> None:
    """The verdict of the check: the one before counts no longer."""
    failed = Result.FAIL if severity == "B" else Result.WARNING
    result = {Outcome.PASSED: Result.PASS, Outcome.FAILED: failed, Outcome.NOT_NEEDED: Result.NOTHING}[
        Outcome(made.outcome)
    ]
    ValidationResult.objects.filter(
        wave=made.wave, validation_type=made.check_id, moment="F", current=True
    ).update(current=False)
    said = sentence("%(by)s: %(note)s", by=made.by.get_username(), note=made.note)
    ValidationResult.objects.create(
        wave=made.wave, phase=made.wave.phases.get(number=VALIDATION), validation_type=made.check_id, severity=severity,
        moment="F", result=result, details={"record": made.pk, "checksum": made.checksum}, created_at=now, updated_at=now,
        fingerprint=hashlib.sha256(f"{made.check_id} {made.pk}".encode()).hexdigest() if result == failed else "",
        **columns("message", said, 1200),
    )  # fmt: skip


def refuse_file(name: str, content: bytes) -> None:
    """Refuse what is too large, of another kind than a document, or not what its name says."""
    ending = f".{name.rpartition('.')[2].lower()}"
    if len(content) > MOST_BYTES:
        raise ActionRefused(_("The file is larger than 5 MB."))
    if ending in TEXTS:
        fits = b"\x00" not in content and _is_text(content)
    else:
        fits = ending in SIGNATURES and content.startswith(SIGNATURES[ending])
    if not fits:
        raise ActionRefused(
            _("The file is not one of these, or not what its name says: %(kinds)s.")
            % {"kinds": ", ".join((*SIGNATURES, *TEXTS))}
        )


def _is_text(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


class AskProbe(_OnManual):
    """Asks a worker to send one GET without credentials to the staging application, and to keep status and time."""

    name, permission = "ask for probe", "tracking.record_manual_check"

    def __init__(self, wave: Wave, check: str, *, path: str, **who: Any) -> None:
        super().__init__(wave, check, **who)
        self.path = path.strip()

    def effect(self) -> str:
        return _("One request without any credentials goes to %(address)s; status and time are kept.") % {
            "address": f"{settings.STAGING_URL.rstrip('/')}{self.path}"
        }

    def check(self) -> None:
        if not settings.STAGING_URL:
            raise ActionRefused(
                _("No staging application is configured (STAGING_URL): follow the steps by hand.")
            )
        if (
            not self.path.startswith("/")
            or self.path.startswith("//")
            or len(self.path) > 300
            or not self.path.isprintable()
        ):
            raise ActionRefused(_("The path begins with one slash, for example /login."))

    def execute(self, now: datetime) -> dict[str, Any]:
        made = Probe.objects.create(
            wave=self.subject, check_id=self.declared.id, path=self.path, asked_by=self.actor, asked_at=now
        )
        dispatch.send(PROBE, made.pk)
        return {"probe": made.pk, "path": self.path}
