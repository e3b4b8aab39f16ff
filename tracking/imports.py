"""Corrections as a sheet: written for a spreadsheet, filled in there, read back with every line judged for itself.

A cell that a spreadsheet would run as a formula is quoted on the way out and refused on the way in.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable
from typing import Any

import openpyxl
import tablib
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export import fields, resources, widgets
from import_export.instance_loaders import BaseInstanceLoader

from tracking.masking import HIDDEN, SECRET
from tracking.models import Issue
from tracking.sentences import packed, sentence, unpacked
from tracking.states import IssueState

COLUMNS = ("issue", "table", "id", "field", "current value", "new value", "reason")
MOST_LINES, MOST_BYTES, LONGEST_CELL = 10_000, 5_000_000, 5_000
FORMATS = ("csv", "xlsx")
MOST_COLUMNS, MOST_UNPACKED = 50, 100_000_000
MOST_ROWS = 50_000  # lines of a sheet, also those without a new value
FORMULA = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"[+-][\d\s().,/-]+")
EMPTY = "NULL"
Check = Callable[[str, str, str | None], None]
Current = Callable[[Issue, str], Any]
Columns = Callable[[Issue], list[str]]


class BadSheet(ValueError):
    """The file cannot be read as a sheet of corrections; the message says why and what would help."""


def escaped(value: Any) -> str:
    """A cell's text; one that a spreadsheet would take for a formula gets an apostrophe in front."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def unescaped(text: str) -> str:
    """A cell as it was meant. Raises ValueError for a formula."""
    if text.startswith("'") and text[1:].startswith(FORMULA):
        return text[1:]
    if text.startswith(FORMULA) and not NUMBER.fullmatch(text):
        raise ValueError(
            sentence("It begins like a formula: put an apostrophe in front if it is meant as text.")
        )
    return text


def sheet(issues: Iterable[Issue], columns: Columns, current: Current) -> tablib.Dataset:
    """One line per issue and guilty column, with what legacy holds now; the last two columns wait for a person."""
    made = tablib.Dataset(headers=list(COLUMNS), title="corrections")
    for issue in issues:
        for column in columns(issue):
            made.append(
                [
                    issue.pk,
                    issue.legacy_table,
                    issue.legacy_id,
                    column,
                    escaped(current(issue, column)),
                    "",
                    "",
                ]
            )
    return made


def written(dataset: tablib.Dataset, kind: str) -> bytes:
    """The sheet as a file of that kind: csv or xlsx."""
    said = dataset.export(kind)
    # The mark tells spreadsheets that the text is UTF-8.
    return b"\xef\xbb\xbf" + said.encode() if isinstance(said, str) else said


