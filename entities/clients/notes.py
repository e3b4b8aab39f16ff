"""Notes about clients and the schools' blocks (4.12.5, 4.12.7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from entities.clients.facts import block_part
from entities.clients.mappings import BlockNoteMapping, ClientObservationMapping
from entities.engine import resolvers
from entities.engine.environment import Env
from entities.engine.values import SYNTHESISED, Entry, Row, Unit
from tracking.sentences import sentence

notes = resolvers.of("users").notes
people = resolvers.of("users").people


NOWHERE = sentence("the person has neither bookings nor a school")
LONGEST = 5_000  # characters of each text


def settle(
    unit: Unit,
    env: Env,
    client: Entry,
    person: Row,
    rows: Sequence[Row],
    blocks: Sequence[Row],
    members: set[int],
) -> None:
    """Notes go to one school each; live blocks at a school of the person are appended to its first note."""
    standing = _standing(unit, env, client, blocks, members)
    school = notes.school_of(person.id, env.facts.people.bookings.get(person.id, {}), env)
    holders: dict[int, Entry] = {}
    for row in rows:
        if notes.is_blank(row):
            unit.skip("client_observation", row, "EMPTY", archive=False, under=client)
            continue
        blocked = [] if school is None or school in holders else standing.get(school, [])
        text = _joined(row.notes, blocked)
        entry = _note(unit, env, client, row, school, row.notes if text is None else text)
        if text is not None and school is not None and entry.v5_id:
            holders[school] = entry
    for place, found in standing.items():
        _merge_blocks(unit, env, client, found, holders.get(place))


def _note(unit: Unit, env: Env, client: Entry, row: Row, school: int | None, text: str | None) -> Entry:
    if school is None:
        entry = unit.reject("client_observation", row, "NOTE_WITHOUT_SCHOOL", message=NOWHERE,
                            under=client)  # fmt: skip
    elif people.is_left_out(env, school):
        entry = unit.skip("client_observation", row, "OUT_OF_SCOPE_SCHOOL", archive=False, under=client)
    else:
        given = {"notes": text, "client_id": client.v5_id, "school_id": env.known["school"][school]}
        entry = unit.draft(ClientObservationMapping, row, given, under=client)
    entry.school_id = school
    return entry


def _standing(
    unit: Unit, env: Env, client: Entry, blocks: Sequence[Row], members: set[int]
) -> dict[int, list[Row]]:
    """Live blocks by school; lifted ones, and those at schools the person has nothing to do with, are archived."""
    found: dict[int, list[Row]] = defaultdict(list)
    for block in blocks:
        if people.is_left_out(env, block.school_id):
            unit.skip(
                "archive:blocks", block, "OUT_OF_SCOPE_SCHOOL", archive=False
            ).school_id = block.school_id
        elif block.deleted_at or block.school_id not in members:
            unit.skip("archive:blocks", block, "NO_TARGET", under=client).school_id = block.school_id
        else:
            found[block.school_id].append(block)
    return found


def _sentence(block: Row) -> str:
    day = (people.moment_of(block.created_at) or "")[:10]
    return f"Blocked{f' on {day}' if day else ''}: {(block.reason or '').strip() or 'no reason given'}"


def _joined(text: str | None, blocks: Sequence[Row]) -> str | None:
    """The text with the blocks' reasons; None when nothing is to be added or it would become too long."""
    joined = "\n".join([*filter(None, [(text or "").strip()]), *map(_sentence, blocks)])
    return joined if blocks and len(joined) <= LONGEST else None


def _merge_blocks(unit: Unit, env: Env, client: Entry, blocks: Sequence[Row], holder: Entry | None) -> None:
    first = blocks[0]
    if holder is None:
        given: dict[str, Any] = {"notes": "\n".join(map(_sentence, blocks)), "client_id": client.v5_id}
        holder = unit.draft(
            BlockNoteMapping, first, given, part=block_part(first.client_id, first.school_id), legacy_id=0,
            disposition=SYNTHESISED, reason="NOTE_FROM_BLOCK", under=client,
        )  # fmt: skip
        holder.school_id = first.school_id
    for block in blocks:
        entry = unit.merge("archive:blocks", block, holder, under=client)
        entry.school_id = block.school_id
        if not entry.rejected:
            entry.warn("CLIENT_BLOCKED", "reason", sentence("the school had blocked this client"))
