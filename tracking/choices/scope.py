"""Choices about the two databases, schools, seasons, history and how the work is done."""

from __future__ import annotations

import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .compound import Composite, Ids, Parts, Rows
from .kinds import Bool, Date, Integer, MonthDay, NotAllowed, Share, Text
from .question import Question, one_of

# What the target application accepts as a season.
SHORTEST_SEASON, LONGEST_SEASON = datetime.timedelta(days=7), datetime.timedelta(days=549)


def _seasons_fit(value: Parts) -> None:
    """Declared seasons must exist when they are used, have unique names and not overlap."""
    declared = sorted(value.declared, key=lambda season: season.start)
    if value.mode == "declared" and not declared:
        raise NotAllowed(gettext("declared: at least one season when the mode is declared"), list(declared))
    if len({season.name for season in declared}) < len(declared):
        raise NotAllowed(gettext("declared: each name once"), [season.name for season in declared])
    for season in declared:
        length = _day(season.end) - _day(season.start) + datetime.timedelta(days=1)
        if not SHORTEST_SEASON <= length <= LONGEST_SEASON:
            raise NotAllowed(gettext("declared: seasons of 7 days to 18 months"), dict(season))
    for season, following in zip(declared, declared[1:], strict=False):
        if following.start <= season.end:
            raise NotAllowed(gettext("declared: seasons that do not overlap"), [season.name, following.name])


def _day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


_SEASON = Composite({"name": Text(r".{1,100}", _("a name")), "start": Date(), "end": Date()})

DATABASES = (
    Question(
        "Q-01",
        "timezone",
        _("Do both databases store times in the same time zone?"),
        one_of(same=_("they do; nothing is converted"), convert=_("they differ; times are converted")),
        "same",
    ),
    Question(
        "Q-02",
        "text_encoding",
        _("What happens to text that a column of the new database cannot store?"),
        one_of(
            convert=_(
                "the columns are converted once this is approved; until then the text is written "
                "with other letters, flagged, and the original kept"
            ),
            transliterate=_(
                "columns stay; the text is written with other letters, flagged, the original kept"
            ),
            reject=_("columns stay; the record is kept back"),
        ),
        "convert",
    ),
    Question(
        "Q-03",
        "mojibake_repair",
        _("Should text that was stored with the wrong letters be repaired?"),
        Bool(built=(False,)),
        False,
    ),
    Question(
        "Q-04",
        "secrets",
        _("What happens to the encrypted access data of the payment provider?"),
        one_of(
            null=_("they are left empty and listed for re-entry"),
            reencrypt=_("they are encrypted again; both keys must be supplied"),
        ),
        "null",
    ),
)

SCHOOLS = (
    Question(
        "Q-07",
        "default_currency",
        _("Which currency holds where no record says?"),
        Text(r"[A-Z]{3}", _("three letters such as CHF"), case="upper"),
        "CHF",
        per_school=True,
    ),
    Question(
        "Q-09",
        "geo_text",
        _("How are countries and provinces written where the new system wants text?"),
        one_of(names=_("by name"), iso=_("by ISO code"), ids=_("by the old number")),
        "names",
    ),
    Question(
        "Q-10",
        "schools",
        _("Which schools are moved, which of them are test schools, and are those skipped or flagged?"),
        Composite(
            {
                "migrate": Ids(all_word=True),
                "test": Ids(),
                "test_action": one_of("*", flag=_("moved and flagged"), skip=_("left out")),
            }
        ),
        {"migrate": "all", "test": [], "test_action": "flag"},
    ),
    Question(
        "Q-11",
        "mail_language",
        _("In which language are the school's mail templates written?"),
        Text(r"[a-z]{2}", _("a language code of two letters"), case="lower"),
        "fr",
        per_school=True,
    ),
)

SEASONS = (
    Question(
        "Q-13",
        "season_mode",
        _("How are seasons made?"),
        Composite(
            {
                "mode": one_of(
                    "*",
                    season_year=_("one per year of service dates, cut at the boundary"),
                    declared=_("those of the declared list"),
                    single=_("one legacy season per school"),
                ),
                "boundary": MonthDay(),
                "declared": Rows(_SEASON),
                "trim": Bool(built=(False,)),
            },
            one_word=("mode",),
            check=_seasons_fit,
        ),
        {"mode": "season_year", "boundary": "09-01", "declared": [], "trim": False},
        per_school=True,
    ),
    Question(
        "Q-14",
        "active_season",
        _("Which season becomes active?"),
        one_of(none=_("none until go-live is approved"), running=_("the one that is running at cut-over")),
        "none",
        per_school=True,
    ),
    Question(
        "Q-25",
        "history_from",
        _("From which service date on is history moved?"),
        Date(optional=True),
        None,
        per_school=True,
    ),
)

WORK = (
    Question(
        "Q-44",
        "first_generation",
        _("What happens to the tables that newer ones replaced?"),
        one_of(
            skip=_("counted and left out of the new tables; the full rows are kept in the archive"),
            count=_("counted only; no copy is kept"),
        ),
        "skip",
    ),
    Question(
        "Q-45",
        "batch",
        _("How large are batches, how much runs at once, how often is one retried, when does a run stop?"),
        Composite(
            {
                "size": Integer(1, 20_000),
                "parallel_schools": Integer(1, 64),
                "attempts": Integer(1, 20),
                "stop_share": Share(),
                "stop_after": Integer(1, 1_000_000_000),
            }
        ),
        {"size": 500, "parallel_schools": 2, "attempts": 3, "stop_share": "0.05", "stop_after": 200},
    ),
    Question(
        "Q-46",
        "conflict_with_target_edits",
        _("What if a record was changed in the new system since it was moved?"),
        one_of(keep=_("it is never overwritten, and listed"), overwrite=_("the old system wins")),
        "keep",
    ),
)

SCOPE = (*DATABASES, *SCHOOLS, *SEASONS, *WORK)
