"""Choices: typed answers, clear refusals, one immutable set per wave."""

import datetime
import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking import choices
from tracking.choices import ChoiceInvalid, ChoiceNotBuilt, Choices, ChoiceUnknown, Parts, parse

NAMES = """
    timezone text_encoding mojibake_repair secrets user_types missing_birth_date default_currency
    name_order geo_text schools mail_language unnamed_degrees season_mode active_season
    dependant_accounts merge_users inactive_membership restricted_admins global_levels
    children_table observation_school goal_score absence_rows season_roles history_from
    standalone_flexible discounts course_season weekday_overrides private_dates widen_course_range
    foreign_monitor orphan_lines booking_targets missing_client empty_bookings unpaid_checkouts
    past_unpaid future_link_payment split_price unknown_private_course voucher_payed
    cancelled_paid_amount first_generation batch conflict_with_target_edits participant_json
""".split()

DECLARED = [
    {"name": "Winter", "start": "2023-12-01", "end": "2024-04-30"},
    {"name": "Summer", "start": "2024-05-01", "end": "2024-11-30"},
]


def test_all_47_choices_exist_under_key_and_name():
    assert list(choices.ALL) == [f"Q-{number:02}" for number in range(1, 48)]
    assert [question.name for question in choices.ALL.values()] == NAMES
    assert choices.find("batch") is choices.find("Q-45")


@pytest.mark.parametrize("question", choices.ALL.values(), ids=lambda question: question.key)
def test_the_default_is_valid_built_and_survives_storing(question):
    assert question.parse(question.dump(question.standard)) == question.standard
    assert str(question.question).endswith("?")


ACCEPTED = [
    (
        "Q-05",
        {"superadmins": "7, 3 7"},
        {"notation": "names", "superadmins": (3, 7), "visualizers": "viewer"},
    ),
    ("Q-05", "digits", {"notation": "digits", "superadmins": (), "visualizers": "viewer"}),
    ("Q-06", "null", "null"),
    ("Q-06", None, "null"),
    ("Q-06", " Sentinel ", "sentinel"),
    ("Q-07", "eur", "EUR"),
    ("Q-08", "swap", "swap"),
    ("Q-08", "keep", "keep"),
    ("Q-10", '{"migrate": [2, 1], "test": 9, "test_action": "skip"}', None),
    ("Q-10", {"migrate": "all"}, {"migrate": None, "test": (), "test_action": "flag"}),
    ("Q-13", "single", None),
    ("Q-13", {"boundary": "06-15"}, None),
    ("Q-13", {"mode": "declared", "declared": DECLARED}, None),
    ("Q-15", "all", "all"),
    ("Q-16", "separate", "separate"),
    ("Q-17", "skip", {"school_users": "skip", "clients": "skip"}),
    ("Q-17", {"clients": "soft_delete"}, {"school_users": "soft_delete", "clients": "soft_delete"}),
    ("Q-21", "latest_membership", "latest_membership"),
    ("Q-21", "reject", "reject"),
    ("Q-22", "5", 5),
    ("Q-23", "ranges", {"rows": "ranges", "full_day_times": "null", "max_days": 366}),
    ("Q-23", {"full_day_times": None}, {"rows": "per_day", "full_day_times": "null", "max_days": 366}),
    (
        "Q-23",
        {"full_day_times": "opening"},
        {"rows": "per_day", "full_day_times": "opening", "max_days": 366},
    ),
    ("Q-25", "2023-12-01", "2023-12-01"),
    ("Q-25", datetime.date(2023, 12, 1), "2023-12-01"),
    ("Q-25", "none", None),
    (
        "Q-29",
        '{"520": ["Sunday", "monday"], "368": "tuesday"}',
        {368: ("tuesday",), 520: ("monday", "sunday")},
    ),
    ("Q-29", "", {}),
    ("Q-30", "active_days", {"days": "active", "limit": 1100}),
    ("Q-30", {"limit": 400}, {"days": "all", "limit": 400}),
    ("Q-34", "operational", "operational"),
    ("Q-34", "v5", "v5"),
    ("Q-35", "reject", "reject"),
    ("Q-40", "spread", "spread"),
    ("Q-45", {"size": "1000", "stop_share": "2.5 %"}, None),
]


