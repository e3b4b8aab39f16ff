"""Dirt in particulars of people, in notes about them and in evaluations."""

from demo.dirt.pictures import PIXEL, PNG
from demo.dirt.planting import NOWHERE, Planter, kind, merged, migrated, rejected, skipped, synthesised


@kind("birth_date_unusable")
def birth_date_unusable(plant: Planter) -> None:
    """Zero, before 1900 and in the future: all get the sentinel and a flag (Q-06)."""
    for value in ("0000-00-00", "1850-01-01", plant.world.day(400)):
        key = plant.client(birth_date=value)
        plant.note("users", key, migrated("client", key, "BIRTH_DATE_UNKNOWN"))
    key = plant.monitor(birth_date="0000-00-00")
    plant.note("users", key, migrated("monitor", key, "BIRTH_DATE_UNKNOWN"))


@kind("name_blank")
def name_blank(plant: Planter) -> None:
    key = plant.client(first_name=" ", last_name="")
    plant.note("users", key, migrated("client", key, "NAME_UNKNOWN"))


@kind("name_with_blanks")
def name_with_blanks(plant: Planter) -> None:
    key = plant.client(first_name="  de   la  Tour ", last_name=" Anne-Marie  ")
    plant.note("users", key, migrated("client", key))


@kind("name_not_latin")
def name_not_latin(plant: Planter) -> None:
    for first, last in (
        ("Łukaszewicz", "Święcisława"),
        ("Кузнецова", "Настя"),
        ("王", "小明"),
        ("Bär 🐻", "Zoë"),
    ):
        key = plant.client(first_name=first, last_name=last, address="ulica Żółta 5", city="Łódź")
        plant.note("users", key, migrated("client", key), migrated("user", key))


@kind("name_encoded_twice")
def name_encoded_twice(plant: Planter) -> None:
    """UTF-8 read as latin1 and encoded again; repaired only when chosen (Q-03)."""
    wrong = "Béatrice Müller".encode().decode("latin-1")
    key = plant.client(first_name=wrong.split()[1], last_name=wrong.split()[0])
    plant.note("users", key, migrated("client", key))


@kind("country_unknown")
def country_unknown(plant: Planter) -> None:
    """No such country, or one whose code V5 does not know."""
    atlantis = plant.add("countries", name="Atlantide", iso="ZZ")
    for country in (9999, atlantis):
        key = plant.client(country_id=country)
        plant.note("users", key, migrated("client", key, "COUNTRY_UNKNOWN"))


@kind("province_unknown")
def province_unknown(plant: Planter) -> None:
    key = plant.client(province_id=9999)
    plant.note("users", key, migrated("client", key, "PROVINCE_UNKNOWN"))


@kind("language_unknown")
def language_unknown(plant: Planter) -> None:
    key = plant.client(language2_id=999)
    plant.note("users", key, migrated("client", key, "LANGUAGE_UNKNOWN"))


@kind("person_picture_inline")
def person_picture_inline(plant: Planter) -> None:
    key = plant.client(image=PIXEL)
    plant.note("users", key, migrated("client", key))


@kind("person_without_timestamps")
def person_without_timestamps(plant: Planter) -> None:
    for value in (None, "0000-00-00 00:00:00"):
        key = plant.client(created_at=value, updated_at=value)
        plant.note("users", key, migrated("client", key))


# Notes


@kind("note_blank")
def note_blank(plant: Planter) -> None:
    key = plant.add("user_observations", user_id=plant.client(), general=" ", notes=None, historical="")
    plant.note("user_observations", key, skipped("client_observation", key, "EMPTY"))


@kind("note_without_school")
def note_without_school(plant: Planter) -> None:
    key = plant.add("user_observations", user_id=plant.person(2), general="Asthme")
    plant.note("user_observations", key, rejected("client_observation", key, "NOTE_WITHOUT_SCHOOL"))


@kind("note_of_client")
def note_of_client(plant: Planter) -> None:
    key = plant.add(
        "user_observations", user_id=plant.client(), general="Genou fragile", notes="À ménager 🦵"
    )
    plant.note("user_observations", key, migrated("client_observation", key))


@kind("note_of_monitor")
def note_of_monitor(plant: Planter) -> None:
    key = plant.add(
        "user_observations", user_id=plant.monitor(), general="Parle russe", notes=None, historical=None
    )
    plant.note("user_observations", key, migrated("monitor_observation", key))


@kind("note_of_administrator")
def note_of_administrator(plant: Planter) -> None:
    key = plant.add("user_observations", user_id=plant.school.administrators[0], general="Clé du bureau")
    plant.note("user_observations", key, skipped("archive:user_observations", key, "NO_TARGET"))


@kind("note_of_nobody")
def note_of_nobody(plant: Planter) -> None:
    key = plant.add("user_observations", user_id=NOWHERE, general="À qui ?")
    plant.note("user_observations", key, rejected("*", key, "PERSON_REJECTED"))


