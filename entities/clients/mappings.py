"""How legacy rows become V5 rows of clients (4.12)."""

from __future__ import annotations

from entities.clients import v5
from entities.clients.legacy import (
    LegacyBlock,
    LegacyEvaluation,
    LegacyEvaluationFile,
    LegacyEvaluationGoal,
    LegacyUserObservation,
    LegacyUserSport,
)
from entities.engine import resolvers
from entities.engine.definition import Mapping
from entities.engine.fields import Computed, Const, Copy, Fallback, Given, Parent
from entities.engine.normalise import email, timestamp
from entities.users.legacy import LegacyUser, LegacyUserSchool

people = resolvers.of("users").people


UNDATED = Fallback(None, "DATE_INVALID")


class ClientMapping(Mapping):
    """4.12.1: one client per person, whatever the accounts."""

    entity = "client"
    source, target = LegacyUser, v5.V5Client

    email = Copy(convert=email, bad=Fallback(None, "EMAIL_INVALID"))
    first_name = Computed(people.first_name, uses=("first_name", "last_name"), rule="Q-08")
    last_name = Computed(people.last_name, uses=("last_name", "first_name"), rule="Q-08")
    birth_date = Computed(
        people.birth_date,
        uses=("birth_date",),
        bad=Fallback(people.unknown_birth_date, "BIRTH_DATE_UNKNOWN"),
        rule="Q-06",
    )
    phone = Copy()
    telephone = Copy()
    address = Copy()
    cp = Copy()
    city = Copy()
    province = Computed(people.province, uses=("province_id",), bad=Fallback(None, "PROVINCE_UNKNOWN"))
    country = Computed(people.country, uses=("country_id",), bad=Fallback(None, "COUNTRY_UNKNOWN"))
    language1_id = Parent("language", missing="LANGUAGE_UNKNOWN", required=False)
    language2_id = Parent("language", missing="LANGUAGE_UNKNOWN", required=False)
    language3_id = Parent("language", missing="LANGUAGE_UNKNOWN", required=False)
    image = Given("URL of the picture, which becomes a file (GR-16)", uses=("image",))
    user_id = Given("V5 id of the account, empty without one", uses=("id",))
    created_at = Copy(convert=timestamp, bad=UNDATED)
    updated_at = Copy(convert=timestamp, bad=UNDATED)
    deleted_at = Given("when the person was deleted", uses=("deleted_at", "updated_at", "created_at"))
    old_id = Copy("id")


class ClientSchoolMapping(Mapping):
    """4.12.2: membership of a client."""

    entity = "client_school"
    source, target = LegacyUserSchool, v5.V5ClientSchool
    kept = ("station_id",)

    client_id = Given("V5 id of the client", uses=("user_id",))
    school_id = Parent("school", missing="SCHOOL_UNKNOWN")
    created_at = Copy(convert=timestamp, bad=UNDATED)
    updated_at = Copy(convert=timestamp, bad=UNDATED)
    status_updated_at = Copy(convert=timestamp, bad=UNDATED)
    accepted_at = Given(
        "when the membership began: the back office lists only accepted clients", uses=("created_at",)
    )
    deleted_at = Given(
        "end of an inactive membership, if Q-17 says so", uses=("active_school", "status_updated_at")
    )
    old_id = Copy("id")


class AddedMembershipMapping(Mapping):
    """4.12.2: membership that a booking, a main client, a voucher or a level calls for."""

    entity = "client_school"
    source, target = LegacyUser, v5.V5ClientSchool

    client_id = Given("V5 id of the client", uses=("id",))
    school_id = Given("V5 school of what calls for it")
    created_at = Given("time of what calls for it")
    updated_at = Given("time of what calls for it")
    status_updated_at = Const(None)
    accepted_at = Given("time of what calls for it; empty when only a level does")
    deleted_at = Const(None)
    old_id = Const(None)


