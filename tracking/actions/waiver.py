"""Letting a red gate through: asked for by one person, agreed by another, for a time, bound to what is violated."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from tracking import gates
from tracking.actions.base import Action, ActionRefused
from tracking.actions.phase import PhaseAction
from tracking.evidence import end_waiver
from tracking.gates import Judged
from tracking.models import Phase, Waiver
from tracking.sentences import sentence

LONGEST = timedelta(days=90)


def judged(phase: Phase, gate_id: str, now: datetime) -> Judged:
    """The gate of that id as it is now; refuses one that the phase does not have."""
    found = next((one for one in gates.judge(phase, now) if one.gate.id == gate_id), None)
    if found is None:
        raise ActionRefused(_("This phase has no gate %(gate)s.") % {"gate": gate_id})
    return found


class RequestWaiver(PhaseAction):
    """Asks to let one red gate through, with a reason, an owner who settles it, and an end."""

    name, permission = "request waiver", "tracking.request_waiver"

    def __init__(
        self, phase: Phase, gate: str, *, owner: str = "", expires_at: datetime | None = None, **who: Any
    ) -> None:
        super().__init__(phase, **who)
        self.gate, self.owner, self.expires_at = gate, owner, expires_at
        self.now: datetime | None = None

    def perform(self, now: datetime) -> Any:
        self.now = now
        return super().perform(now)

    def effect(self) -> str:
        from django.utils import timezone

        found = judged(self.phase, self.gate, self.now or timezone.now())
        return _("A second person is asked to let this through: %(title)s. %(message)s %(money)s") % {
            "title": found.gate.title, "message": found.reading.message, "money": at_stake(found),
        }  # fmt: skip

    def check(self) -> None:
        assert self.now is not None
        if self.actor is None:
            raise ActionRefused(_("A waiver needs a person: use the panel, with your own account."))
        found = judged(self.phase, self.gate, self.now)
        if not found.reading.is_red:
            raise ActionRefused(_("The gate is green: there is nothing to let through."))
        if not found.gate.waivable:
            raise ActionRefused(_("Nobody can let this gate through: put it right."))
        if not self.reason.strip() or not self.owner.strip():
            raise ActionRefused(_("A waiver needs a reason and an owner who settles what is left."))
        if self.expires_at is None or not self.now < self.expires_at <= self.now + LONGEST:
            raise ActionRefused(
                _("A waiver ends in the future, within %(days)s days.") % {"days": LONGEST.days}
            )
        if Waiver.objects.filter(phase=self.phase, gate=self.gate, withdrawn_at__isnull=True).exists():
            raise ActionRefused(_("There is a waiver of this gate already: answer it or take it back first."))

    def execute(self, now: datetime) -> dict[str, Any]:
        assert self.expires_at is not None
        reading = judged(self.phase, self.gate, now).reading
        waiver = Waiver.objects.create(
            phase=self.phase, gate=self.gate, reason=self.reason[:1000], owner=self.owner[:100],
            amount=next(iter(reading.amounts.values())) if len(reading.amounts) == 1 else None,
            fingerprint=reading.fingerprint, requested_by=self.actor, requested_at=now, expires_at=self.expires_at,
        )  # fmt: skip
        money = {key: str(value) for key, value in reading.amounts.items()}
        return {"waiver": waiver.pk, "gate": self.gate, "money": money, "expires": str(self.expires_at)}


class _OnWaiver(Action):
    subject_type = "waiver"

    @property
    def waiver(self) -> Waiver:
        found: Waiver = self.subject
        return found

    def before(self) -> dict[str, Any]:
        return {"gate": self.waiver.gate, "approved": self.waiver.approved_at is not None}

    def check(self) -> None:
        if self.actor is None:
            raise ActionRefused(_("A waiver needs a person: use the panel, with your own account."))
        if self.waiver.withdrawn_at is not None:
            raise ActionRefused(_("This waiver has ended: %(why)s") % {"why": self.waiver.told_end_reason})


class ApproveWaiver(_OnWaiver):
    """The second person agrees, as long as what is violated is what the request named."""

    name, permission = "approve waiver", "tracking.approve_waiver"

    def effect(self) -> str:
        title = getattr(gates.find(self.waiver.gate), "title", self.waiver.gate)
        return _("You let this through until %(end)s: %(title)s.") % {
            "end": f"{self.waiver.expires_at:%Y-%m-%d}",
            "title": title,
        }

    def check(self) -> None:
        super().check()
        if self.waiver.approved_at is not None:
            raise ActionRefused(
                _("%(who)s agreed to this waiver already.") % {"who": self.waiver.approved_by}
            )
        if self.waiver.requested_by_id == self.actor.pk:
            raise ActionRefused(_("You asked for this waiver: a second person has to agree (four eyes)."))

    def execute(self, now: datetime) -> dict[str, Any]:
        found = judged(self.waiver.phase, self.waiver.gate, now)
        if found.reading.fingerprint != self.waiver.fingerprint or self.waiver.expires_at <= now:
            raise ActionRefused(
                _("What the waiver covered changed, or it expired: %(now)s Ask for it again.")
                % {"now": found.reading.message}
            )
        agreed = Waiver.objects.filter(
            pk=self.waiver.pk, approved_at__isnull=True, withdrawn_at__isnull=True
        ).update(approved_by=self.actor, approved_at=now)
        if not agreed:
            raise ActionRefused(_("Somebody else answered meanwhile: look again."))
        return {"gate": self.waiver.gate, "approved": True}


class WithdrawWaiver(_OnWaiver):
    """Ends a waiver; its gate is red again."""

    name, permission = "withdraw waiver", "tracking.request_waiver"

    def effect(self) -> str:
        return _("The waiver ends now; its gate is red again, and a signature that rests on it is void.")

    def execute(self, now: datetime) -> dict[str, Any]:
        end_waiver(self.waiver, self.reason or sentence("taken back"), now)
        return {"gate": self.waiver.gate, "ended": True}


def at_stake(found: Judged) -> str:
    """The money of a reading in words; empty when none is."""
    if not found.reading.amounts:
        return ""
    amounts = sorted(found.reading.amounts.items(), reverse=True)
    none = _("without currency")
    sums = ", ".join(f"{amount:,.2f} {currency or none}" for currency, amount in amounts)
    return _("Money at stake: %(sums)s.") % {"sums": sums}
