"""The arrows of the layout: imports point one way, and every module stays readable in one sitting."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("boukii_migration", "tracking", "entities", "demo")
AGGREGATES = frozenset(
    "reference schools degrees seasons users clients monitors courses vouchers bookings archive".split()
)
MODEL_MODULES = {"legacy", "v5"}
LONGEST_MODULE, LONGEST_FUNCTION = 400, 60


def modules() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                parts = path.relative_to(ROOT).with_suffix("").parts
                yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


MODULES = dict(modules())


def imports_of(source: str, module: str, is_package: bool = False) -> set[str]:
    """Dotted names that the source imports, also inside functions; relative ones made absolute."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                around = module.split(".") if is_package else module.split(".")[:-1]
                around = around[: len(around) - node.level + 1]
                base = ".".join([*around, base] if base else around)
            found |= {f"{base}.{name.name}" for name in node.names}
    return found


def forbidden(module: str, imported: str) -> str:
    """Why `module` may not import `imported`; empty if it may."""
    ours, theirs = module.split("."), imported.split(".")
    top, other = ours[0], theirs[0]
    if other not in PACKAGES:
        return ""
    if top == "boukii_migration" and other != "boukii_migration":
        return "the wiring names the applications only as strings"
    if top == "tracking" and other in {"entities", "demo"}:
        return "entities -> tracking, never back"
    if top == "demo" and other in {"entities", "tracking"}:
        return "the demo is an independent second opinion on the rules"
    if top == "entities" and other == "entities":
        return _between_entities(ours, theirs)
    return ""


def _between_entities(ours: list[str], theirs: list[str]) -> str:
    here, there = ("".join(parts[1:2]) for parts in (ours, theirs))
    if here == "engine" and there in AGGREGATES:
        return "the engine knows no aggregate"
    if here not in AGGREGATES or there in {here, "engine"}:
        return ""
    if there in AGGREGATES and (len(theirs) == 2 or theirs[2] in MODEL_MODULES):
        return ""
    if there == "reconciliation" and "".join(ours[2:3]).startswith(("checks", "business")):
        return ""
    return "an aggregate imports the engine and the models of other aggregates; the rest goes through engine.resolvers"


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_one_way(module: str) -> None:
    path = MODULES[module]
    imported = imports_of(path.read_text(encoding="utf-8"), module, path.name == "__init__.py")
    wrong = {name: reason for name in sorted(imported) if (reason := forbidden(module, name))}
    assert not wrong


@pytest.mark.parametrize(
    ("module", "line", "allowed"),
    [
        ("tracking.ledger", "import entities.registry", False),
        ("tracking.ledger", "def f():\n    from entities.engine import runner", False),
        ("tracking.ledger", "from .states import RunStatus", True),
        ("boukii_migration.settings", "from tracking import states", False),
        ("entities.engine.load", "from entities.bookings.v5 import V5Booking", False),
        ("entities.bookings.migration", "from ..courses.v5 import V5Course", True),
        ("entities.bookings.migration", "from entities.courses import v5 as courses", True),
        ("entities.bookings.migration", "from entities.courses.rules import shape", False),
        ("entities.bookings.migration", "from entities.courses.resolver import load", False),
        ("entities.bookings.migration", "from entities.registry import ORDER", False),
        ("entities.bookings.migration", "from tracking import codes", True),
        ("entities.bookings.migration", "from entities.reconciliation.check import Check", False),
        ("entities.bookings.checks", "from entities.reconciliation.check import Check", True),
        ("entities.registry", "import entities.bookings.migration", True),
        ("demo.builder", "from tracking import codes", False),
    ],
)
def test_the_law_tells_right_from_wrong(module: str, line: str, allowed: bool) -> None:
    assert allowed is not any(forbidden(module, name) for name in imports_of(line, module))


def test_ruff_holds_the_same_law() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--stdin-filename", "tracking/somewhere.py", "-"],
        input="import entities.registry\n",
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "TID251" in said.stdout
    assert "never back" in said.stdout


def test_only_dispatch_and_the_envelopes_know_the_queue() -> None:
    knowing = {
        module
        for module, path in MODULES.items()
        if any(
            name.split(".")[0] in {"celery", "kombu"} or name.startswith("boukii_migration.celery")
            for name in imports_of(path.read_text(encoding="utf-8"), module, path.name == "__init__.py")
        )
    }
    assert knowing <= {"boukii_migration", "boukii_migration.celery", "tracking.dispatch", "entities.tasks"}


@pytest.mark.parametrize("module", MODULES)
def test_modules_and_functions_stay_short(module: str) -> None:
    source = MODULES[module].read_text(encoding="utf-8")
    assert source.count("\n") <= LONGEST_MODULE
    functions = [
        n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    too_long = [f.name for f in functions if (f.end_lineno or f.lineno) - f.lineno + 1 > LONGEST_FUNCTION]
    assert not too_long


AGGREGATE_FOLDERS = sorted(path for path in (ROOT / "entities").iterdir() if path.name in AGGREGATES)


@pytest.mark.parametrize("folder", AGGREGATE_FOLDERS, ids=lambda folder: folder.name)
def test_every_aggregate_has_its_migration_and_its_story(folder: Path) -> None:
    """Whoever has read one folder finds the way in the next; further files are named after what they move."""
    assert {"migration.py", "README.md"} <= {path.name for path in folder.iterdir()}
    assert {"legacy.py", "v5.py"} & {path.name for path in folder.iterdir()}