@pytest.mark.parametrize("key, raw, value", ACCEPTED)
def test_answers_are_understood_as_text_json_and_python_values(key, raw, value):
    found = parse(key, raw)
    if value is not None or key == "Q-25":
        assert found == value
    assert parse(key, choices.find(key).dump(found)) == found


REFUSED = [
    ("Q-05", {"superadmins": [0]}, "superadmins"),
    ("Q-05", {"visualizers": "admin"}, "viewer"),
    ("Q-06", "1970-01-01", "sentinel, null"),
    ("Q-07", "Franken", "three letters"),
    ("Q-07", 756, "three letters"),
    ("Q-10", {"migrate": []}, "not empty"),
    ("Q-10", {"migrate": "Zermatt"}, "whole numbers"),
    ("Q-10", {"test": {"1": 2}}, "whole numbers"),
    ("Q-10", {"test": True}, "whole numbers"),
    ("Q-13", {"boundary": "02-29"}, "except 02-29"),
    ("Q-13", {"boundary": "9-1"}, "MM-DD"),
    ("Q-13", "declared", "at least one season"),
    ("Q-13", {"declared": [DECLARED[0], DECLARED[0]]}, "each name once"),
    ("Q-13", {"declared": [DECLARED[0], DECLARED[1] | {"start": "2024-04-30"}]}, "do not overlap"),
    ("Q-13", {"declared": [DECLARED[0] | {"end": "2023-12-02"}]}, "7 days to 18 months"),
    ("Q-13", {"declared": [{"name": "Winter"}]}, "start"),
    ("Q-13", {"declared": [DECLARED[0] | {"start": "2023-13-01"}]}, "YYYY-MM-DD"),
    ("Q-13", {"declared": "Winter"}, "a list"),
    ("Q-13", {"trim": "maybe"}, "true, false"),
    ("Q-22", 11, "0 to 10"),
    ("Q-22", True, "0 to 10"),
    ("Q-22", "ten", "0 to 10"),
    ("Q-25", "01.12.2023", "YYYY-MM-DD or none"),
    ("Q-25", "2023-02-30", "YYYY-MM-DD or none"),
    ("Q-29", {"368": ["mondy"]}, "monday"),
    ("Q-29", {"368": 5}, "monday"),
    ("Q-29", {"first": ["monday"]}, "table"),
    ("Q-29", ["monday"], "table"),
    ("Q-29", '{"368": ', "JSON"),
    ("Q-30", {"limit": 0}, "limit"),
    ("Q-45", {"size": 0}, "size"),
    ("Q-45", {"sise": 10}, "size"),
    ("Q-45", {"stop_share": 5}, "percentage"),
    ("Q-45", {"stop_share": "NaN"}, "percentage"),
    ("Q-45", {"stop_share": "a lot"}, "percentage"),
    ("Q-45", 500, "size"),
]


@pytest.mark.parametrize("key, raw, says", REFUSED)
def test_what_is_no_answer_is_refused_with_key_and_allowed_values(key, raw, says):
    with pytest.raises(ChoiceInvalid) as refusal:
        parse(key, raw)
    assert key in str(refusal.value)
    assert says in refusal.value.allowed


NOT_BUILT = [
    ("Q-01", "convert", "same"),
    ("Q-03", "on", "false"),
    ("Q-04", "reencrypt", "null"),
    ("Q-12", "skip", "inactive"),
    ("Q-13", {"trim": True}, "trim: false"),
    ("Q-24", {"clients": "booked"}, "clients: none"),
    ("Q-46", "overwrite", "keep"),
]


@pytest.mark.parametrize("key, raw, built", NOT_BUILT)
def test_a_valid_answer_without_a_branch_is_refused_with_what_is_built(key, raw, built):
    with pytest.raises(ChoiceNotBuilt) as refusal:
        parse(key, raw)
    assert key in str(refusal.value)
    assert built in refusal.value.built


@pytest.mark.parametrize("key", "Q-06 Q-08 Q-15 Q-16 Q-21 Q-34 Q-35 Q-40".split())
def test_all_answers_of_the_promised_choices_are_built(key):
    kind = choices.find(key).kind
    for word in kind.values:
        assert parse(key, word) == word


