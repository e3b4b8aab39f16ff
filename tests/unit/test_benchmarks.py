"""The benchmark's statements, targets and document, without a server."""

import argparse
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import arena, by_hand, panel, report, section
from benchmarks.measure import ANSWER, Measure, summed
from benchmarks.report import Results

ROOT = Path(__file__).resolve().parents[2]


def measure(name: str, rows: int = 1_000, seconds: float = 10.0, peak: float = 100.0) -> Measure:
    return Measure(name, 100, rows, seconds, peak, 1.0, 2.0)


def results(**changes: Measure) -> Results:
    measures = {
        "engine-1": measure("engine, one worker", seconds=10.0), "by-hand": measure("hand-written SQL", seconds=9.0),
        "engine-2": measure("engine, 2 workers", seconds=6.0), "row-by-row": measure("row by row", rows=50),
        "plain-copy": measure("dlt, plain copy", rows=0),
    }  # fmt: skip
    return Results(
        100,
        45,
        measures | {key.replace("_", "-"): one for key, one in changes.items()},
        quarter=measure("quarter"),
    )


def verdicts(given: Results) -> list[bool]:
    return [target.met for target in report.targets(given)]


def test_every_target_is_met_by_good_figures() -> None:
    assert verdicts(results()) == [True] * 6


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"by_hand": measure("hand-written SQL", seconds=7.9)}, 0),
        ({"row_by_row": measure("row by row", rows=67)}, 1),
        ({"engine_2": measure("engine, 2 workers", seconds=7.8)}, 2),
        ({"engine_2": measure("engine, 2 workers", seconds=6.0, peak=351)}, 3),
        ({"engine_1": measure("engine, one worker", peak=111)}, 4),
    ],
)
def test_a_figure_beyond_its_target_is_called_not_met(changed: dict[str, Measure], place: int) -> None:
    assert verdicts(results(**changed))[place] is False


def test_different_rows_are_a_target_not_met_and_are_listed() -> None:
    given = results()
    given.differences = ["bookings.paid: 3 rows differ"]
    assert verdicts(given)[-1] is False
    assert any("bookings.paid: 3 rows differ" in line for line in report.text(given))


def test_what_was_not_run_is_not_judged() -> None:
    assert report.targets(Results(100, 45)) == []


def test_the_document_names_machine_figures_and_targets() -> None:
    text = report.markdown(
        results(), "make bench LINES=100", lambda: {"hand": "all at once", "sample": "3,000"}
    )
    for part in ("cores", "make bench LINES=100", "| engine, one worker | 100 |", "met", "3,000", "None."):
        assert part in text
    assert "{" not in text


def test_the_peak_is_that_of_the_largest_process() -> None:
    answers = [{"peak_mb": 90.0, "cpu": 1.0}, {"peak_mb": 120.0, "cpu": 2.0}]
    found = summed("two", 10, 20, (2.0, 0.5, answers))
    assert (found.peak_mb, found.cpu, found.lines_per_second, found.rows_per_second) == (
        120.0,
        3.0,
        5.0,
        10.0,
    )


def test_the_hand_written_way_fills_every_table_and_every_entity_of_the_map() -> None:
    named = dict(by_hand.statements())
    assert set(arena.TARGETS) <= set(named)
    assert {one.entity for one in by_hand.MAP} == set(arena.ENTITIES)
    statements = [*named.values(), *(by_hand.map_statement(one, ["id", "amount"]) for one in by_hand.MAP)]
    wanted = {
        name for sql in statements for name in re.findall(r"%\((\w+)\)s", sql.format(legacy="l", v5="v"))
    }
    assert wanted == {"after", "to", "cutover", *by_hand.BASES}


def test_every_kind_of_id_has_a_range_of_its_own() -> None:
    bases = sorted(by_hand.BASES.values())
    assert all(after - before >= 10_000_000 for before, after in zip(bases, bases[1:], strict=False))


def test_the_engine_moves_what_the_benchmark_names() -> None:
    from entities.bookings.migration import BookingMigration

    mappings = BookingMigration.mappings
    assert {mapping.entity for mapping in mappings} == set(arena.ENTITIES)
    assert {mapping.table for mapping in mappings} == set(arena.TARGETS)


def test_too_few_lines_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["--lines", "3"])
    assert "at least 100" in capsys.readouterr().err


def test_a_contender_waits_for_the_word_and_answers_with_its_cost(tmp_path: Path) -> None:
    urls = {
        name: f"sqlite:///{tmp_path / name}"
        for name in ("DATABASE_URL", "LEGACY_DATABASE_URL", "V5_DATABASE_URL")
    }
    code = (
        "from benchmarks import child\n"
        "child.CONTENDERS['nothing'] = lambda options: lambda: {'lines': options['lines']}\n"
        "child.main('nothing', '{\"lines\": 3}')"
    )
    env = {**os.environ, **urls, "DJANGO_SETTINGS_MODULE": "boukii_migration.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        input="go\n",
        capture_output=True,
        text=True,
        env=env,
        cwd=ROOT,
        check=True,
    )
    ready, answer = done.stdout.splitlines()
    told = json.loads(answer.removeprefix(ANSWER))
    assert ready == "ready"
    assert told["lines"] == 3
    assert told["peak_mb"] > 10


def test_a_page_is_met_by_answer_time_and_statements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text(
        f"# Benchmarks\n\nfirst\n\n{panel.HEADING}\n\nold\n\n## Another\n\nlast\n", encoding="utf-8"
    )
    monkeypatch.setattr(panel, "DOCUMENT", document)
    good = panel.Page("runs", "/admin/tracking/run/", 300.0, 400.0, 500.0, 40)
    others = [replace(good, median=301.0), replace(good, queries=41), replace(good, status=404),
              replace(good, url="/admin/live/details/", median=151.0)]  # fmt: skip
    assert [page.met for page in (good, *others)] == [True, False, False, False, False]
    panel.write(
        [good, *others],
        [],
        argparse.Namespace(issues=1, findings=4, map=2, batches=3, note="A quiet machine."),
    )
    text = document.read_text(encoding="utf-8")
    assert text.startswith("# Benchmarks\n\nfirst\n") and text.endswith("\n\n## Another\n\nlast\n")
    assert "old" not in text
    for part in (
        "| runs | `/admin/tracking/run/` | 300 |",
        "Not met: runs",
        "answered 404",
        "A quiet machine.",
    ):
        assert part in text


def test_each_benchmark_of_proof_writes_its_own_part(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text("# Benchmarks\n\nfirst\n\n## Another\n\nlast\n", encoding="utf-8")
    section.write("One", ["1", "", "old"], document)
    section.write("Two", section.targets([("fast", "3", True), ("small", "9", False)]), document)
    section.write("One", ["1", "", "new"], document)
    text = document.read_text(encoding="utf-8")
    assert "old" not in text and text.count(section.HEADING) == 1
    assert "### One\n\n1\n\nnew\n\n### Two\n\n| target" in text
    assert "| fast | 3 | met |" in text and "| small | 9 | **not met** |" in text
    assert text.startswith("# Benchmarks\n\nfirst\n") and "\n\n## Another\n\nlast\n" in text