@kind("client_blocked")
def client_blocked(plant: Planter) -> None:
    """The reason is appended to the note of that school."""
    client = plant.client()
    note = plant.add("user_observations", user_id=client, general="Retards")
    key = plant.add("blocks", client_id=client, school_id=plant.school.id, reason="Impayés répétés")
    plant.note(
        "blocks", key, merged("archive:blocks", key, "CLIENT_BLOCKED"), migrated("client_observation", note)
    )


@kind("client_blocked_without_note")
def client_blocked_without_note(plant: Planter) -> None:
    """The school kept no note, so the reason becomes one."""
    key = plant.add("blocks", client_id=plant.client(), school_id=plant.school.id, reason="Interdit de cours")
    plant.note(
        "blocks",
        key,
        merged("archive:blocks", key, "CLIENT_BLOCKED"),
        synthesised("client_observation", "NOTE_FROM_BLOCK"),
    )


@kind("children_declared")
def children_declared(plant: Planter) -> None:
    key = plant.add("user_childrens", name="Mia", birth_date="2015-04-03", user_id=plant.client())
    plant.note("user_childrens", key, skipped("archive:user_childrens", key, "NO_TARGET"))


# Evaluations


def _evaluation(plant: Planter, user: int, **given) -> int:
    degree = plant.school.degrees[1, plant.world.degrees[0]]
    return plant.add(
        "evaluations", **{"user_id": user, "degrees_school_sport_id": degree, "observations": None, **given}
    )


@kind("evaluation_empty")
def evaluation_empty(plant: Planter) -> None:
    key = _evaluation(plant, plant.client(), observations="  ")
    plant.note("evaluations", key, skipped("evaluation", key, "EMPTY"))


@kind("evaluation_of_nobody")
def evaluation_of_nobody(plant: Planter) -> None:
    key = _evaluation(plant, NOWHERE, observations="Bien")
    file = plant.add("evaluation_files", evaluation_id=key, image=PNG)
    plant.note(
        "evaluations",
        key,
        rejected("evaluation", key, "CLIENT_UNKNOWN"),
        rejected("evaluation_file", file, "PARENT_REJECTED"),
    )


@kind("evaluation_degree_unknown")
def evaluation_degree_unknown(plant: Planter) -> None:
    key = _evaluation(plant, plant.client(), degrees_school_sport_id=NOWHERE, observations="Bien")
    plant.note("evaluations", key, rejected("evaluation", key, "DEGREE_UNKNOWN"))


@kind("evaluation_of_goals_only")
def evaluation_of_goals_only(plant: Planter) -> None:
    degree = plant.school.degrees[1, plant.world.degrees[0]]
    key = _evaluation(plant, plant.client())
    goal = plant.school.goals[degree][0]
    reached = plant.add("evaluation_fulfilled_goals", evaluation_id=key, degrees_school_sport_goals_id=goal)
    plant.note("evaluations", key, migrated("evaluation", key), migrated("evaluation_goal", reached))


@kind("evaluation_goal_unknown")
def evaluation_goal_unknown(plant: Planter) -> None:
    key = _evaluation(plant, plant.client(), observations="Bien")
    reached = plant.add(
        "evaluation_fulfilled_goals", evaluation_id=key, degrees_school_sport_goals_id=NOWHERE
    )
    plant.note(
        "evaluation_fulfilled_goals",
        reached,
        rejected("evaluation_goal", reached, "PARENT_REJECTED"),
        migrated("evaluation", key),
    )


@kind("evaluation_parts_orphan")
def evaluation_parts_orphan(plant: Planter) -> None:
    file = plant.add("evaluation_files", evaluation_id=NOWHERE, image=PNG)
    plant.note("evaluation_files", file, rejected("evaluation_file", file, "PARENT_REJECTED"))
    degree = plant.school.degrees[1, plant.world.degrees[0]]
    goal = plant.add(
        "evaluation_fulfilled_goals",
        evaluation_id=NOWHERE,
        degrees_school_sport_goals_id=plant.school.goals[degree][0],
    )
    plant.note("evaluation_fulfilled_goals", goal, rejected("evaluation_goal", goal, "PARENT_REJECTED"))


@kind("evaluation_picture_inline")
def evaluation_picture_inline(plant: Planter) -> None:
    key = _evaluation(plant, plant.client())
    file = plant.add("evaluation_files", evaluation_id=key, image=PNG)
    plant.note("evaluation_files", file, migrated("evaluation_file", file), migrated("evaluation", key))


@kind("block_of_nobody")
def block_of_nobody(plant: Planter) -> None:
    key = plant.add("blocks", client_id=NOWHERE, school_id=plant.school.id, reason="Inconnu")
    plant.note("blocks", key, skipped("archive:blocks", key, "NO_TARGET"))


@kind("person_picture_damaged")
def person_picture_damaged(plant: Planter) -> None:
    """A person is not kept back for a picture."""
    key = plant.client(image="data:image/png;base64,@@not-a-picture@@")
    plant.note("users", key, migrated("client", key, "IMAGE_UNREADABLE"))
