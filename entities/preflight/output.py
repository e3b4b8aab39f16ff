"""The report for a person: coloured in a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from entities.preflight.check import Finding, Outcome, Verdict
from entities.preflight.report import Report

COLOURS = {
    Verdict.OK: "green",
    Verdict.WARNING: "yellow",
    Verdict.FAIL: "red",
    Verdict.NOTHING: "dim",
    Verdict.NOT_RUN: "red",
}
SHOWN_FINDINGS = 8
SHOWN_IDS = 5


def plain(report: Report) -> Iterator[str]:
    """One line per check, its findings indented below it, the sum at the end."""
    for outcome in report.outcomes:
        yield f"{outcome.id}  {outcome.answer.verdict.value:<16}  {outcome.title}: {outcome.answer.message}"
        yield from (f"      {line}" for line in _below(outcome))
    yield summary(report)


def summary(report: Report) -> str:
    counts = [f"{number} {verdict.value}" for verdict in Verdict if (number := report.count(verdict))]
    return f"Pre-flight {'passed' if report.passed else 'FAILED'}: {', '.join(counts)}"


def table(report: Report) -> Any:
    """The same as a rich table."""
    from rich.table import Table
    from rich.text import Text

    made = Table("check", "verdict", "what", title="Pre-flight", show_lines=False, title_justify="left")
    for outcome in report.outcomes:
        verdict = outcome.answer.verdict
        what = Text(f"{outcome.title}: ", style="bold").append(outcome.answer.message, style="not bold")
        for line in _below(outcome):
            what.append(f"\n  {line}", style="not bold dim")
        made.add_row(outcome.id, Text(verdict.value, style=COLOURS[verdict]), what)
    return made


def _below(outcome: Outcome) -> Iterator[str]:
    findings = outcome.answer.findings
    yield from (_finding(finding) for finding in findings[:SHOWN_FINDINGS])
    if len(findings) > SHOWN_FINDINGS:
        yield f"… and {len(findings) - SHOWN_FINDINGS} more (all with --json)"
    if outcome.answer.next_step:
        yield f"next: {outcome.answer.next_step}"


def _finding(finding: Finding) -> str:
    if not finding.ids:
        return finding.what
    more = ", …" if finding.count > SHOWN_IDS else ""
    return f"{finding.what}: {finding.count} (ids {', '.join(map(str, finding.ids[:SHOWN_IDS]))}{more})"
