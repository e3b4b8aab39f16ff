"""Warnings about seasons, courses, their days and who takes part."""

from django.utils.translation import gettext_lazy as _

from .base import Code, Level


def _warning(name, sentence, next_step) -> Code:
    return Code(name, Level.WARNING, sentence, next_step)


_SEASONS = (
    _warning(
        "SPANS_SEASONS",
        _("The record has dates in more than one season and is counted in one of them."),
        _("Keep it in mind when comparing seasons."),
    ),
    _warning(
        "SEASON_OVERLAP",
        _("More than one season contains the date; the shortest one was taken."),
        _("Correct the dates of the seasons so that they do not overlap."),
    ),
    _warning(
        "SEASON_FALLBACK",
        _("No usable date tells the season, so the record is in the school's legacy season."),
        _("Enter a date if the season matters."),
    ),
    _warning(
        "CATCH_ALL_SEASON",
        _("The school got a legacy season because some of its records have no usable date."),
        _("Look at the records in it; without them the season is not needed."),
    ),
    _warning(
        "DATE_IMPLAUSIBLE",
        _("The date lies before 2015 or more than three years ahead and does not make a season."),
        _("Correct the date."),
    ),
)

_COURSES = (
    _warning(
        "COURSE_KIND_CONFLICT",
        _("The record says in two places whether the course is private or for groups, and they disagree."),
        _("Check the kind of the course with the school."),
    ),
    _warning(
        "MEMBERS_DISAGREE",
        _("The days of one course name different sports, schools or stations; the majority was taken."),
        _("Check the course with the school."),
    ),
    _warning(
        "UMBRELLA_MISSING",
        _("The common description of this course is gone; it was put together from its days."),
        _("Check name, texts and price of the course."),
    ),
    _warning(
        "NO_DATES",
        _("The course has no day at all."),
        _("Nothing to do for an old course; add days if it should be bookable."),
    ),
    _warning(
        "SESSIONS_UNREADABLE",
        _("The list of sessions of this course is damaged; its days come from the classes alone."),
        _("Compare the days of the course with the school's programme."),
    ),
    _warning(
        "SESSION_WITHOUT_GROUPS",
        _("The course has a day for which no class exists."),
        _("Set up the classes if the day still lies ahead."),
    ),
    _warning(
        "GROUP_WITHOUT_DATE",
        _("The group had no day; the first day of its course was taken."),
        _("Check with the school when the group takes place."),
    ),
    _warning(
        "DATE_OUTSIDE_RANGE",
        _("A lesson was booked on a day outside the period of its course."),
        _("Check the period of the course with the school."),
    ),
    _warning(
        "WEEKDAY_UNKNOWN",
        _("The days of the week on which the course can be booked cannot be read; every day is allowed."),
        _("Choose the days of the week for this course."),
    ),
    _warning(
        "TOO_MANY_PRIVATE_DAYS",
        _("The period of the private course is longer than the limit; days were made up to the limit."),
        _("Correct the period, or raise the limit and run again."),
    ),
    _warning(
        "DURATION_UNKNOWN",
        _("The duration of a lesson is missing or cannot be read."),
        _("Enter the duration."),
    ),
    _warning(
        "HOURS_ASSUMED",
        _("No opening hours are known for the course; 09:00 to 17:00 was taken."),
        _("Enter the hours of the course."),
    ),
    _warning(
        "OVER_CAPACITY",
        _("More people are booked into the class than it has places."),
        _("Nothing to do for an old class; else split it or raise its number of places."),
    ),
)

_LINES = (
    _warning(
        "BOTH_REFERENCES",
        _("The participant is booked into a class and a private course at once; the class was taken."),
        _("Check with the school which one is meant."),
    ),
    _warning(
        "COURSE_REF_RECOVERED",
        _("The course was named in an outdated way and was found by detour."),
        _("Check that it is the right course."),
    ),
    _warning(
        "LINE_RELINKED",
        _("The class of this participant was deleted; a class of the same day and level was taken."),
        _("Check with the school that the participant is in the right class."),
    ),
    _warning(
        "ORPHAN_KEPT",
        _("The class of this participant was deleted and none replaces it; the deleted class was kept."),
        _("Choose a class if the lesson still lies ahead."),
    ),
    _warning(
        "PARTICIPANT_OTHER_SCHOOL",
        _("The participant was not a client of the school where the lesson took place."),
        _("Check that the booking names the right person."),
    ),
    _warning(
        "NO_LINES",
        _("The booking has money but nobody who takes part."),
        _("Find out with the school what was sold."),
    ),
)

LESSON_WARNINGS = (*_SEASONS, *_COURSES, *_LINES)
