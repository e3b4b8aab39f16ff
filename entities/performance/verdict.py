"""What the figures of one scenario mean: V5's p95 below twice legacy's, and no more is claimed than was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from entities.performance.histogram import Histogram
from tracking.models import ValidationResult
from tracking.performance import LIMIT, Asked
from tracking.sentences import sentence

Result = ValidationResult.Result
SIDES = ("legacy", "v5")
MOST_ERRORS = 0.01  # share of the requests of a side
UNNOTICED = 0.02  # seconds; a person does not notice what stays below
BUSY = 0.9  # of one processor core: from there on the measuring itself may be the limit


@dataclass(frozen=True)
class Verdict:
    result: str
    message: str
    details: dict[str, Any] = field(default_factory=dict)


def judge(asked: Asked, figures: Mapping[str, Any]) -> Verdict:
    """Nothing to check, could not run (red), or percentiles with what they mean."""
    if error := figures.get("error"):
        return Verdict(
            Result.FAIL,
            sentence("It could not run: %(why)s", why=error),
            _asked(asked) | {"could_not_run": error},
        )
    if not figures.get("samples"):
        return Verdict(Result.NOTHING, sentence("No moved record to measure with."), _asked(asked))
    sides = {name: _side(figures[name]) for name in SIDES}
    details = _asked(asked) | sides | {"limit": LIMIT, "samples": figures["samples"]}
    if writing := figures["v5"].get("whole"):
        details["v5_with_writing"] = _percentiles(Histogram(writing))
    for name in SIDES:
        if not sides[name]["requests"]:
            why = figures[name].get("error") or "no request was answered in time"
            return Verdict(
                Result.FAIL,
                sentence("It could not run: %(why)s", why=f"{name}: {why}"),
                details | {"could_not_run": why},
            )
    return _compare(asked, details)


def _compare(asked: Asked, details: dict[str, Any]) -> Verdict:
    legacy, v5 = details["legacy"], details["v5"]
    ratio = round(v5["p95"] / legacy["p95"], 2)
    details["ratio"] = ratio
    failed = [name for name in SIDES if details[name]["errors"] > MOST_ERRORS * details[name]["requests"]]
    if failed:
        said = sentence("More than one in a hundred requests failed: %(sides)s", sides=", ".join(failed))
        return Verdict(Result.FAIL, said, details)
    facts = {"ratio": ratio, "v5": _ms(v5["p95"]), "legacy": _ms(legacy["p95"]), "limit": LIMIT}
    if ratio >= LIMIT and v5["p95"] >= UNNOTICED:
        said = sentence(
            "V5 takes %(ratio)s times as long as legacy (p95 %(v5)s ms against %(legacy)s ms); allowed is below "
            "%(limit)s",
            **facts,
        )
        return Verdict(Result.FAIL, said, details)
    if doubt := _doubt(asked, details):
        return Verdict(Result.WARNING, doubt, details)
    said = sentence(
        "V5 takes %(ratio)s times as long as legacy (p95 %(v5)s ms against %(legacy)s ms)", **facts
    )
    return Verdict(Result.PASS, said, details)


def _doubt(asked: Asked, details: dict[str, Any]) -> str:
    """Why good figures are no pass; empty when they are one."""
    facts = {
        "ratio": details["ratio"],
        "v5": _ms(details["v5"]["p95"]),
        "users": asked.users,
        "seconds": asked.seconds,
    }
    if details["ratio"] >= LIMIT:
        return sentence(
            "V5 takes %(ratio)s times as long as legacy, yet only %(v5)s ms (p95): nobody notices that",
            **facts,
        )
    if max(details[name]["busy"] for name in SIDES) > BUSY:
        return sentence(
            "The measuring itself was the limit: measure with fewer users or a longer pause", **facts
        )
    writing = details.get("v5_with_writing")
    if writing and writing["p95"] >= LIMIT * details["legacy"]["p95"] and writing["p95"] >= UNNOTICED:
        return sentence(
            "The reading is %(ratio)s times as long as in legacy; with the writing, which legacy cannot be asked for, V5 "
            "takes %(whole)s ms (p95)", whole=_ms(writing["p95"]), **facts,
        )  # fmt: skip
    if not asked.is_full:
        return sentence(
            "V5 takes %(ratio)s times as long as legacy, at a smaller load than the strategy's: %(users)s users for "
            "%(seconds)s seconds",
            **facts,
        )
    return ""


def _side(figures: Mapping[str, Any]) -> dict[str, Any]:
    histogram, seconds = Histogram(figures.get("part")), figures.get("seconds") or 0.0
    return {
        **_percentiles(histogram), "requests": len(histogram), "errors": figures.get("errors", 0),
        "per_second": round(len(histogram) / seconds, 1) if seconds else 0.0, "seconds": round(seconds, 1),
        "busy": round(figures.get("busy", 0.0) / seconds, 2) if seconds else 0.0, "error": figures.get("error", ""),
    }  # fmt: skip


def _percentiles(histogram: Histogram) -> dict[str, Any]:
    found = {f"p{percent}": histogram.percentile(percent / 100) for percent in (50, 95, 99)}
    return {name: None if value is None else round(value, 6) for name, value in found.items()}


def _asked(asked: Asked) -> dict[str, Any]:
    return {
        "scenario": asked.name, "users": asked.users, "seconds": asked.seconds, "pause": asked.pause, "full_load": asked.is_full,
    }  # fmt: skip


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.1f}"
