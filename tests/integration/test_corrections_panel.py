"""Corrections over many records: a group tried and corrected by a task, and the round trip through a spreadsheet."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from entities import tasks
from entities.operations import jobs
from tests import moves
from tests.world import World
from tracking import imports
from tracking.models import AuditEvent, Batch, Correction, Issue, IssueGroup, Job, Run
from tracking.states import IssueState

NOW = timezone.now()


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def moved(world: World) -> World:
    world.run("run_phase", "2-3", "--inline")
    return world


@pytest.fixture
def group(moved: World) -> IssueGroup:
    return IssueGroup.objects.get(code="SPORT_UNKNOWN", entity_type="client_sport", level="error", open__gt=0)


def done(job: Job) -> Job:
    tasks.do_job(job.pk)
    job.refresh_from_db()
    return job


def correct(group: IssueGroup) -> str:
    return reverse("admin:entities_group_correct", args=[group.pk])


def test_a_group_is_tried_then_applied_and_shrinks(moved: World, group: IssueGroup, support: Any) -> None:
    client = browser(support)
    client.post(correct(group), {"c_sport_id": "1", "reason": "typing error"})
    tried = done(Job.objects.get(kind="try"))
    assert (tried.state, tried.result["outcomes"], tried.done) == ("done", {"fixed": group.open}, group.open)
    assert not Correction.objects.exists()
    page = client.get(reverse("admin:tracking_job_change", args=[tried.pk])).content.decode()
    assert "Apply this to all" in page
    asked = client.post(correct(group), {"step": "ask", "job": tried.pk})
    assert f"{group.open} records" in asked.content.decode() and not Correction.objects.exists()
    given = {"step": "apply", "job": tried.pk, "reason": "typing error"}
    client.post(correct(group), given)
    assert client.post(correct(group), given).status_code == 409  # a second click asks for nothing new
    applied = done(Job.objects.get(kind="apply"))
    assert (applied.state, applied.result["corrections"]) == ("done", group.open)
    before = Batch.objects.count()
    assert done(applied).state == "done" and Batch.objects.count() == before  # a message that comes twice
    moves.drive(list(Run.objects.filter(entity_type="clients")))
    group.refresh_from_db()
    assert group.open == 0
    shown = client.get(reverse("admin:tracking_job_change", args=[applied.pk])).context
    assert shown["came"] == {"fixed": tried.total, "open": 0}
    [again] = shown["requeued"]
    assert (again["requeue"].action, again["outcome"].fixed) == ("correct group", tried.total)
    assert "'1'" not in str(list(AuditEvent.objects.values_list("after", flat=True)))


def test_only_who_may_apply_applies(group: IssueGroup, support: Any, engineer: Any) -> None:
    browser(support).post(correct(group), {"c_sport_id": "1", "reason": "x"})
    tried = done(Job.objects.get())
    given = {"step": "apply", "job": tried.pk, "reason": "x"}
    assert browser(engineer).post(correct(group), given).status_code == 403
    assert browser(support).get(correct(group), given).status_code == 200
    other = IssueGroup.objects.exclude(code=group.code).first()
    assert browser(support).post(correct(other), given).status_code == 404  # a try of another cause
    assert Job.objects.count() == 1


def test_a_silent_worker_costs_nothing(group: IssueGroup, support: Any) -> None:
    browser(support).post(correct(group), {"c_sport_id": "1", "reason": "x"})
    job = Job.objects.get()
    Job.objects.filter(pk=job.pk).update(state="running", seen_at=NOW - jobs.SILENT * 2)
    jobs.revive(NOW)
    assert done(job).state == "done"


def test_a_crash_is_said_and_not_hidden(
    group: IssueGroup, support: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser(support).post(correct(group), {"c_sport_id": "1", "reason": "x"})
    monkeypatch.setitem(jobs.WORK, "try", lambda job: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        tasks.do_job(Job.objects.get().pk)
    assert "ZeroDivisionError" in Job.objects.get(state="failed").error


# Sheets


def sheet_of(client: Client, group: IssueGroup, kind: str) -> list[dict[str, str]]:
    content = client.get(reverse("admin:entities_export", args=[group.pk, kind])).content
    if kind == "csv":
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    rows = [
        [str(cell or "") for cell in row] for row in openpyxl.load_workbook(io.BytesIO(content)).active.values
    ]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def as_file(rows: list[dict[str, str]], kind: str) -> SimpleUploadedFile:
    if kind == "xlsx":
        book, stream = openpyxl.Workbook(), io.BytesIO()
        for row in [list(rows[0]), *(list(row.values()) for row in rows)]:
            book.active.append(row)
        book.save(stream)
        return SimpleUploadedFile("sheet.xlsx", stream.getvalue())
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=";")  # as spreadsheets of many countries write it
    writer.writeheader()
    writer.writerows(rows)
    return SimpleUploadedFile("sheet.csv", text.getvalue().encode("utf-8-sig"))


def send(client: Client, group: IssueGroup, file: SimpleUploadedFile) -> Any:
    return client.post(reverse("admin:entities_import", args=[group.wave_id]), {"sheet": file})


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_sheet_goes_out_and_comes_back(moved: World, group: IssueGroup, support: Any, kind: str) -> None:
    client = browser(support)
    rows = sheet_of(client, group, kind)
    assert len(rows) == group.open and tuple(rows[0]) == imports.COLUMNS
    for row in rows:
        row |= {"new value": "1", "reason": "from the school"}
    send(client, group, as_file(rows, kind))
    read = done(Job.objects.get(kind="read"))
    assert (read.result["good"], read.result["bad"]) == (len(rows), 0), read.result
    assert not Correction.objects.exists()
    page = client.get(reverse("admin:tracking_job_change", args=[read.pk]))
    assert page.context["lines"]["some"][0]["after"] == "1"
    address = reverse("admin:tracking_job_apply", args=[read.pk])
    client.get(address)
    assert Job.objects.count() == 1
    client.post(address)
    assert client.post(address).status_code == 409
    applied = done(Job.objects.get(kind="import"))
    assert applied.result["corrections"] == len(rows), applied.error
    moves.drive(list(Run.objects.filter(entity_type="clients")))
    group.refresh_from_db()
    assert group.open == 0


def test_each_bad_line_is_told_its_fault_and_the_good_ones_stay(group: IssueGroup, support: Any) -> None:
    client = browser(support)
    good = {**sheet_of(client, group, "csv")[0], "new value": "1", "reason": "because"}
    other = Issue.objects.filter(state=IssueState.OPEN, legacy_table="users").first()
    assert other is not None
    bad = {
        "formula": {**good, "new value": "=HYPERLINK(1)"},
        "type": {**good, "new value": "abc"},
        "empty": {**good, "new value": "NULL"},
        "foreign": {**good, "issue": "999999"},
        "junk": {**good, "issue": "DROP TABLE"},
        "other record": {**good, "issue": str(other.pk)},
        "no reason": {**good, "reason": " "},
        "secret": {
            **good,
            "issue": str(other.pk),
            "table": "users",
            "id": str(other.legacy_id),
            "field": "password",
        },
        "no field": {**good, "field": "nonsense"},
        "other wave": {**good, "issue": str(of_another_wave(other).pk)},
        "hidden": {**good, "new value": "•••"},
    }
    send(client, group, as_file([good, *bad.values(), {**good, "new value": ""}], "csv"))
    read = done(Job.objects.get())
    told = {one["line"]: one["faults"] for one in read.result["lines"]}
    assert (read.result["good"], read.result["bad"]) == (1, len(bad)) and told[2] == []
    assert all(told[line] for line in range(3, 3 + len(bad)))
    page = client.get(reverse("admin:tracking_job_change", args=[read.pk]), HTTP_ACCEPT_LANGUAGE="es")
    assert "Empieza como una fórmula" in page.content.decode()


def of_another_wave(issue: Issue) -> Issue:
    from tracking import plan

    copy = Issue.objects.get(pk=issue.pk)
    copy.pk, copy.wave = None, plan.get_or_create_wave("Other", NOW)
    copy.save()
    return copy


def test_two_lines_that_contradict_each_other_are_both_left(group: IssueGroup, support: Any) -> None:
    client = browser(support)
    good = {**sheet_of(client, group, "csv")[0], "new value": "1", "reason": "because"}
    send(client, group, as_file([good, {**good, "new value": "2"}], "csv"))
    assert done(Job.objects.get()).result["good"] == 0


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("sheet.csv", b"\x89PNG\x00\xff" * 1_000, "UTF-8"),
        ("sheet.csv", b"name,value\n1,2\n", "lacks the columns"),
        ("sheet.csv", b"issue,table,id,field,current value,new value,reason,extra\n", "mean nothing here"),
        ("sheet.xlsx", b"junk" * 1_000, "cannot be read"),
        ("sheet.exe", b"MZ", ".csv or .xlsx"),
        ("sheet.csv", b"x" * 10_000_000, "larger than 5 MB"),
        (
            "sheet.csv",
            b"issue,table,id,field,current value,new value,reason\n1,users,1,email,a,,\n",
            "no line",
        ),
    ],
)
def test_a_file_that_is_no_sheet_is_refused_with_a_clear_word(
    db: None, support: Any, name: str, content: bytes, says: str
) -> None:
    from tracking import plan

    wave = plan.get_or_create_wave("Wave", NOW)
    address = reverse("admin:entities_import", args=[wave.pk])
    answer = browser(support).post(address, {"sheet": SimpleUploadedFile(name, content)})
    assert says in answer.content.decode()
    assert not Job.objects.exists()


def test_a_small_file_that_unpacks_to_a_huge_one_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MOST_UNPACKED", 10_000)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/sharedStrings.xml", b"0" * 20_000)
    with pytest.raises(imports.BadSheet, match="unpacks to more than"):
        imports.read("sheet.xlsx", stream.getvalue())


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\tx"])
def test_no_formula_leaves_the_panel_or_comes_in(text: str) -> None:
    assert imports.escaped(text) == f"'{text}"
    assert imports.unescaped(imports.escaped(text)) == text
    if not imports.NUMBER.fullmatch(text):
        with pytest.raises(ValueError, match="formula"):
            imports.unescaped(text)


@pytest.mark.parametrize("text", ["-12.50", "+41 79 123 45 67", "plain", "O'Neil"])
def test_numbers_and_telephones_come_in_as_they_are(text: str) -> None:
    assert imports.unescaped(text) == text


def test_personal_data_is_hidden_in_sheets_and_requests(moved: World, support: Any) -> None:
    group = IssueGroup.objects.filter(code="EMAIL_INVALID", field="email", open__gt=0).first()
    assert group is not None
    client = browser(support)
    rows = sheet_of(client, group, "csv")
    assert {row["current value"] for row in rows} == {"•••"}
    rows[0] |= {"new value": "ada@example.org", "reason": "asked her"}
    send(client, group, as_file(rows[:1], "csv"))
    read = done(Job.objects.get())
    assert read.result["good"] == 1
    page = client.get(reverse("admin:tracking_job_change", args=[read.pk])).content.decode()
    assert "ada@example.org" not in page
