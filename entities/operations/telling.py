"""A story as lines for a terminal."""

from __future__ import annotations

from typing import Any

from entities.operations.story import Part, Story

LONGEST = 60


def lines(story: Story) -> list[str]:
    said = [
        f"{story.entity}:{story.legacy_id}  (legacy table {story.table}; personal data masked, secrets left out)",
        "",
    ]
    said += _block(
        "Legacy row", story.legacy or {"": "there is none: it was deleted, or the record was made new"}
    )
    said += ["", "What became of it"]
    if not story.parts:
        said.append("  Nothing yet: no run has looked at it. Run its phase: run_phase 2-4.")
    for part in story.parts:
        said += _part(part)
    said += ["", "Issues"] + (_issues(story.issues) or ["  None."])
    said += ["", "Written by"]
    said += [
        f"  run {one['run']} {one['migration']} (wave {one['wave']}, phase {one['phase']}), {one['status']}"
        for one in story.work
    ] or ["  No run that is still on record."]
    return said


def _part(part: Part) -> list[str]:
    name = f"{part.entity}{f' part {part.part}' if part.part else ''}"
    reason = f" ({part.entry.reason})" if part.entry.reason else ""
    where = f" → {part.entry.v5_table} {part.entry.v5_id}" if part.entry.v5_id else ""
    said = [f"  {name}: {part.entry.disposition}{reason}{where}", f"      {part.says}"]
    if part.entry.v5_id and part.target is None:
        return [*said, "      The V5 row is not there any more: somebody deleted it."]
    if part.fields:
        return said + [f"      {_field(one)}" for one in part.fields]
    return said + (_block("      V5 row", part.target) if part.target else [])


def _field(one: dict[str, Any]) -> str:
    given = ", ".join(f"{column}={_value(value)}" for column, value in one["legacy"].items()) or ", ".join(
        one["from"]
    )
    rule = f"  [{one['rule']}]" if one["rule"] else ""
    return f"{given + ' → ' if given else ''}{one['how']} → {one['column']}={_value(one['v5'])}{rule}"


def _issues(issues: list[dict[str, Any]]) -> list[str]:
    said = []
    for one in issues:
        column = f" in {one['field']}" if one["field"] else ""
        said.append(
            f"  {one['level']} {one['code']}{column} ({one['entity_type']}, {one['state']}): {one['message']}"
        )
        said += [f"      {text}" for text in (one["meaning"], one["next_step"]) if text]
        said.append(f"      run {one['run']}, batch {one['batch']}, seen {one['times_seen']} times")
    return said


def _block(title: str, values: dict[str, Any]) -> list[str]:
    pairs = [f"{name}={_value(value)}" if name else str(value) for name, value in values.items()]
    return [title, *(f"  {' ' * (len(title) - len(title.lstrip()))}{pair}" for pair in pairs)]


def _value(value: Any) -> str:
    text = "NULL" if value is None else "''" if value == "" else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
