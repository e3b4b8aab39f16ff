"""One search field for records: by id, reference, code, address or name, from either side.

Nothing here goes through a big table: every look-up has an index or reads the newest rows only, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from entities import registry
from entities.engine.lineage import LegacyIdMapping
from entities.operations import places
from entities.operations.places import Looked, Place
from entities.operations.story import entity_tables, kinds_of
from tracking.masking import is_personal

MOST_CANDIDATES = 60
SHORTEST = 2
NAMED = re.compile(r"^([a-z][a-z0-9_:]*?)\s*[:/#\s]\s*(\d{1,18})$", re.IGNORECASE)
BOOKING = re.compile(r"^LEG-\d+-(\d{1,18})$", re.IGNORECASE)
PAYMENT = re.compile(r"^LEGPAY-(\d{1,18})-\d+$", re.IGNORECASE)


@dataclass(frozen=True)
class Candidate:
    """A record that may be meant. `why` says what matched; `shown` is what it is called, empty when hidden.

    Without `entity` it is a V5 row that the migration did not write.
    """

    entity: str
    legacy_id: int
    why: str
    part: str = ""
    table: str = ""
    disposition: str = ""
    reason: str = ""
    v5_table: str = ""
    v5_id: int | None = None
    shown: str = ""


@dataclass
class Found:
    """Candidates, best first, and what the search could not or did not do."""

    term: str
    candidates: list[Candidate] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, candidates: Iterable[Candidate]) -> None:
        known = {(one.entity, one.legacy_id, one.part, one.v5_table, one.v5_id) for one in self.candidates}
        for one in candidates:
            key = (one.entity, one.legacy_id, one.part, one.v5_table, one.v5_id)
            if key not in known and len(self.candidates) < MOST_CANDIDATES:
                known.add(key)
                self.candidates.append(one)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def find(term: str, *, personal: bool = False) -> Found:
    """Candidates for what somebody typed; people are looked up only for those who may see `personal` data."""
    term = " ".join(term.split())[:200]
    found = Found(term)
    if not term:
        return found
    if len(term) < SHORTEST and not term.isdigit():
        found.note(_("Type at least two characters."))
    elif not _by_id(found, term) and not _by_reference(found, term):
        _by_text(found, term, personal)
    return found


def _by_id(found: Found, term: str) -> bool:
    """Whether the term is an id with a word in front of it; a bare number may still be a code."""
    if term.isdigit():
        number = int(term[:18])
        legacy, v5 = _("legacy id %(id)s") % {"id": number}, _("V5 id %(id)s") % {"id": number}
        by_legacy = entries(legacy, entity_type__in=entity_types(), legacy_id=number)
        by_v5 = entries(v5, v5_table__in=v5_tables(), v5_id=number)
        found.add(sorted([*by_legacy, *by_v5], key=_rank))
        return False
    named = NAMED.match(term)
    return bool(named) and _by_word(found, named[1].lower(), int(named[2]))  # type: ignore[index]


MOST_ASKED = (
    "booking",
    "client",
    "user",
    "monitor",
    "course",
    "course_global",
    "voucher",
    "payment",
    "school",
)


def _rank(one: Candidate) -> tuple[int, bool]:
    """What people ask for most comes first, archived rows last."""
    if one.entity in MOST_ASKED:
        return MOST_ASKED.index(one.entity), one.why.startswith("V5")
    return len(MOST_ASKED) + one.entity.startswith("archive:"), False


def _by_word(found: Found, word: str, number: int) -> bool:
    """An entity type, a legacy table and a V5 table may have one name: all of them are looked at."""
    tables = entity_tables()
    kinds = {word} if word in tables else set()
    if word in tables.values():
        kinds |= set(kinds_of(word))
    targets = {word} & set(v5_tables())
    if kinds:
        why = _("legacy id %(id)s of %(word)s") % {"id": number, "word": word}
        found.add(entries(why, entity_type__in=sorted(kinds), legacy_id=number))
        if not found.candidates:
            found.add(_not_moved(word, tables.get(word, word), number, why))
    if targets:
        why = _("V5 id %(id)s of %(word)s") % {"id": number, "word": word}
        found.add(_of_v5(word, [number], why))
    return bool(kinds or targets)


def _not_moved(word: str, table: str, number: int, why: str) -> list[Candidate]:
    """A legacy row that no run has reached yet."""
    from entities.operations.story import legacy_row

    entity = word if word in entity_tables() else kinds_of(table)[0]
    row = legacy_row(table, number)
    return [Candidate(entity, number, why, table=table)] if row is not None else []


def _by_reference(found: Found, term: str) -> bool:
    """References that the migration gave carry the legacy id of their booking."""
    for pattern in (BOOKING, PAYMENT):
        if fitting := pattern.match(term):
            kinds = ["booking", "v5_booking", "v5_payment"]
            found.add(entries(_("booking reference"), entity_type__in=kinds, legacy_id=int(fitting[1])))
            return bool(found.candidates)
    return False


def _by_text(found: Found, term: str, personal: bool) -> None:
    if "@" in term:
        lookups: list[Lookup] = [(one, spellings(term), None) for one in places.EMAILS]
        _by_people(found, lookups, personal, _("e-mail address"))
        return
    for place in (*places.CODES, *places.REFERENCES):
        why = _("voucher code") if place.column == "code" else _("payment or booking reference")
        _take(found, places.look(place, spellings(term)), why, personal)
    if re.search(r"[^\W\d]", term):
        for place in places.TITLES:
            _take(found, places.look(place, [term]), _("name"), personal)
        _by_people(found, _name_lookups(term), personal, _("name of a person"))


Lookup = tuple[Place, list[str], tuple[str, list[str]] | None]


def _name_lookups(term: str) -> list[Lookup]:
    """First and last name in either order; a single word may be either."""
    words = term.split()
    if len(words) == 1:
        return [(one, spellings(term), None) for one in (*places.FIRST_NAMES, *places.LAST_NAMES)]
    cuts = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    first = sorted({one for cut in cuts for name in cut for one in spellings(name)})
    return [(place, first, ("last_name", first)) for place in places.FIRST_NAMES]


def _by_people(found: Found, lookups: list[Lookup], personal: bool, why: str) -> None:
    if not personal:
        found.note(_("People are found by name or address only by those who may see personal data."))
        return
    for place, values, also in lookups:
        _take(found, places.look(place, values, also), why, personal)


def spellings(text: str) -> list[str]:
    """The ways in which a word is likely to be stored; databases differ in whether case counts."""
    return list(dict.fromkeys([text, text.lower(), text.upper(), text.title()]))


def _take(found: Found, looked: Looked, why: str, personal: bool) -> None:
    place, ids = looked.place, [row.id for row in looked.rows]
    if looked.partly:
        text = _("%(place)s has no index: only its newest %(n)s rows were read.")
        found.note(text % {"place": place, "n": f"{places.MOST_READ:,}"})
    if looked.more:
        found.note(_("More rows of %(place)s fit: type more.") % {"place": place})
    if not ids:
        return
    shown = {row.id: called(row, personal) for row in looked.rows}
    if place.database == "v5":
        found.add(_of_v5(place.table, ids, why, shown))
        return
    moved = entries(why, entity_type__in=kinds_of(place.table), legacy_table=place.table, legacy_id__in=ids)
    found.add(_called(moved, shown))
    waiting = set(ids) - {one.legacy_id for one in moved}
    kind = kinds_of(place.table)[0]
    found.add(Candidate(kind, one, why, table=place.table, shown=shown[one]) for one in sorted(waiting))


def _of_v5(table: str, ids: list[int], why: str, shown: dict[int, str] | None = None) -> list[Candidate]:
    """The records behind V5 rows; rows that the migration did not write are candidates without a record."""
    moved = entries(why, v5_table=table, v5_id__in=ids)
    made = [Candidate(**{**vars(one), "shown": (shown or {}).get(one.v5_id or 0, "")}) for one in moved]
    others = sorted(set(ids) - {one.v5_id for one in moved})
    if others and shown is None:
        return made
    return made + [
        Candidate("", 0, why, v5_table=table, v5_id=one, shown=(shown or {})[one]) for one in others
    ]


def _called(candidates: list[Candidate], shown: dict[int, str]) -> list[Candidate]:
    return [Candidate(**{**vars(one), "shown": shown.get(one.legacy_id, "")}) for one in candidates]


def called(row: Any, personal: bool) -> str:
    """What a row is called: the name of a thing, the name of a person only where it may be seen."""
    if hasattr(row, "first_name"):
        return f"{row.first_name or ''} {row.last_name or ''}".strip() if personal else ""
    for name in ("booking_reference", "payment_reference", "code", "name", "name_global"):
        if getattr(row, name, None) and (personal or not is_personal(name, row._table)):
            return str(getattr(row, name))
    return ""


def entries(why: str, **filters: Any) -> list[Candidate]:
    """Map entries as candidates, one per record and V5 table: pieces of a split record stand for each other."""
    rows = LegacyIdMapping.objects.using("v5").filter(**filters)
    found: dict[tuple[str, int, str], Candidate] = {}
    for one in rows.defer("additional_data")[: 4 * MOST_CANDIDATES]:
        key = (one.entity_type, one.legacy_id, one.part if one.legacy_id == 0 else "")
        found.setdefault(
            key,
            Candidate(
                one.entity_type, one.legacy_id, why, one.part if one.legacy_id == 0 else "", one.legacy_table,
                one.disposition, one.reason, one.v5_table, one.v5_id,
            ),
        )  # fmt: skip
    return list(found.values())


def entity_types() -> list[str]:
    """Every entity type, those of archived tables included."""
    archived = (f"archive:{table}" for one in registry.everything() for table in one.archived)
    return sorted({*entity_tables(), *archived})


def v5_tables() -> list[str]:
    """Every V5 table that a migration writes."""
    return sorted({one.table for migration in registry.everything() for one in migration.mappings})
