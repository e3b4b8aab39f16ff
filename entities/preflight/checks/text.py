"""Can V5 hold the text and the dates of legacy?"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_noop as _

from entities.engine import schema
from entities.engine.normalise import is_mojibake
from entities.preflight import sql
from entities.preflight.check import MOST_IDS, Answer, Check, Finding, Scope, Severity, Verdict
from entities.preparation import encoding
from entities.preparation.text_flow import by_legacy_table
from tracking.sentences import sentence


class Storable(Check):
    id = "P-11"
    title = _("V5 can store the text as it is")
    rule = "GR-11, Q-02"
    severity = Severity.ACKNOWLEDGE

    def run(self, scope: Scope) -> Answer:
        found = [Finding(item.sentence, item.rows, tuple(item.ids)) for item in encoding.scan()]
        if not found:
            return self.ok(_("every text fits its column"))
        return self.found(
            _(
                "some text does not fit; until the columns are converted it is written with other letters,"
                " flagged, and the original kept"
            ),
            found,
            _("run prepare_v5 --apply --approve-text-conversion, or decide otherwise in Q-02"),
        )


class DoubleEncoded(Check):
    id = "P-12"
    title = _("Text that was stored with the wrong letters")
    rule = "GR-11, Q-03"
    severity = Severity.ACKNOWLEDGE
    needs = ("legacy",)

    def run(self, scope: Scope) -> Answer:
        found = [finding for table in by_legacy_table() for finding in self._in_table(table)]
        if not found:
            return self.ok(_("none was found"))
        number = sum(finding.count for finding in found)
        return self.found(
            sentence("%(n)s values look double-encoded", n=number),
            found,
            _("decide in Q-03 whether to repair them"),
        )

    def _in_table(self, table: str) -> Iterator[Finding]:
        live = encoding.live_name(table)
        if live is None:
            return
        names = [name for name in by_legacy_table()[table] if name in schema.live("legacy").columns(live)]
        ids: dict[str, list[int]] = {name: [] for name in names}
        for key, *texts in encoding.non_ascii_rows(live, names):
            for name, text in zip(names, texts, strict=True):
                if text is not None and is_mojibake(str(text)):
                    ids[name].append(key)
        for name, keys in ids.items():
            if keys:
                yield Finding(f"{live}.{name}", len(keys), tuple(keys[:MOST_IDS]))


class SessionDates(Check):
    id = "P-13"
    title = _("Umbrella courses hold a readable list of sessions")
    rule = "4.15"
    severity = Severity.ACKNOWLEDGE
    needs = ("legacy",)

    def run(self, scope: Scope) -> Answer:
        table = encoding.live_name("course_globals")
        if table is None:
            raise LookupError("legacy has no table course_globals")
        unreadable, number = [], 0
        for key, text in sql.pages("legacy", table, ["dates_global"]):
            number += 1
            if text not in (None, "") and not _is_list(str(text)):
                unreadable.append(key)
        if not number:
            return Answer(Verdict.NOTHING, sentence("%(table)s has no rows", table=table))
        if not unreadable:
            return self.ok(sentence("%(n)s umbrellas read", n=number))
        return self.found(
            sentence(
                "%(bad)s of %(n)s cannot be read; the dates of their members are used",
                bad=len(unreadable),
                n=number,
            ),
            [Finding(f"{table}.dates_global", len(unreadable), tuple(unreadable[:MOST_IDS]))],
            _("look at these courses in the source; their sessions may be incomplete"),
        )


def _is_list(text: str) -> bool:
    """Is it JSON of a list, also one that was encoded twice?"""
    import json

    try:
        value = json.loads(text)
        return isinstance(json.loads(value) if isinstance(value, str) else value, list)
    except ValueError:
        return False
