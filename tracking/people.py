"""The four groups of people and what each may do. Made by `migrate`; permissions are per action (section 7).

Managers decide, support corrects and re-queues records, engineers run, auditors read everything and change nothing.
Nobody sees personal data unmasked unless an administrator gives `view_personal_data` to that person.
"""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS

VIEW_ALL = "view"
RUNNING = ("pause_run", "resume_run", "cancel_run", "tune_run", "requeue_batches", "release_lease")
DECIDING = ("create_wave", "request_approval", "approve_phase", "reject_phase", "reopen_phase", "request_waiver",
            "approve_waiver", "decide_choice", "state_criterion")  # fmt: skip
PREPARING = ("keep_risk", "measure_performance")
CHECKS_RUN = ("run_checks", "repair_record", "steer_sweep", "record_manual_check", "store_report")
CHECKING = ("acknowledge_findings", *CHECKS_RUN)
CORRECTING = ("correct_issue", "apply_correction", "skip_record", "assign_issue", "note_issue")
GROUPS: dict[str, tuple[str, ...]] = {
    "project managers": (
        *(VIEW_ALL, "pause_run", "cancel_run", *DECIDING, "record_backup"),
        *("walk_runbook", "approve_runbook", "ask_rollback", "approve_rollback", "take_checkpoint"),
        *("assign_issue", "note_issue", "acknowledge_alert", "export_audit", *PREPARING, *CHECKING),
    ),
    "support": (VIEW_ALL, *CORRECTING, "requeue_batches", "repair_record"),
    "engineers": (
        *(VIEW_ALL, *RUNNING, "start_phase", "request_approval", "request_waiver", "record_backup"),
        *(
            "take_backup",
            "test_restore",
            "walk_runbook",
            "ask_rollback",
            "take_checkpoint",
            "restore_archive",
        ),
        *("assign_issue", "note_issue", "acknowledge_alert", *PREPARING, *CHECKS_RUN),
    ),
    "auditors": (VIEW_ALL, "export_audit"),
}
APPS = ("tracking", "entities", "django_celery_results")
ALSO_SEEN = ("view_legacyidmapping", "view_legacyarchive", "view_rollbackarchive", "view_taskresult")


def sync(sender: Any = None, using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Give each group at least its permissions; what somebody added stays.

    Runs after `migrate` made the permissions of an application; legacy and V5 tables have pages only for the
    id map and the archive.
    """
    if using != DEFAULT_DB_ALIAS or (sender is not None and sender.label not in APPS):
        return
    from django.contrib.auth.models import Group, Permission

    mine = Permission.objects.using(using).filter(content_type__app_label__in=APPS)
    for name, codenames in GROUPS.items():
        group, _created = Group.objects.using(using).get_or_create(name=name)
        wanted = mine.filter(codename__in=codenames)
        if VIEW_ALL in codenames:
            wanted = wanted | mine.filter(
                codename__startswith="view_", content_type__app_label="tracking"
            ).exclude(codename="view_personal_data")
            wanted = wanted | mine.filter(codename__in=ALSO_SEEN)
        group.permissions.add(*wanted.distinct())


def matrix() -> dict[str, tuple[str, ...]]:
    """Who may do what: the groups that hold each permission beyond looking."""
    codenames = sorted({one for all_of in GROUPS.values() for one in all_of if one != VIEW_ALL})
    return {one: tuple(name for name, held in GROUPS.items() if one in held) for one in codenames}
