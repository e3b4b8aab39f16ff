"""For everybody who signs: what the pre-flights said."""

from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from tracking.admin.base import ReadOnlyAdmin, badge
from tracking.models import PreflightReport
from tracking.sentences import tell
from tracking.words import kept, said

VERDICTS = {"ok": "pass", "warning": "warning", "fail": "fail", "could not run": "fail"}


@admin.register(PreflightReport)
class PreflightReportAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "shown_verdict", "shown_counts", "wave", "code_version")
    list_filter = ("passed", "wave")
    list_select_related = ("wave",)
    fields = ("created_at", "shown_verdict", "wave", "code_version", "shown_report")
    readonly_fields = fields

    @display(description=_("verdict"))
    def shown_verdict(self, report: PreflightReport) -> SafeString:
        if report.passed:
            return badge("pass", _("Nothing stands in the way of a run"), _("passed"))
        return badge("fail", _("A blocking check failed or could not run"), _("red"))

    @display(description=_("checks"))
    def shown_counts(self, report: PreflightReport) -> str:
        checks = report.report if isinstance(report.report, list) else []
        found = [str(check.get("verdict")) for check in checks]
        return ", ".join(f"{found.count(verdict)} {said(verdict)}" for verdict in dict.fromkeys(found))

    @display(description=_("what it looked at"))
    def shown_report(self, report: PreflightReport) -> SafeString:
        checks = report.report if isinstance(report.report, list) else []
        rows = format_html_join(
            "",
            '<tr class="align-top border-b border-base-200 dark:border-base-800"><td class="pr-4 py-2">{}</td>'
            '<td class="pr-4 py-2 whitespace-nowrap">{}</td><td class="pr-4 py-2 font-medium">{}</td>'
            '<td class="py-2">{}</td></tr>',
            (
                (_verdict(check), check.get("id"), gettext(str(check.get("title"))), _text(check))
                for check in checks
            ),
        )
        return format_html('<table class="text-sm"><tbody>{}</tbody></table>', rows)


def _verdict(check: dict[str, object]) -> SafeString:
    verdict = str(check.get("verdict"))
    return badge(VERDICTS.get(verdict, verdict), words=said(verdict))


def _text(check: dict[str, object]) -> SafeString:
    step = check.get("next_step")
    shown = format_html("<br><i>{}</i>", tell(str(step), check.get("next_step_facts"))) if step else ""
    message, facts = str(check.get("message") or ""), check.get("message_facts")
    return format_html("{}{}", tell(message, facts) if facts else kept(message), shown)