def read(name: str, content: bytes) -> list[dict[str, Any]]:
    """Lines with a new value, as plain text with their line number. Raises BadSheet; nothing is judged yet."""
    kind = name.rpartition(".")[2].lower()
    if kind not in FORMATS:
        raise BadSheet(_("A sheet is a .csv or .xlsx file; save it as one of these."))
    if len(content) > MOST_BYTES:
        raise BadSheet(
            _("The file is larger than %(n)s MB: send fewer lines at a time.")
            % {"n": MOST_BYTES // 1_000_000}
        )
    rows = _rows(kind, content)
    lines = [{"line": number, **row} for number, row in enumerate(rows, start=2) if row["new value"].strip()]
    if len(lines) > MOST_LINES:
        raise BadSheet(_("The sheet has more than %(n)s lines with a new value: send them in parts.")
                       % {"n": f"{MOST_LINES:,}"})  # fmt: skip
    return lines


def _rows(kind: str, content: bytes) -> list[dict[str, str]]:
    try:
        dataset = _csv(content) if kind == "csv" else _xlsx(content)
    except BadSheet:
        raise
    except Exception as error:  # whatever a reader trips over in a file that is no sheet
        raise BadSheet(_("The file cannot be read as a .%(kind)s sheet; save it again from your spreadsheet.")
                       % {"kind": kind}) from error  # fmt: skip
    headers = [str(one or "").strip().lower() for one in dataset.headers or ()]
    _check_headers(headers)
    return [{name: _text(value) for name, value in zip(headers, row, strict=False)} for row in dataset]


def _csv(content: bytes) -> tablib.Dataset:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadSheet(
            _("The file is not UTF-8 text: choose “CSV UTF-8” when you save it, or send .xlsx.")
        ) from None
    if "\x00" in text:
        raise BadSheet(_("The file is no text: send the sheet as CSV UTF-8 or .xlsx."))
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    return tablib.Dataset().load(text, format="csv", delimiter=delimiter)


def _xlsx(content: bytes) -> tablib.Dataset:
    """Formulas are read as they were written, not as what they come to, so that they are refused."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED:
            raise BadSheet(_("The file unpacks to more than %(n)s MB: save only the lines you changed.")
                           % {"n": MOST_UNPACKED // 1_000_000})  # fmt: skip
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False)
    made: tablib.Dataset | None = None
    for number, row in enumerate(book.worksheets[0].iter_rows(max_col=MOST_COLUMNS, values_only=True)):
        if number > MOST_ROWS:
            raise BadSheet(
                _("The sheet has more than %(n)s lines: send it in parts.") % {"n": f"{MOST_ROWS:,}"}
            )
        if made is None:
            made = tablib.Dataset(headers=_without_tail(row))
        else:
            made.append([row[index] if index < len(row) else None for index in range(made.width or 0)])
    return made if made is not None else tablib.Dataset()


def _without_tail(row: tuple[Any, ...]) -> list[Any]:
    """Headers without the empty cells behind them."""
    last = max((index for index, value in enumerate(row) if value not in (None, "")), default=-1)
    return list(row[: last + 1])


def _check_headers(headers: list[str]) -> None:
    missing = [name for name in COLUMNS if name not in headers]
    unknown = [name[:40] for name in headers if name not in COLUMNS]
    if missing:
        raise BadSheet(_("The sheet lacks the columns %(names)s; export a group to get them.")
                       % {"names": ", ".join(missing)})  # fmt: skip
    if unknown:
        raise BadSheet(_("The sheet has columns that mean nothing here: %(names)s. Remove them, so that nothing you "
                         "wrote there is lost unseen.") % {"names": ", ".join(unknown[:10])})  # fmt: skip


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = value.isoformat(sep=" ") if hasattr(value, "hour") and hasattr(value, "year") else str(value)
    return text[: LONGEST_CELL + 1]


class IssueWidget(widgets.Widget):
    """An open issue of the wave by its number; refuses another wave's and one that does not fit table and id."""

    def __init__(self, issues: dict[int, Issue]) -> None:
        super().__init__()
        self.issues = issues

    def clean(self, value: Any, row: Any = None, **options: Any) -> Issue:
        number = str(value).strip()
        issue = self.issues.get(int(number)) if number.isdigit() else None
        if issue is None:
            raise ValueError(sentence("There is no issue %(n)s in this wave.", n=number[:20] or "–"))
        named = (str(row["table"]).strip(), str(row["id"]).strip())
        if named != (issue.legacy_table, str(issue.legacy_id)):
            raise ValueError(sentence("Issue %(n)s is about %(table)s %(id)s, not about the record of this line.",
                                      n=number, table=issue.legacy_table, id=issue.legacy_id))  # fmt: skip
        if issue.state != IssueState.OPEN:
            raise ValueError(sentence("Issue %(n)s is not open any more.", n=number))
        return issue


class Line:
    """One line of the sheet while it is judged."""

    def __init__(self) -> None:
        self.issue: Issue | None = None
        self.field = self.reason = ""
        self.value: str | None = None


class CorrectionResource(resources.Resource):
    """Judges the lines of one wave: a dry run only, with the difference of each field.

    `check` (table, column, text) raises ValueError for what the column cannot hold; `current` tells what it holds.
    """

    issue = fields.Field(attribute="issue", column_name="issue")
    field = fields.Field(attribute="field", column_name="field")
    value = fields.Field(attribute="value", column_name="new value")
    reason = fields.Field(attribute="reason", column_name="reason")

    class Meta:
        instance_loader_class = BaseInstanceLoader
        use_transactions = False
        skip_diff = True  # `_difference` makes the difference that people read
        report_skipped = True
        raise_errors = False

    def __init__(self, issues: dict[int, Issue], check: Check, current: Current) -> None:
        super().__init__()
        self.issues, self.check_value, self.current = issues, check, current
        self.verdicts: dict[int, dict[str, Any]] = {}
        self.fields["issue"].widget = IssueWidget(issues)

    def get_instance(self, instance_loader: Any, row: Any) -> None:
        return None

    def get_or_init_instance(self, instance_loader: Any, row: Any) -> tuple[Line, bool]:
        return Line(), True

    def init_instance(self, row: Any = None) -> Line:
        return Line()

    def import_instance(self, instance: Line, row: Any, **options: Any) -> None:
        """All faults of a line at once, or what it changes."""
        faults: list[Any] = []
        for take in (self._issue, self._value, self._reason):
            try:
                take(instance, row)
            except ValueError as wrong:
                faults.append(packed(getattr(wrong, "message", None) or wrong.args[0]))
        self.verdicts[row["line"]] = self._refused(row, faults) if faults else self._difference(instance, row)
        if faults:
            raise ValidationError([unpacked(fault) for fault in faults])

    def _issue(self, line: Line, row: Any) -> None:
        line.issue = self.fields["issue"].widget.clean(row["issue"], row=row)

    def _value(self, line: Line, row: Any) -> None:
        line.field, text = str(row["field"]).strip(), unescaped(str(row["new value"]))
        if text == HIDDEN:
            raise ValueError(sentence("That is the sign for a hidden value, not a value."))
        if len(text) > LONGEST_CELL:
            raise ValueError(sentence("The new value has more than %(n)s letters.", n=f"{LONGEST_CELL:,}"))
        line.value = None if text.strip() == EMPTY else text
        if line.field in SECRET or not line.field:
            raise ValueError(sentence("%(field)s cannot be corrected.", field=line.field or "–"))
        if line.issue is not None:
            self.check_value(line.issue.legacy_table, line.field, line.value)

    def _reason(self, line: Line, row: Any) -> None:
        line.reason = unescaped(str(row["reason"])).strip()
        if not line.reason:
            raise ValueError(sentence("Give the reason: whoever looks at the record later needs it."))

    def save_instance(self, instance: Any, is_create: bool, row: Any, **options: Any) -> None:
        """Nothing is stored by a dry run, and nobody may run this otherwise."""
        if not options.get("dry_run"):
            raise NotImplementedError("a sheet is judged here and applied by its own request")

    def judged(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Each line: either what it changes, or what is wrong with it."""
        self.verdicts = {}
        headers = [*COLUMNS, "line"]
        data = tablib.Dataset(*([row[name] for name in headers] for row in rows), headers=headers)
        # Nothing is written, so that nothing has to be rolled back: a savepoint per line would cost most of the time.
        result = self.import_data_inner(
            data, dry_run=True, raise_errors=False, using_transactions=False, collect_failed_rows=False
        )
        for number, errors in result.row_errors():
            crashes = [f"{type(one.error).__name__}: {one.error}"[:200] for one in errors]
            self.verdicts[rows[number - 1]["line"]] = self._refused(rows[number - 1], crashes)
        return [self.verdicts[row["line"]] for row in rows]

    def _refused(self, row: Any, faults: list[Any]) -> dict[str, Any]:
        return {"line": row["line"], "issue": row["issue"][:20], "field": row["field"][:64], "faults": faults}

    def _difference(self, line: Line, row: Any) -> dict[str, Any]:
        assert line.issue is not None
        now = self.current(line.issue, line.field)
        return {
            "line": row["line"], "faults": [], "issue": line.issue.pk, "table": line.issue.legacy_table,
            "id": line.issue.legacy_id, "field": line.field, "before": None if now is None else str(now),
            "after": line.value, "reason": line.reason[:500],
            "moved": escaped(now) != row["current value"] and row["current value"] not in (HIDDEN, ""),
        }  # fmt: skip
