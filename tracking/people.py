"""The four groups of people and what each may do. Made by `migrate`; permissions are per action (section 7)."""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS

VIEW_ALL = "view"
RUNNING = ("pause_run", "resume_run", "cancel_run", "tune_run", "requeue_batches")
GROUPS: dict[str, tuple[str, ...]] = {
    "project managers": (VIEW_ALL, "pause_run", "cancel_run"),
    "support": (VIEW_ALL, "requeue_batches", "view_personal_data"),
    "engineers": (VIEW_ALL, *RUNNING),
    "auditors": (VIEW_ALL,),
}
APPS = ("tracking", "entities")


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
            wanted = wanted | mine.filter(codename__in=("view_legacyidmapping", "view_legacyarchive"))
        group.permissions.add(*wanted.distinct())
