"""Are these the right databases, and can nothing go wrong with the one that must not change?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import DatabaseError, connections
from django.utils.translation import gettext_noop as _

from entities import preparation
from entities.engine import schema
from entities.preflight import sql
from entities.preflight.check import Answer, Check, Scope
from entities.preflight.servers import of
from tracking.sentences import sentence

VARIABLES = {"default": "DATABASE_URL", "legacy": "LEGACY_DATABASE_URL", "v5": "V5_DATABASE_URL"}


def unreachable(aliases: Iterable[str] = VARIABLES) -> dict[str, str]:
    """Which of the aliases do not answer, with the server's words."""
    silent = {}
    for alias in aliases:
        try:
            connections[alias].ensure_connection()
            sql.value(alias, "SELECT 1")
        except DatabaseError as error:
            silent[alias] = str(error)
    return silent


class Reachable(Check):
    id = "P-01"
    title = _("All three databases answer")
    rule = "GR-01"
    needs = ()

    def run(self, scope: Scope) -> Answer:
        silent = unreachable()
        if not silent:
            return self.ok(_("panel, legacy and V5 answer"))
        named = ", ".join(VARIABLES[alias] for alias in silent)
        findings = [f"{alias}: {words}" for alias, words in silent.items()]
        return self.found(
            _("a database does not answer"),
            findings,
            sentence("check %(names)s and the server behind it", names=named),
        )


class Different(Check):
    id = "P-02"
    title = _("Legacy, V5 and the panel are three different databases")
    rule = "GR-01"
    needs = ("default", "legacy", "v5")

    def run(self, scope: Scope) -> Answer:
        try:
            preparation.refuse_equal_databases()
        except preparation.PreparationRefused as refusal:
            return self.found(str(refusal), next_step=_("correct the database URLs before anything else"))
        return self.ok(_("server and schema differ for every pair"))


class LegacyReadOnly(Check):
    id = "P-03"
    title = _("The legacy database cannot be written")
    rule = "GR-02"
    needs = ("legacy",)

    def run(self, scope: Scope) -> Answer:
        connection = connections["legacy"]
        found = [f"the account has {text}" for text in of(connection).write_privileges(connection)]
        if not of(connection).is_read_only_session(connection):
            found.append("the session is not read-only")
        if not self._refuses(connection):
            found.append("the database accepted a write statement (one that matches no row)")
        if found:
            step = _("give LEGACY_DATABASE_URL an account that has SELECT on this schema and nothing else")
            return self.found(_("legacy could be written"), found, step)
        return self.ok(_("account, session and a refused attempt agree: read only"))

    def _refuses(self, connection: Any) -> bool:
        """Try an UPDATE that matches no row: harmless where it is allowed, refused where it should be."""
        table = min(schema.live("legacy").tables, default=None)
        if table is None:
            raise LookupError("the legacy database has no table")
        name, column = (
            sql.quoted("legacy", table),
            sql.quoted("legacy", next(iter(schema.live("legacy").columns(table)))),
        )
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"UPDATE {name} SET {column} = {column} WHERE 1 = 0")
        except DatabaseError as error:
            if of(connection).refuses_writing(error):
                return True
            raise  # another reason proves nothing
        return False


class Prepared(Check):
    id = "P-04"
    title = _("V5 is prepared")
    rule = "design section 4"
    needs = ("v5",)

    def run(self, scope: Scope) -> Answer:
        missing = preparation.is_prepared()
        if missing:
            return self.found(
                sentence("%(n)s changes are missing", n=len(missing)), missing, _("run prepare_v5 --apply")
            )
        return self.ok(_("all tables and columns of the migration are there"))
