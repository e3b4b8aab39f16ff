"""What a check is, and what it can answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from entities.preflight.schools import InSchool
from tracking.models import Wave
from tracking.sentences import facts_of

MOST_FINDINGS = 100
MOST_IDS = 20


class Severity(StrEnum):
    """What a finding of the check means."""

    BLOCK = "block"  # nothing is loaded before it is repaired
    ACKNOWLEDGE = "acknowledge"  # a named person has to know it
    INFO = "info"  # a figure for the report


class Verdict(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAIL = "fail"
    NOTHING = "nothing to check"  # zero rows to look at: not a pass
    NOT_RUN = "could not run"  # never a pass

    @property
    def stops(self) -> bool:
        return self in (Verdict.FAIL, Verdict.NOT_RUN)


@dataclass(frozen=True)
class Finding:
    """One thing that a check saw: names, a number and ids; never a value of a record."""

    what: str
    count: int = 1
    ids: tuple[int, ...] = ()

    def as_data(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "what_facts": facts_of(self.what),
            "count": self.count,
            "ids": list(self.ids[:MOST_IDS]),
        }


@dataclass(frozen=True)
class Answer:
    """A verdict with its reason, and the next step where there is one. `schools` is what was found where."""

    verdict: Verdict
    message: str
    findings: tuple[Finding, ...] = ()
    next_step: str = ""
    schools: tuple[InSchool, ...] = ()


@dataclass(frozen=True)
class Scope:
    """What the pre-flight is for: a wave, or the databases as such. `totals` are rows by table and school."""

    wave: Wave | None = None
    totals: dict[str, dict[int | None, int]] = field(default_factory=dict, compare=False)


class Check:
    """One question to the databases. `run` reads and answers; it writes nothing.

    `needs` lists the databases without which the check cannot run. What `run` raises counts as
    "could not run".
    """

    id: ClassVar[str]
    title: ClassVar[str]
    rule: ClassVar[str] = ""
    severity: ClassVar[Severity] = Severity.BLOCK
    needs: ClassVar[tuple[str, ...]] = ("legacy", "v5")

    def run(self, scope: Scope) -> Answer:
        raise NotImplementedError

    def ok(self, message: str) -> Answer:
        return Answer(Verdict.OK, message)

    def found(self, message: str, findings: Iterable[Finding | str] = (), next_step: str = "") -> Answer:
        """The check saw something; its severity decides what that means."""
        verdicts = {
            Severity.BLOCK: Verdict.FAIL,
            Severity.ACKNOWLEDGE: Verdict.WARNING,
            Severity.INFO: Verdict.OK,
        }
        listed = tuple(item if isinstance(item, Finding) else Finding(item) for item in findings)
        return Answer(verdicts[self.severity], message, listed, next_step)


@dataclass(frozen=True)
class Outcome:
    """A check and its answer, as they are shown and stored."""

    id: str
    title: str
    rule: str
    severity: Severity
    answer: Answer
    seconds: float = field(default=0.0, compare=False)

    def as_data(self) -> dict[str, Any]:
        findings = self.answer.findings
        return {
            "id": self.id,
            "title": self.title,
            "rule": self.rule,
            "severity": self.severity.value,
            "verdict": self.answer.verdict.value,
            "message": self.answer.message,
            "message_facts": facts_of(self.answer.message),
            "findings": [finding.as_data() for finding in findings[:MOST_FINDINGS]],
            "findings_in_all": len(findings),
            "next_step": self.answer.next_step,
            "next_step_facts": facts_of(self.answer.next_step),
            "seconds": round(self.seconds, 3),
        }
