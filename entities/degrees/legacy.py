"""Legacy tables of the degrees aggregate, as the data dictionary describes them."""

from django.db import models

from entities.engine.tables import LegacyModel


class LegacyDegree(LegacyModel):
    """Global ladder of skill levels shared by every school and sport; schools rename the rungs in
    degrees_school_sport.
    """

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=100)
    league = models.CharField(max_length=255)
    level = models.CharField(max_length=255)
    degree_order = models.IntegerField()
    progress = models.IntegerField()
    color = models.CharField(max_length=10)

    class Meta(LegacyModel.Meta):
        db_table = "degrees"


class LegacyDegreeSchoolSport(LegacyModel):
    """A school's own naming of each global level, per sport."""

    id = models.BigAutoField(primary_key=True)
    school_id = models.BigIntegerField(null=True)
    sport_id = models.BigIntegerField()
    degree_id = models.BigIntegerField()
    annotation = models.TextField(null=True)
    name = models.CharField(max_length=100, null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "degrees_school_sport"


class LegacyDegreeGoal(LegacyModel):
    """Learning goals attached to a school level."""

    id = models.BigAutoField(primary_key=True)
    degrees_school_sport_id = models.BigIntegerField()
    name = models.TextField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "degrees_school_sport_goals"
