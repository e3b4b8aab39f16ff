"""Normalisers (section 3.1 of the mapping rules): one value in, one clean value out.

Pure functions on the plain values that rows consist of. None stays None unless a function
says otherwise; bad input raises `BadValue` with a reason code and a message without personal
data. Names that are also Python's (`date`, `time`) are meant to be used as `normalise.date`.
"""

from .dates import (
    BIRTH_DATE_SENTINEL,
    SEASON_BOUNDARY,
    WEEKDAYS,
    birth_date,
    date,
    deleted_at,
    season_name,
    season_range,
    season_year,
    timestamp,
    weekday,
)
from .letters import encodable, is_mojibake, repair_mojibake, transliterate
from .money import CENT, NOTHING, amount, currency, money, one_currency, price, spread
from .text import (
    UNKNOWN_NAME,
    code,
    code_key,
    collapsed,
    email,
    filled,
    flag,
    is_unknown,
    normal_key,
    person_name,
    slug,
    trimmed,
)
from .times import (
    MINUTES_PER_DAY,
    duration,
    duration_label,
    end_time,
    interval_label,
    minutes_of,
    required_time,
    time,
    weekdays,
)

__all__ = [
    "BIRTH_DATE_SENTINEL",
    "CENT",
    "MINUTES_PER_DAY",
    "NOTHING",
    "SEASON_BOUNDARY",
    "UNKNOWN_NAME",
    "WEEKDAYS",
    "amount",
    "birth_date",
    "code",
    "code_key",
    "collapsed",
    "currency",
    "date",
    "deleted_at",
    "duration",
    "duration_label",
    "email",
    "encodable",
    "end_time",
    "filled",
    "flag",
    "interval_label",
    "is_mojibake",
    "is_unknown",
    "minutes_of",
    "money",
    "normal_key",
    "one_currency",
    "person_name",
    "price",
    "repair_mojibake",
    "required_time",
    "season_name",
    "season_range",
    "season_year",
    "slug",
    "spread",
    "time",
    "timestamp",
    "transliterate",
    "trimmed",
    "weekday",
    "weekdays",
]
