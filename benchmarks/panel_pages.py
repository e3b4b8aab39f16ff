"""The addresses that are measured: every list, every record page, every live part, and the questions of large effect.

What a page needs as its subject is taken from the record as it is: the newest, the largest, the one that failed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Address = tuple[str, str]
CHOSEN = {
    ("take", "database"): "v5", ("start", "kind"): "planned", ("forget", "key"): "Q-01", ("say", "key"): "processes",
    ("do", "what"): "abandon", ("step", "what"): "begin", ("step", "key"): "pause_runs", ("evidence", "key"): "pause_runs",
}  # fmt: skip
SCHOOL = 10  # legacy id of a school of the demo
APPS = ("tracking", "entities", "django_celery_results")
# Files and steps behind a form: they are no pages.
NO_PAGES = (
    "_export",
    "entities_export",
    "_add",
    "_delete",
    "_history",
    "_import",
    "_file",
    "_sheet",
    "login",
    "logout",
)


def addresses() -> Iterator[Address]:
    yield from _dashboard()
    yield from _registered()
    yield from _filtered()
    yield from _plan()
    yield from _operate()
    yield from _triage()
    yield from _proof()
    yield from _lineage()


def others(measured: list[str]) -> Iterator[Address]:
    """What is not named here: pages without a subject, and pages about the wave, a school or the newest row."""
    from django.urls import get_resolver

    routes = dict(_patterns(get_resolver(), ""))
    for name in unmeasured(measured):
        wanted = list(routes[name].pattern.converters)
        subjects = {one: found for one in wanted if (found := _subject(name, one)) is not None}
        if len(subjects) == len(wanted):
            yield name.partition(":")[2].replace("_", " "), _page(name, *(subjects[one] for one in wanted))


def _subject(name: str, argument: str) -> Any:
    from django.apps import apps

    from tracking.models import Wave

    if argument in ("wave", "school"):
        return Wave.objects.get().pk if argument == "wave" else SCHOOL
    if found := CHOSEN.get((name.rpartition("_")[2], argument)):
        return found
    app, _mark, rest = name.partition(":")[2].partition("_")
    models = (
        {one._meta.model_name: one for one in apps.get_app_config(app).get_models()} if app in APPS else {}
    )
    model = models.get(rest.partition("_")[0])
    if model is None or argument not in ("pk", "object_id"):
        return None
    return model._base_manager.order_by("-pk").values_list("pk", flat=True).first()


def unmeasured(measured: list[str]) -> list[str]:
    """Names of the panel's addresses that none of the measured ones belongs to."""
    from django.urls import get_resolver, resolve

    seen = {resolve(url.partition("?")[0]).view_name for url in measured}
    names = {name for name, _pattern in _patterns(get_resolver(), "")}
    ours = {name for name in names if name.partition(":")[0] in ("live", "engine") or _is_ours(name)}
    return sorted(name for name in ours - seen if not name.endswith(NO_PAGES))