class ClientSportMapping(Mapping):
    """4.12.3: level in a sport at a school."""

    entity = "client_sport"
    source, target = LegacyUserSport, v5.V5ClientSport
    kept = ("is_default", "salary_level", "allow_adults")

    client_id = Given("V5 id of the client", uses=("user_id",))
    school_id = Given("V5 school of the row, or each school of the person (Q-19)", uses=("school_id",))
    sport_id = Parent("sport", missing="SPORT_UNKNOWN")
    degree_id = Given("the school's own level for the global one", uses=("degree_id",))
    created_at = Copy(convert=timestamp, bad=UNDATED)
    updated_at = Copy(convert=timestamp, bad=UNDATED)
    deleted_at = Copy(convert=timestamp, bad=UNDATED)
    old_id = Copy("id")


class ClientObservationMapping(Mapping):
    """4.12.5: note about a client; the reason of a block is appended to `notes`."""

    entity = "client_observation"
    source, target = LegacyUserObservation, v5.V5ClientObservation

    general = Copy()
    notes = Given("the text, with the reasons of blocks at that school", uses=("notes", "blocks.reason"))
    historical = Copy()
    client_id = Given("V5 id of the client", uses=("user_id",))
    school_id = Given("V5 school per Q-21")
    created_at = Copy(convert=timestamp, bad=UNDATED)
    updated_at = Copy(convert=timestamp, bad=UNDATED)
    deleted_at = Const(None)
    old_id = Copy("id")


class BlockNoteMapping(Mapping):
    """4.12.7: a block at a school that kept no note becomes one."""

    entity = "client_observation"
    source, target = LegacyBlock, v5.V5ClientObservation

    general = Const(None)
    notes = Given("the reasons of the school's blocks", uses=("reason",))
    historical = Const(None)
    client_id = Given("V5 id of the client", uses=("client_id",))
    school_id = Parent("school", missing="SCHOOL_UNKNOWN")
    created_at = Copy(convert=timestamp, bad=UNDATED)
    updated_at = Copy(convert=timestamp, bad=UNDATED)
    deleted_at = Const(None)
    old_id = Const(None)


class EvaluationMapping(Mapping):
    """4.12.6: evaluation of a client against a level of the school."""

    entity = "evaluation"
    source, target = LegacyEvaluation, v5.V5Evaluation

    client_id = Given("V5 id of the client", uses=("user_id",))
    degree_id = Parent("degree", "degrees_school_sport_id", missing="DEGREE_UNKNOWN")
    observations = Copy()
    created_at = Copy(convert=timestamp, bad=UNDATED)
    updated_at = Copy(convert=timestamp, bad=UNDATED)
    deleted_at = Const(None)
    old_id = Copy("id")


class EvaluationFileMapping(Mapping):
    """4.12.6: picture of an evaluation."""

    entity = "evaluation_file"
    source, target = LegacyEvaluationFile, v5.V5EvaluationFile

    evaluation_id = Given("V5 id of the evaluation", uses=("evaluation_id",))
    name = Given("last part of the URL", uses=("image",))
    type = Const("image")
    file = Given("URL of the picture, which becomes a file (GR-16)", uses=("image",))
    created_at = Copy(convert=timestamp, bad=UNDATED)
    updated_at = Copy(convert=timestamp, bad=UNDATED)
    deleted_at = Copy(convert=timestamp, bad=UNDATED)
    old_id = Copy("id")


class EvaluationGoalMapping(Mapping):
    """4.12.6: goal reached; legacy only knows "fulfilled" (Q-22)."""

    entity = "evaluation_goal"
    source, target = LegacyEvaluationGoal, v5.V5EvaluationGoal

    evaluation_id = Given("V5 id of the evaluation", uses=("evaluation_id",))
    degrees_school_sport_goals_id = Parent("degree_goal", missing="PARENT_REJECTED")
    score = Given("score of a fulfilled goal (Q-22)")
    created_at = Copy(convert=timestamp, bad=UNDATED)
    updated_at = Copy(convert=timestamp, bad=UNDATED)
    deleted_at = Copy(convert=timestamp, bad=UNDATED)
    old_id = Copy("id")
