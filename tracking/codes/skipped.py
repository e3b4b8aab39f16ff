"""Reasons why a legacy row is left out on purpose."""

from django.utils.translation import gettext_lazy as _

from .base import Code, Level


def _skipped(name, sentence, next_step) -> Code:
    return Code(name, Level.SKIPPED, sentence, next_step)


SKIPPED = (
    _skipped(
        "LEFT_OUT_BY_PERSON",
        _("Somebody decided to leave this record out; the reason stands beside it."),
        _("Nothing to do; withdraw the answer if the record should move after all."),
    ),
    _skipped(
        "SUPERSEDED",
        _("The row belongs to the first generation of the old system, which newer rows replaced."),
        _("Nothing to do; the full row is kept in the archive."),
    ),
    _skipped(
        "NO_TARGET",
        _("The new system has no place for this kind of record."),
        _("Nothing to do; the full row is kept in the archive."),
    ),
    _skipped(
        "SYSTEM_ACCOUNT",
        _("The account is the chat account of a school and not a person."),
        _("Nothing to do."),
    ),
    _skipped(
        "SELF_DECLARED",
        _("The sport is a wish the monitor entered in the app, not a level given by a school."),
        _("If the school relies on it, enter the level for this monitor in the new system."),
    ),
    _skipped(
        "SELF_LINK",
        _("The person is listed as his or her own dependant."),
        _("Nothing to do."),
    ),
    _skipped(
        "EMPTY",
        _("The record has no content worth keeping."),
        _("Nothing to do."),
    ),
    _skipped(
        "OUT_OF_SCOPE_SCHOOL",
        _("The record belongs to a school that is not part of the migration."),
        _("If the school should move, add it to the list of schools and run again."),
    ),
    _skipped(
        "BEFORE_HISTORY_CUT",
        _("The service took place before the date from which history is moved."),
        _("If it is needed, choose an earlier date and run again."),
    ),
    _skipped(
        "LOOKUP_ONLY",
        _("The row is only a list of values that the migration looks things up in."),
        _("Nothing to do."),
    ),
    _skipped(
        "SENSITIVE",
        _("The row holds data that must never be copied, such as card data."),
        _("Nothing to do; it is counted and stays in the old system."),
    ),
    _skipped(
        "NO_LOGIN",
        _("The person has no e-mail address of his or her own and therefore gets no account to log in."),
        _("Nothing to do; the client is moved. To give an account, add an e-mail address."),
    ),
    _skipped(
        "INACTIVE_MEMBERSHIP",
        _("The person is no longer active at this school, and inactive memberships are not moved."),
        _("If they are needed, change that decision and run again."),
    ),
)
