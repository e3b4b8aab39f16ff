"""Reason codes: complete, readable, and impossible to misspell."""

from pathlib import Path

import pytest

from tracking import codes, reference
from tracking.codes import Code, Level
from tracking.codes.base import catalogue

DOCS = Path(__file__).resolve().parents[2] / "docs"

# Section 8 of the mapping rules.
RULES = {
    Level.SKIPPED: """SUPERSEDED NO_TARGET SYSTEM_ACCOUNT SELF_DECLARED SELF_LINK EMPTY OUT_OF_SCOPE_SCHOOL
        BEFORE_HISTORY_CUT LOOKUP_ONLY SENSITIVE NO_LOGIN INACTIVE_MEMBERSHIP""",
    Level.REJECTED: """UNKNOWN_USER_TYPE SCHOOL_UNKNOWN SPORT_UNKNOWN SPORT_TYPE_UNKNOWN DEGREE_UNKNOWN
        DEGREE_BASE_MISSING CLIENT_UNKNOWN UTILIZER_NOT_CLIENT NWD_NOT_MONITOR RANGE_REVERSED RANGE_TOO_LONG
        CROSSES_MIDNIGHT LINE_WITHOUT_COURSE LINE_WITHOUT_DATE SUBGROUP_UNKNOWN BOOKING_REJECTED
        VOUCHER_UNKNOWN NOTE_WITHOUT_SCHOOL MISSING_TIME MIXED_CURRENCY TEXT_NOT_ENCODABLE VALUE_TOO_LONG
        DUPLICATE_KEY TENANT_MISMATCH CONSTRAINT COURSE_REJECTED GROUP_REJECTED
        PERSON_REJECTED PARENT_REJECTED""",
    Level.SYNTHESISED: """LAZY_DEGREE MEMBERSHIP_FROM_BOOKING MEMBERSHIP_FROM_MAIN MEMBERSHIP_FROM_VOUCHER
        MEMBERSHIP_FROM_LEVEL MEMBERSHIP_FOREIGN_MONITOR CLIENT_FROM_OTHER_TYPE PLACEHOLDER_CLIENT
        PLACEHOLDER_COURSE DATE_FOR_BOOKING SEASON SEASON_ROLE PAYMENT PRIVATE_DAY SESSION_ONLY PROJECTION""",
    Level.WARNING: """EMAIL_INVALID BIRTH_DATE_UNKNOWN DEGREE_DUPLICATE COURSE_KIND_CONFLICT MEMBERS_DISAGREE
        UMBRELLA_MISSING NO_DATES SESSION_WITHOUT_GROUPS DATE_OUTSIDE_RANGE SPANS_SEASONS SEASON_OVERLAP
        SEASON_FALLBACK DISCOUNT_GAP DISCOUNT_SHAPE NO_SCHOOL NO_LINES PAST_UNPAID AWAITING_PAYMENT
        PAID_WITHOUT_METHOD OVERPAID_BY_VOUCHER TOTAL_AFTER_CANCELLATION VOUCHER_BALANCE COURSE_REF_RECOVERED
        OVER_CAPACITY TRUNCATED_COPY_KEPT UNPAID_CHECKOUT GATEWAY_DIFFERENCE""",
    Level.CAUSE: "CANCELLED_IN_LEGACY UNPAID_CHECKOUT",
}


@pytest.mark.parametrize("level", RULES)
def test_every_code_of_the_rules_exists_at_its_level(level):
    declared = {code.name for code in codes.of_level(level)}
    assert set(RULES[level].split()) <= declared


@pytest.mark.parametrize("code", codes.ALL.values(), ids=str)
def test_every_code_says_what_happened_and_what_to_do(code):
    sentence, next_step = str(code.sentence), str(code.next_step)
    for text in (sentence, next_step):
        assert text[0].isupper()
        assert text.endswith(".")
    assert "_" not in sentence + next_step, "table and column names mean nothing to support staff"
    assert not {"NULL", "JSON", "SQL", "latin1", "null"} & set(sentence.replace(",", " ").split())


def test_codes_are_found_by_name():
    code = codes.get("SCHOOL_UNKNOWN")
    assert (code.name, code.level, str(code)) == ("SCHOOL_UNKNOWN", "rejected", "SCHOOL_UNKNOWN")


def test_an_unknown_code_is_a_key_error_with_its_name():
    with pytest.raises(KeyError, match="SCHOOL_UNKNWON"):
        codes.get("SCHOOL_UNKNWON")


def test_the_catalogue_cannot_be_changed():
    with pytest.raises(TypeError):
        codes.ALL["NEW"] = codes.get("EMPTY")
    with pytest.raises(AttributeError):
        codes.get("EMPTY").level = "warning"


def test_a_code_declared_twice_is_refused():
    code = Code("TWICE", Level.SKIPPED, "It is.", "Nothing to do.")
    with pytest.raises(ValueError, match="TWICE"):
        catalogue([[code], [code]])


def test_a_code_may_appear_at_a_further_level():
    assert codes.get("STATION_UNKNOWN").levels == (Level.WARNING, Level.REJECTED)
    assert codes.get("STATION_UNKNOWN") in codes.of_level("rejected")


@pytest.mark.parametrize("page, file", [("codes", "reason-codes.md"), ("choices", "choices.md")])
def test_the_reference_pages_are_up_to_date(page, file):
    assert (DOCS / file).read_text() == reference.PAGES[page](), (
        f"write it again: python -m tracking.reference {page} > docs/{file}"
    )


def test_the_reference_command_prints_one_page(capsys):
    assert reference.main(["codes"]) == 0
    assert "`SCHOOL_UNKNOWN`" in capsys.readouterr().out
    assert reference.main(["nothing"]) == 2
    assert "codes, choices" in capsys.readouterr().err