def test_an_unknown_choice_is_named():
    for ask in (parse, Choices.defaults().get):
        with pytest.raises(ChoiceUnknown, match="Q-48"):
            ask("Q-48", 1)


def test_a_school_answers_for_itself_and_the_rest_inherits():
    answers = Choices.defaults().with_values({"Q-07": {None: "EUR", 3: "CHF"}})
    assert answers.get("Q-07") == answers.get("Q-07", school=4) == "EUR"
    assert answers.get("Q-07", school=3) == answers.of("default_currency", school=3) == "CHF"
    assert answers.of("missing_birth_date", school=3) == "sentinel"


def test_a_school_answer_alone_leaves_the_default_for_the_others():
    answers = Choices.defaults().with_values({"name_order": {3: "swap"}})
    assert answers.get("Q-08") == answers.of("name_order", school=4) == "probe"
    assert answers.of("name_order", school=3) == "swap"


def test_parts_that_a_school_does_not_give_come_from_the_answer_for_all():
    answers = Choices.defaults().with_values({"Q-30": {3: {"days": "active"}, None: {"limit": 400}}})
    assert answers.get("Q-30", school=3) == {"days": "active", "limit": 400}
    assert answers.get("Q-30") == {"days": "all", "limit": 400}


def test_a_school_cannot_answer_what_holds_for_all():
    with pytest.raises(ChoiceInvalid, match="one answer for all schools"):
        Choices.defaults().with_values({"Q-34": {3: "v5"}})
    with pytest.raises(ChoiceInvalid, match="legacy school id"):
        Choices.defaults().with_values({"Q-07": {"Zermatt": "CHF"}})


def test_a_new_set_leaves_the_old_one_alone():
    before = Choices.defaults()
    after = before.with_values({"Q-40": {None: "spread"}})
    assert (before.get("Q-40"), after.get("Q-40")) == ("first", "spread")


def test_answers_survive_json_and_pickle():
    answers = Choices.defaults().with_values(
        {"Q-29": {None: {368: ["monday"]}}, "Q-45": {None: {"stop_share": "0.1"}}, "Q-07": {3: "EUR"}}
    )
    stored = answers.as_json()
    assert stored["Q-07"] == {"3": "EUR"}
    assert stored["Q-29"] == {"": {"368": ["monday"]}}
    again = Choices.defaults().with_values(stored)
    assert again == answers == pickle.loads(pickle.dumps(answers))
    assert again.fingerprint() == answers.fingerprint()
    assert hash(again) == hash(answers)
    assert "EUR" in repr(answers)


def test_the_fingerprint_follows_the_meaning():
    defaults = Choices.defaults()
    assert defaults.fingerprint() == defaults.with_values({"Q-40": {None: "first", 3: "first"}}).fingerprint()
    others = [
        defaults.with_values({"Q-40": {None: "spread"}}),
        defaults.with_values({"Q-40": {3: "spread"}}),
        defaults.with_values({"Q-40": {4: "spread"}}),
        defaults.with_values({"Q-45": {None: {"attempts": 4}}}),
    ]
    assert len({answers.fingerprint() for answers in (defaults, *others)}) == 5
    assert defaults != others[0]


def test_parts_are_read_only_and_speak_their_names():
    batch = Choices.defaults().of("batch")
    assert (batch.size, batch["parallel_schools"], batch.attempts) == (500, 2, 3)
    assert batch.stop_share == Decimal("0.05")
    assert "size" in repr(batch)
    assert pickle.loads(pickle.dumps(batch)) == batch
    with pytest.raises(AttributeError):
        batch.size = 3
    with pytest.raises(AttributeError):
        _ = batch.sise
    with pytest.raises(AttributeError):
        _ = Parts({})._hidden


@given(
    st.sampled_from(list(choices.ALL)),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=5,
    ),
)
def test_any_input_is_either_understood_or_refused_by_name(key, raw):
    try:
        value = parse(key, raw)
    except choices.ChoiceError as refusal:
        assert key in str(refusal)
    else:
        assert parse(key, choices.find(key).dump(value)) == value
