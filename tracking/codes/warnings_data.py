"""Warnings about people, schools, texts and the first values of a record."""

from django.utils.translation import gettext_lazy as _

from .base import Code, Level


def _warning(name, sentence, next_step) -> Code:
    return Code(name, Level.WARNING, sentence, next_step)


_PEOPLE = (
    _warning(
        "EMAIL_INVALID",
        _("The e-mail address cannot be right and was left empty; the original is kept."),
        _("Ask the person for the address and enter it."),
    ),
    _warning(
        "EMAIL_SHARED",
        _("Different people use the same e-mail address and now share one account."),
        _("Give each person who should log in an address of his or her own."),
    ),
    _warning(
        "BIRTH_DATE_UNKNOWN",
        _("The date of birth is missing or impossible and is marked as unknown."),
        _("Ask the person for the date of birth and enter it."),
    ),
    _warning(
        "NAME_UNKNOWN",
        _("The person has neither first nor last name and is called Unknown."),
        _("Find out the name and enter it."),
    ),
    _warning(
        "PASSWORD_UNUSABLE",
        _("The stored password is of a kind the new system cannot check."),
        _("The person has to set a new password at the first log-in."),
    ),
    _warning(
        "SUPERADMIN_NOT_APPROVED",
        _("The person was a super-administrator; nobody approved this; the account is an inactive viewer."),
        _("If the person should keep the power, tick him or her and run again."),
    ),
    _warning(
        "RESTRICTED_ADMIN",
        _("The administrator was not allowed to do everything and got a narrower role."),
        _("Check that the role fits."),
    ),
    _warning(
        "NO_SCHOOL",
        _("The person belongs to no school and cannot enter the new system."),
        _("Add the person to a school, or close the account."),
    ),
    _warning(
        "SEVERAL_ACTIVE_SCHOOLS",
        _("The administrator is active at more than one school; the old system allowed one."),
        _("Check with the schools where the person works."),
    ),
    _warning(
        "SEVERAL_MAINS",
        _("The dependant belongs to more than one main client."),
        _("Check with the family who books and pays."),
    ),
    _warning(
        "UTILIZER_CYCLE",
        _("Two people are each other's dependants."),
        _("Find out who books for whom and remove the other link."),
    ),
    _warning(
        "CLIENT_BLOCKED",
        _("The school had blocked this client; the reason was added to the school's note."),
        _("Tell the school, since the new system does not block by itself."),
    ),
    _warning(
        "SALARY_LEVEL_FOREIGN",
        _("The monitor's salary level is missing or belongs to another school and was left empty."),
        _("Choose the right salary level."),
    ),
    _warning(
        "ABSENCES_OVERLAP",
        _("The monitor has absences that cover the same time."),
        _("Check the absences with the monitor."),
    ),
    _warning(
        "MONITOR_UNKNOWN",
        _("The monitor named here does not exist or was not moved, so nobody is assigned."),
        _("Assign a monitor if the lesson still lies ahead."),
    ),
)

_TEXTS = (
    _warning(
        "TRUNCATED_COPY_KEPT",
        _("The text was too long and was shortened; the full text is kept."),
        _("Write a shorter text if the cut reads badly."),
    ),
    _warning(
        "TRANSLITERATED",
        _("Letters that the new database cannot store were replaced; the original is kept."),
        _("Have the column converted and run again to get the original letters back."),
    ),
    _warning(
        "MOJIBAKE",
        _("The text looks as if it was stored with the wrong letters, such as Ã© for é."),
        _("If many records show this, switch the repair on and run again."),
    ),
    _warning(
        "JSON_CORRUPT",
        _("A bundle of settings stored in the record is damaged and was not read; the original is kept."),
        _("Enter the settings again."),
    ),
    _warning(
        "ZERO_DATE",
        _("The date was stored as all zeros, which means unknown, and was left empty."),
        _("Enter the date if it is needed."),
    ),
    _warning(
        "SLUG_CLASH",
        _("Two schools want the same web address; this one got a number at the end."),
        _("Choose another web address if you prefer."),
    ),
    _warning(
        "CREDENTIALS_TO_REENTER",
        _("The access data of the payment provider are encrypted and were left empty."),
        _("Enter the access data again before the school goes live."),
    ),
    _warning(
        "TARGET_EDITED",
        _("Somebody changed the record in the new system since it was moved; it was not overwritten."),
        _("Compare both and decide which one is right."),
    ),
)

_LISTS = (
    _warning(
        "LANGUAGE_UNKNOWN",
        _("A language of this person does not exist and was left empty."),
        _("Enter the language if it is needed."),
    ),
    _warning(
        "LANGUAGE_DUPLICATE",
        _("The same language was listed twice; both became one."),
        _("Nothing to do."),
    ),
    _warning(
        "COUNTRY_UNKNOWN",
        _("The country cannot be found in the list of countries and was left empty; the original is kept."),
        _("Choose the country."),
    ),
    _warning(
        "PROVINCE_UNKNOWN",
        _("The province cannot be found in the list of provinces and was left empty; the original is kept."),
        _("Choose the province."),
    ),
    Code(
        "STATION_UNKNOWN",
        Level.WARNING,
        _("The station named here does not exist or was not moved."),
        _("Choose the station."),
        also=(Level.REJECTED,),
    ),
    _warning(
        "DEGREE_DUPLICATE",
        _("The school has the same level several times; the first one in use was taken."),
        _("Check with the school and remove the other ones."),
    ),
    _warning(
        "TASK_DATE_UNKNOWN",
        _("The task had no date or time; the day it was written and midnight were taken."),
        _("Correct the date if the task is still open."),
    ),
)

DATA_WARNINGS = (*_PEOPLE, *_TEXTS, *_LISTS)
