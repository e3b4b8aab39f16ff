"""What the documents must name, and what they name must exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from boukii_migration.environment import VARIABLES

ROOT = Path(__file__).resolve().parents[2]
OURS = ("tracking", "entities", "demo", "boukii_migration")
COMMANDS = {name: app for name, app in get_commands().items() if app in OURS}
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "entities/*/README.md", "tracking/**/README.md")
    for path in ROOT.glob(pattern)
)
DJANGOS_OWN_OPTIONS = {
    "--help", "--version", "--verbosity", "--settings", "--pythonpath", "--traceback", "--no-color",
    "--force-color", "--skip-checks",
}  # fmt: skip


def document(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def sections(text: str) -> dict[str, str]:
    """Text under each `## \\`name\\`` heading."""
    parts = re.split(r"^## `([a-z0-9_]+)`.*$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_documented_with_its_options(name: str) -> None:
    section = sections(document("commands.md")).get(name)
    assert section is not None, f"docs/commands.md has no section for {name}"
    parser = load_command_class(COMMANDS[name], name).create_parser("manage.py", name)
    options = {text for action in parser._actions for text in action.option_strings if text.startswith("--")}
    assert {option for option in options - DJANGOS_OWN_OPTIONS if option not in section} == set()


def test_no_command_is_documented_that_does_not_exist() -> None:
    assert set(sections(document("commands.md"))) - set(COMMANDS) == set()


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_every_setting_is_documented(variable: object) -> None:
    row = re.search(rf"^\| `{variable.name}` \|.*$", document("settings.md"), re.MULTILINE)  # type: ignore[attr-defined]
    assert row, f"docs/settings.md does not explain {variable.name}"  # type: ignore[attr-defined]


def test_every_reason_code_is_documented() -> None:
    from tracking import codes

    text = document("reason-codes.md")
    assert [name for name in codes.ALL if f"`{name}`" not in text] == []


def test_the_page_of_checks_is_what_is_declared() -> None:
    from entities.reconciliation import reference

    assert document("reconciliation.md") == reference.page(), (
        "write it again: python -m entities.reconciliation.reference > docs/reconciliation.md"
    )


def test_every_choice_is_documented() -> None:
    from tracking import choices

    text = document("choices.md")
    assert [key for key in choices.ALL if not re.search(rf"\b{key}\b", text)] == []


def test_every_system_check_is_documented() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))
    sources = (path for app in OURS for path in (ROOT / app).rglob("*.py"))
    ids = {
        found
        for path in sources
        for found in re.findall(
            r"[\"']((?:boukii|tracking|entities)\.[EWI]\d{3})[\"']", path.read_text("utf-8")
        )
    }
    assert ids, "no check was found: the pattern of this test no longer fits"
    assert {name for name in ids if f"`{name}`" not in text} == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_make_targets_that_documents_name_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for path in DOCUMENTS
        for target in re.findall(r"(?:^|`)make ([a-z-]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert named - targets == set()


def test_the_readme_leads_to_every_document() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in (ROOT / "docs").glob("*.md") if f"docs/{path.name}" not in readme] == []
