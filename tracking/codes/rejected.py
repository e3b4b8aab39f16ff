"""Reasons why a legacy row is kept back until a person answers."""

from django.utils.translation import gettext_lazy as _

from .base import Code, Level


def _rejected(name, sentence, next_step, *, or_warning: bool = False) -> Code:
    also = (Level.WARNING,) if or_warning else ()
    return Code(name, Level.REJECTED, sentence, next_step, also)


_PARENTS = (
    _rejected(
        "UNKNOWN_USER_TYPE",
        _("The account has a kind of user that nobody knows."),
        _("Find out what the person is, enter the kind and queue the record again."),
    ),
    _rejected(
        "SCHOOL_UNKNOWN",
        _("The school of this record does not exist or was not moved."),
        _("Choose the right school, or skip the record with a reason."),
    ),
    _rejected(
        "SPORT_UNKNOWN",
        _("The sport of this record does not exist or was not moved."),
        _("Choose the right sport, or skip the record with a reason."),
    ),
    _rejected(
        "SPORT_TYPE_UNKNOWN",
        _("The sport has a type that does not exist."),
        _("Choose the right type of sport and queue the record again."),
    ),
    _rejected(
        "DEGREE_UNKNOWN",
        _("The level of this record does not exist."),
        _("Choose the right level, or skip the record with a reason."),
        or_warning=True,
    ),
    _rejected(
        "DEGREE_BASE_MISSING",
        _("The school's level points at a general level that does not exist."),
        _("Choose the general level it stands for, or skip it with a reason."),
    ),
    _rejected(
        "CLIENT_UNKNOWN",
        _("The person this record is about does not exist."),
        _("Choose the right client, or skip the record with a reason."),
    ),
    _rejected(
        "UTILIZER_NOT_CLIENT",
        _("One side of this family link is not a client."),
        _("Choose the right person, or skip the link with a reason."),
    ),
    _rejected(
        "NWD_NOT_MONITOR",
        _("The absence belongs to somebody who is not a monitor."),
        _("Choose the right monitor, or skip the absence with a reason."),
    ),
    _rejected(
        "SUBGROUP_UNKNOWN",
        _("The class this participant was booked into does not exist, and none replaces it for certain."),
        _("Choose the right class for this participant; the rest of the booking is moved."),
    ),
    _rejected(
        "VOUCHER_UNKNOWN",
        _("The use of a voucher names a voucher that does not exist or was not moved."),
        _("Choose the right voucher, or skip the entry with a reason; its amount is listed."),
    ),
    _rejected(
        "BOOKING_REJECTED",
        _("The booking this record belongs to does not exist or was not moved."),
        _("Settle the booking first; this record follows it."),
    ),
    _rejected(
        "COURSE_REJECTED",
        _("The course this record belongs to does not exist or was not moved."),
        _("Settle the course first; this record follows it."),
    ),
    _rejected(
        "GROUP_REJECTED",
        _("The group this record belongs to does not exist or was not moved."),
        _("Settle the group first; this record follows it."),
    ),
    _rejected(
        "PERSON_REJECTED",
        _("The person this record belongs to does not exist or was not moved."),
        _("Settle the person first; this record follows."),
    ),
    _rejected(
        "PARENT_REJECTED",
        _("What this record belongs to does not exist or was not moved."),
        _("Settle that record first; this one follows it."),
    ),
    _rejected(
        "NOTE_WITHOUT_SCHOOL",
        _("Nothing tells which school this note belongs to, and notes are never shown to several schools."),
        _("Choose the school, or skip the note with a reason."),
    ),
    _rejected(
        "TENANT_MISMATCH",
        _("The record and what it belongs to are from different schools."),
        _("Choose the record of the right school, or skip this one with a reason."),
    ),
)

_VALUES = (
    _rejected(
        "RANGE_REVERSED",
        _("The end lies before the beginning."),
        _("Correct the two dates and queue the record again."),
    ),
    _rejected(
        "RANGE_TOO_LONG",
        _("The period is longer than allowed."),
        _("Correct the dates, or allow longer periods and run again."),
    ),
    _rejected(
        "CROSSES_MIDNIGHT",
        _("The lesson would end after midnight, which the new system cannot hold."),
        _("Correct the start or the duration and queue the record again."),
    ),
    _rejected(
        "LINE_WITHOUT_COURSE",
        _("The participant is booked into neither a class nor a private course."),
        _("Choose the course, or skip the line with a reason; its price is listed."),
    ),
    _rejected(
        "LINE_WITHOUT_DATE",
        _("The lesson of this participant has no date that can be read."),
        _("Enter the date, or skip the line with a reason; its price is listed."),
    ),
    _rejected(
        "MISSING_TIME",
        _("A time of day is needed here and is missing or cannot be read."),
        _("Enter the time and queue the record again."),
        or_warning=True,
    ),
    _rejected(
        "DATE_INVALID",
        _("The date cannot be read, does not exist, or lies before 1900."),
        _("Enter the right date and queue the record again."),
        or_warning=True,
    ),
    _rejected(
        "PRICE_UNKNOWN",
        _("The amount is missing or cannot be read."),
        _("Enter the amount and queue the record again."),
    ),
    _rejected(
        "MIXED_CURRENCY",
        _("One booking contains amounts in different currencies."),
        _("Find out which currency was charged, correct the others and queue the booking again."),
    ),
    _rejected(
        "IMAGE_UNREADABLE",
        _("The picture stored in the record is damaged."),
        _("Supply the picture again, or leave it empty."),
        or_warning=True,
    ),
    _rejected(
        "TEXT_NOT_ENCODABLE",
        _("The text contains letters that the new database cannot store."),
        _("Have the column converted, or write the text with other letters."),
    ),
    _rejected(
        "VALUE_TOO_LONG",
        _("The value is longer or larger than the new database allows."),
        _("Shorten or correct the value and queue the record again."),
    ),
    _rejected(
        "VALUE_MISSING",
        _("The new system needs this value, and the old one does not have it."),
        _("Enter the value and queue the record again."),
    ),
    _rejected(
        "VALUE_INVALID",
        _("The value is not of the kind that belongs here."),
        _("Correct the value and queue the record again."),
        or_warning=True,
    ),
    _rejected(
        "DUPLICATE_KEY",
        _("Another record in the new system already uses this unique value."),
        _("Decide which of the two is right, correct the other and queue this record again."),
    ),
)

_ENGINEERING = (
    _rejected(
        "CONSTRAINT",
        _("The new database refused the record; its answer is kept with the issue."),
        _("Read the answer, correct the value it names, or ask an engineer."),
    ),
    _rejected(
        "UNEXPECTED_ERROR",
        _("The migration itself failed on this record, which is not the fault of the data."),
        _("Ask an engineer; the record can be queued again once the fault is repaired."),
    ),
)

REJECTED = (*_PARENTS, *_VALUES, *_ENGINEERING)