def _patterns(resolver: Any, space: str) -> Iterator[tuple[str, Any]]:
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _patterns(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        elif pattern.name:
            yield f"{space}{pattern.name}", pattern


def _is_ours(name: str) -> bool:
    return name.startswith(tuple(f"admin:{app}_" for app in APPS))


def _page(name: str, *arguments: Any, query: str = "") -> str:
    from django.urls import reverse

    return reverse(name, args=arguments) + (f"?{query}" if query else "")


def _dashboard() -> Iterator[Address]:
    yield "dashboard", _page("admin:index")
    for part in ("progress", "details", "health", "workers"):
        yield f"dashboard, {part}", _page(f"live:{part}")


def _registered() -> Iterator[Address]:
    """The list and the newest record of every model that is shown."""
    from django.contrib import admin

    for model, page in admin.site._registry.items():
        if model._meta.app_label not in APPS:
            continue
        view = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield f"{model._meta.verbose_name_plural}", _page(f"{view}_changelist")
        newest = page.get_queryset(_request()).order_by("-pk").values_list("pk", flat=True).first()
        if newest is not None:
            yield f"{model._meta.verbose_name}", _page(f"{view}_change", newest)


def _filtered() -> Iterator[Address]:
    """The large lists with their filters: what nearly every row has, and what nearly none has."""
    lists = {
        "tracking_issue": (
            "state__exact=open", "state__exact=resolved", "state__exact=accepted", "level=warning", "code=SUBGROUP_UNKNOWN",
            "code=SUBGROUP_UNKNOWN&state__exact=open", "code=VALUE_TOO_LONG", "code=PERIOD_REVERSED", "q=booking_user:200000007",
            "code=SUBGROUP_UNKNOWN&level=error&state__exact=open", "q=SUBGROUP_UNKNOWN", "state__exact=open&p=100",
        ),
        "tracking_batch": ("status__exact=failed", "status__exact=running", "error_kind=OperationalError", "worker=worker:3"),
        "tracking_tally": ("disposition__exact=rejected",), "tracking_logentry": ("level=warning", "level=error"),
        "tracking_auditevent": ("action=note+issue", "action=start+phase", "who=0", "who=1", "subject_type=run", "days=1"),
        "tracking_validationresult": ("result=fail", "result=waived", "q=R-08"),
        "tracking_correction": ("active__exact=0", "active__exact=1", "skip__exact=1"), "tracking_alert": ("open=yes", "open=no"),
        "tracking_finding": (
            "check=C-bookings", "check=R-108", "check=R-01", "school=10", "school=none", "school=113", "kind=differs",
            "kind=violation", "inherited=1", "inherited=0", "legacy_table=users", "q=bookings2:200000004", "q=200000007",
            "check=C-bookings&school=10", "check=R-108&inherited=1", "check=R-31&kind=missing", "school=10&inherited=1",
            "check=C-bookings&p=100", "check=R-31&inherited=1",
        ),
        "entities_legacyidmapping": (
            "entity_type=booking_user", "entity_type=client", "entity_type=school", "v5_table=clients", "v5_table=stations",
            "q=client:304000007", "entity_type=booking&v5_table=bookings",
        ),
        "entities_legacyarchive": ("legacy_table=course_intervals", "legacy_table=tasks", "q=tasks:1"),
    }  # fmt: skip
    for name, queries in lists.items():
        for query in queries:
            yield (
                f"list of {name.partition('_')[2]}, filtered",
                _page(f"admin:{name}_changelist", query=query),
            )


def _plan() -> Iterator[Address]:
    from tracking import choices
    from tracking.models import Phase, Waiver, Wave

    wave = Wave.objects.get()
    yield "new wave", _page("admin:tracking_wave_create")
    yield "record a backup", _page("admin:tracking_wave_backup", wave.pk)
    for number in (1, 2, 3, 4, 5, 6):
        phase = Phase.objects.get(number=number)
        yield f"phase {number}", _page("admin:tracking_phase_change", phase.pk)
        yield f"phase {number}, live", _page("admin:tracking_phase_live", phase.pk)
    moving = Phase.objects.get(number=4)
    for what in ("start", "dry-run", "request", "approve", "reject", "withdraw", "reopen"):
        yield f"phase, {what}?", _page("admin:tracking_phase_do", moving.pk, what)
    yield "phase, waive?", _page("admin:tracking_phase_waive", moving.pk, "rejected")
    for what in ("approve", "withdraw"):
        yield f"waiver, {what}?", _page("admin:tracking_waiver_do", Waiver.objects.get().pk, what)
    yield "choice, decide?", _page("admin:tracking_choicevalue_decide", wave.pk, next(iter(choices.ALL)))


def _operate() -> Iterator[Address]:
    from tracking.models import Alert, Batch, Run

    run = Run.objects.get(entity_type="bookings")
    failed = Batch.objects.filter(run=run, status="failed").order_by("-pk")[0]
    yield "run with 20,000 batches", _page("admin:tracking_run_change", run.pk)
    for part in ("progress", "details", "causes"):
        yield f"run, {part}", _page("admin:tracking_run_live", run.pk, part)
    for what in ("pause", "resume", "change", "cancel", "requeue-failed"):
        yield f"run, {what}?", _page("admin:tracking_run_do", run.pk, what)
    yield "batches of a run", _page("admin:tracking_batch_changelist", query=f"run__id__exact={run.pk}")
    yield "failed batch", _page("admin:tracking_batch_change", failed.pk)
    for what in ("requeue", "split"):
        yield f"batches, {what}?", _page("admin:tracking_batch_do", what, query=f"ids={failed.pk}")
    yield "outcomes of a run", _page("admin:tracking_tally_changelist", query=f"run__id__exact={run.pk}")
    yield "log of a run", _page("admin:tracking_logentry_changelist", query=f"run_id__exact={run.pk}")
    yield (
        "issues of a run",
        _page("admin:tracking_issue_changelist", query=f"run__id__exact={run.pk}&level__exact=error"),
    )
    yield "worker, release?", _page("admin:tracking_workerseen_release", failed.pk, failed.fence)
    yield (
        "alert, acknowledge?",
        _page("admin:tracking_alert_acknowledge", Alert.objects.filter(closed_at=None)[0].pk),
    )


def _triage() -> Iterator[Address]:
    from tracking.models import Issue, IssueGroup, Job

    group = IssueGroup.objects.order_by("-open")[0]
    last = Issue.objects.filter(code=group.code, entity_type=group.entity_type).order_by("-pk")[60]
    yield "largest cause", _page("admin:tracking_issuegroup_change", group.pk)
    yield (
        "largest cause, near its end",
        _page("admin:tracking_issuegroup_change", group.pk, query=f"after={last.pk}"),
    )
    for what in ("requeue", "skip"):
        yield f"largest cause, {what}?", _page("admin:tracking_issuegroup_do", group.pk, what)
    yield (
        "largest cause, chosen",
        _page("admin:tracking_issuegroup_selected", group.pk, query=f"issue={last.pk}"),
    )
    yield "largest cause, correct", _page("admin:entities_group_correct", group.pk)
    yield "causes, errors", _page("admin:tracking_issuegroup_changelist", query="level=error")
    yield "sheet, read", _page("admin:entities_import", last.wave_id)
    yield from _records()
    job = Job.objects.get()
    yield "request, live", _page("admin:tracking_job_live", job.pk)
    yield "request, apply?", _page("admin:tracking_job_apply", job.pk)


def _records() -> Iterator[Address]:
    """A rejected record of every kind: their pages read different tables."""
    from entities.operations import record
    from tracking.models import Issue

    moved = Issue.objects.filter(level="error", state="open", legacy_id__lt=100_000_000).order_by("pk")
    kinds = {one.entity_type: one for one in moved}
    for kind, issue in kinds.items():
        yield f"record, {kind}", _page("admin:entities_record", issue.pk)
    issue = kinds["booking_user"]
    parent = next(iter(record.parents_of(issue.legacy_table)))
    yield "record, correct", _page("admin:entities_record_correct", issue.pk)
    yield "record, parent", _page("admin:entities_record_parent", issue.pk, parent, query="q=1")
    yield "record, note?", _page("admin:entities_record_note", issue.pk)
    for what in ("skip", "requeue", "apply", "assign"):
        yield f"record, {what}?", _page("admin:entities_record_do", issue.pk, what)


def _proof() -> Iterator[Address]:
    """What the checks said: by phase, by check, by school, and the findings behind each number."""
    from tracking.models import Finding, Phase, Sweep, Wave

    wave, phase = Wave.objects.get(), Phase.objects.get(number=5)
    last = Finding.objects.order_by("-pk")[0]
    sweep = Sweep.objects.get(pk=last.sweep_id)
    yield "checks of a phase", _page("admin:tracking_phase_checks", phase.pk)
    yield "checks of a phase, live", _page("admin:tracking_checks_live", phase.pk)
    for check in ("C-bookings", "R-108", "R-31", "R-01"):
        yield f"check {check}", _page("admin:tracking_phase_check", phase.pk, check)
    for query in ("", "&inherited=0", "&inherited=1", "&check=C-bookings&school=10&inherited=0", "&check=C-bookings&school=none",
                  "&check=R-108&school=10&inherited=1", "&check=R-31&school=113&inherited=0",
                  "&check=R-31&kind=missing", "&check=R-31&inherited=1", "&kind=violation"):  # fmt: skip
        yield (
            "findings of one run",
            _page("admin:tracking_finding_changelist", query=f"sweep={sweep.pk}{query}"),
        )
    yield "finding, repair", _page("engine:repair", last.pk)
    yield "reconciliation", _page("engine:reconciliation", query=f"wave={wave.pk}")
    for school in (SCHOOL, 113, 0):
        yield "reconciliation of a school", _page("engine:reconciliation_school", wave.pk, school)
        yield "class lists of a school", _page("engine:class_lists", wave.pk, school)
    for entity, outcome in (("booking", "migrated"), ("booking_user", "rejected"), ("client", "merged")):
        yield "records behind a number", _page("engine:reconciliation_rows", wave.pk, SCHOOL, entity, outcome)


TRACED = ("booking", "booking_user", "client", "user", "course", "voucher", "monitor", "school", "payment")


def _lineage() -> Iterator[Address]:
    from entities import registry
    from entities.engine.lineage import LegacyIdMapping

    yield "trace", _page("engine:trace")
    for term in ("7", "client:7", "bookings/7", "LEG-1-7", "Zermatt"):
        yield f"trace, {term}", _page("engine:trace", query=f"q={term}")
    moved = LegacyIdMapping.objects.using("v5").filter(disposition="migrated", legacy_id__lt=100_000_000)
    for kind in TRACED:
        entry = moved.filter(entity_type=kind).order_by("-legacy_id").first()
        if entry is not None:
            yield f"trace of a {kind}", _page("engine:trace_record", kind, entry.legacy_id)
            yield f"trace of a {kind}, comparison", _page("engine:trace_comparison", kind, entry.legacy_id)
            yield f"trace of a {kind}, kin", _page("engine:trace_kin", kind, entry.legacy_id)
    for name in ("catalogue", "catalogue_codes", "catalogue_tables"):
        yield name.replace("_", ", "), _page(f"engine:{name}")
    for migration in registry.MIGRATIONS:
        yield f"catalogue, {migration}", _page("engine:catalogue_migration", migration)


def _request() -> Any:
    from django.contrib.auth import get_user_model
    from django.test import RequestFactory

    request = RequestFactory().get("/")
    request.user = get_user_model().objects.filter(is_superuser=True).first()
    return request
