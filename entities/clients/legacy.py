"""Legacy tables of the clients aggregate, as the data dictionary describes them."""

from django.db import models

from entities.engine.tables import LegacyModel


class LegacyUserGroup(LegacyModel):
    """Family link: a paying client and one dependant client."""

    id = models.BigAutoField(primary_key=True)
    user_main_id = models.BigIntegerField()
    user_secondary_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    possible_columns = frozenset({"deleted_at"})

    class Meta(LegacyModel.Meta):
        db_table = "user_groups"


class LegacyUserSport(LegacyModel):
    """Level of a person in a sport, as seen by one school; for monitors also salary band and adult
    permission.
    """

    id = models.BigAutoField(primary_key=True)
    user_id = models.BigIntegerField()
    sport_id = models.BigIntegerField()
    school_id = models.BigIntegerField(null=True)
    degree_id = models.BigIntegerField()
    salary_level = models.BigIntegerField(null=True)
    allow_adults = models.IntegerField(null=True)
    is_default = models.SmallIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "user_sports"


class LegacyUserObservation(LegacyModel):
    """Free-text notes about a person."""

    id = models.BigAutoField(primary_key=True)
    general = models.CharField(max_length=5000, null=True)
    notes = models.CharField(max_length=5000, null=True)
    historical = models.CharField(max_length=5000, null=True)
    user_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    sensitive = frozenset({"general", "notes", "historical"})

    class Meta(LegacyModel.Meta):
        db_table = "user_observations"


class LegacyEvaluation(LegacyModel):
    """Assessment of a client at a school level."""

    id = models.BigAutoField(primary_key=True)
    user_id = models.BigIntegerField()
    degrees_school_sport_id = models.BigIntegerField()
    observations = models.TextField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    possible_columns = frozenset({"deleted_at"})

    class Meta(LegacyModel.Meta):
        db_table = "evaluations"


class LegacyEvaluationFile(LegacyModel):
    """Pictures attached to an evaluation."""

    id = models.BigAutoField(primary_key=True)
    evaluation_id = models.BigIntegerField()
    image = models.TextField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "evaluation_files"


class LegacyEvaluationGoal(LegacyModel):
    """Goals reached within an evaluation."""

    id = models.BigAutoField(primary_key=True)
    evaluation_id = models.BigIntegerField()
    degrees_school_sport_goals_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "evaluation_fulfilled_goals"


class LegacyBlock(LegacyModel):
    """Clients barred by a school, with the reason."""

    id = models.BigAutoField(primary_key=True)
    client_id = models.BigIntegerField()
    school_id = models.BigIntegerField()
    reason = models.TextField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "blocks"


class LegacyUserChild(LegacyModel):
    """Children declared by a user (name and birth date only), separate from dependant accounts."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=255, null=True)
    birth_date = models.DateField(null=True)
    user_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    sensitive = frozenset({"name", "birth_date"})

    class Meta(LegacyModel.Meta):
        db_table = "user_childrens"
