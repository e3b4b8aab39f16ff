"""Asking for a signature, giving it, sending the phase back. Nobody signs what he started or asked for (four eyes)."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from tracking import evidence, gates
from tracking.actions.base import ActionRefused
from tracking.actions.phase import PhaseAction, starters
from tracking.gates import Colour, Judged
from tracking.models import Phase, Signature
from tracking.sentences import told
from tracking.states import PhaseState


def pending(phase: Phase) -> Signature | None:
    """The request that waits for an answer."""
    waiting = Signature.objects.filter(phase=phase, state=Signature.State.REQUESTED)
    return waiting.select_related("requested_by").first()


def red_gates(phase: Phase, now: datetime) -> list[Judged]:
    return [one for one in gates.judge(phase, now) if one.colour == Colour.RED]


def counted(phase: Phase, now: datetime) -> str:
    """The gates in numbers, for the sentence that says what is signed."""
    colours = [one.colour for one in gates.judge(phase, now)]
    facts = {
        "green": colours.count(Colour.GREEN),
        "waived": colours.count(Colour.WAIVED),
        "red": colours.count(Colour.RED),
    }
    return _("%(green)s gates green, %(waived)s waived, %(red)s red") % facts


class _WithGates(PhaseAction):
    """Refuses while a gate is red."""

    now: datetime | None = None

    def perform(self, now: datetime) -> Any:
        self.now = now
        return super().perform(now)

    def _refuse_red(self) -> None:
        assert self.now is not None
        if red := red_gates(self.phase, self.now):
            named = "; ".join(f"{one.gate.title}: {one.reading.message}" for one in red[:3])
            raise ActionRefused(_("Red gates: %(gates)s") % {"gates": named})

    def _refuse_nobody(self) -> None:
        if self.actor is None:
            raise ActionRefused(_("A signature needs a person: use the panel, with your own account."))


class RequestApproval(_WithGates):
    """Freezes the evidence as it is and asks a second person to sign it."""

    name, permission = "request approval", "tracking.request_approval"

    def effect(self) -> str:
        from django.utils import timezone

        said = _("A second person is asked to sign this phase: %(gates)s. The evidence is kept as it is now.")
        return said % {"gates": counted(self.phase, self.now or timezone.now())}

    def check(self) -> None:
        self._refuse_nobody()
        if self.phase.state != PhaseState.FINISHED:
            raise ActionRefused(_("Only a phase whose runs are complete can be signed; this one is: %(state)s")
                                % {"state": self.phase.get_state_display()})  # fmt: skip
        if waiting := pending(self.phase):
            raise ActionRefused(
                _("%(who)s asked already; it waits for a second person.") % {"who": waiting.requested_by}
            )
        self._refuse_red()

    def execute(self, now: datetime) -> dict[str, Any]:
        facts = evidence.gather(self.phase, now)
        signature = Signature.objects.create(
            phase=self.phase, evidence=facts, evidence_hash=evidence.digest(facts), requested_by=self.actor,
            requested_at=now, reason=self.reason[:1000],
        )  # fmt: skip
        return {"signature": signature.pk, "evidence": signature.evidence_hash}


class _Answer(_WithGates):
    """An answer to the request that waits. `seen` is the hash of the evidence that the page showed."""

    def __init__(self, phase: Phase, *, seen: str = "", **who: Any) -> None:
        super().__init__(phase, **who)
        self.seen = seen

    def waiting(self) -> Signature:
        found = pending(self.phase)
        if found is None:
            latest = Signature.objects.filter(phase=self.phase).first()
            because = (
                f" {latest.get_state_display()}: {latest.told_void_reason or latest.reason}" if latest else ""
            )
            raise ActionRefused(_("There is no request that waits for an answer.") + because)
        return found

    def _close(self, state: str, now: datetime) -> dict[str, Any]:
        signature = self.waiting()
        answered = Signature.objects.filter(pk=signature.pk, state=Signature.State.REQUESTED).update(
            state=state, answered_by=self.actor, answered_at=now, reason=self.reason[:1000]
        )
        if not answered:
            raise ActionRefused(_("Somebody else answered meanwhile: look again."))
        return {"signature": signature.pk, "evidence": signature.evidence_hash, "state": str(state)}


class ApprovePhase(_Answer):
    """The second person signs the evidence that was frozen, if it still is what the databases say."""

    name, permission = "approve phase", "tracking.approve_phase"

    def effect(self) -> str:
        from django.utils import timezone

        said = _(
            "You sign this phase in your name: %(gates)s. The signature is void as soon as any of it changes."
        )
        return said % {"gates": counted(self.phase, self.now or timezone.now())}

    def check(self) -> None:
        self._refuse_nobody()
        signature = self.waiting()
        if signature.requested_by_id == self.actor.pk:
            raise ActionRefused(_("You asked for this approval: a second person has to sign (four eyes)."))
        if self.actor.pk in starters(self.phase):
            raise ActionRefused(_("You started this phase: a second person has to sign (four eyes)."))
        if self.seen and self.seen != signature.evidence_hash:
            raise ActionRefused(_("The page that you saw is out of date: look at the evidence again."))
        self._refuse_red()

    def execute(self, now: datetime) -> dict[str, Any]:
        signature = self.waiting()
        facts = evidence.gather(self.phase, now)
        if evidence.digest(facts) != signature.evidence_hash:
            changed = "; ".join(
                told(one) for one in islice(evidence.differences(signature.evidence, facts), 5)
            )
            raise ActionRefused(
                _("The evidence changed since the request: %(what)s. Ask for the approval again.")
                % {"what": changed}
            )
        after = self._close(Signature.State.APPROVED, now)
        Phase.objects.filter(pk=self.phase.pk).update(state=PhaseState.SIGNED)
        self.phase.refresh_from_db()
        return after


class RejectPhase(_Answer):
    """Sends the phase back with a reason; nothing that was moved changes."""

    name, permission = "reject phase", "tracking.reject_phase"

    def effect(self) -> str:
        return _("The request of %(who)s is sent back with your reason; nothing that was moved changes.") % {
            "who": self.waiting().requested_by
        }

    def check(self) -> None:
        self._refuse_nobody()
        self.waiting()
        if not self.reason.strip():
            raise ActionRefused(_("Give the reason: whoever asked needs to know what to do."))

    def execute(self, now: datetime) -> dict[str, Any]:
        return self._close(Signature.State.REJECTED, now)


class WithdrawRequest(_Answer):
    """Takes a request back, as long as nobody answered it."""

    name, permission = "withdraw request", "tracking.request_approval"

    def effect(self) -> str:
        return _("Your request is taken back; nobody is asked to sign any more.")

    def check(self) -> None:
        self._refuse_nobody()
        if self.waiting().requested_by_id != self.actor.pk:
            raise ActionRefused(
                _("Only %(who)s can take this request back.") % {"who": self.waiting().requested_by}
            )

    def execute(self, now: datetime) -> dict[str, Any]:
        return self._close(Signature.State.WITHDRAWN, now)
