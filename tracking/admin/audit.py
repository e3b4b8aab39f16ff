"""For the auditor: who did what, from what to what, and why."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from tracking.admin.base import BigTableAdmin, link, table
from tracking.models import AuditEvent


@admin.register(AuditEvent)
class AuditEventAdmin(BigTableAdmin):
    list_display = ("at", "shown_actor", "action", "shown_subject", "reason", "via")
    list_filter = ("action",)
    list_select_related = ("actor",)
    search_fields = ("action",)
    fields = ("at", "shown_actor", "via", "action", "shown_subject", "reason", "shown_before", "shown_after")
    readonly_fields = fields

    @display(description=_("who"))
    def shown_actor(self, event: AuditEvent) -> str:
        return str(event.actor) if event.actor else str(_("command line"))

    @display(description=_("on"))
    def shown_subject(self, event: AuditEvent) -> str | SafeString:
        said = f"{event.subject_type} {event.subject_id}"
        return link(said, "tracking.run", id__exact=event.subject_id) if event.subject_type == "run" else said

    @display(description=_("before"))
    def shown_before(self, event: AuditEvent) -> SafeString:
        return table(event.before or {})

    @display(description=_("after"))
    def shown_after(self, event: AuditEvent) -> SafeString:
        return table(event.after or {})
