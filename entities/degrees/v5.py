"""V5 tables of the degrees aggregate, as the data dictionary describes them."""

from django.db import models

from entities.engine.tables import V5Model


class V5Degree(V5Model):
    """Skill level of a sport, in the order used by a school."""

    id = models.BigAutoField(primary_key=True)
    league = models.CharField(max_length=255, null=True)
    level = models.CharField(max_length=255, null=True)
    name = models.CharField(max_length=100, null=True)
    annotation = models.TextField(null=True)
    degree_order = models.IntegerField()
    progress = models.IntegerField()
    color = models.CharField(max_length=10)
    image = models.TextField(null=True)
    age_min = models.IntegerField(null=True)
    age_max = models.IntegerField(null=True)
    active = models.SmallIntegerField(null=True)
    school_id = models.BigIntegerField(null=True)
    sport_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "degrees"


class V5DegreeGoal(V5Model):
    """Goals a participant has to meet for a degree."""

    id = models.BigAutoField(primary_key=True)
    degree_id = models.BigIntegerField()
    name = models.TextField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "degrees_school_sport_goals"
