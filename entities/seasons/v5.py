"""V5 tables of the seasons aggregate, as the data dictionary describes them."""

from django.db import models

from entities.engine.tables import V5Model


class V5Season(V5Model):
    """Season of a school: the second level of context in V5."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=255, null=True)
    start_date = models.DateField()
    end_date = models.DateField()
    is_active = models.SmallIntegerField()
    school_id = models.BigIntegerField()
    hour_start = models.TimeField(null=True)
    hour_end = models.TimeField(null=True)
    vacation_days = models.JSONField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)
    is_current = models.SmallIntegerField()
    is_historical = models.SmallIntegerField()
    is_closed = models.SmallIntegerField()
    closed_at = models.DateTimeField(null=True)

    conditional = frozenset({"is_closed", "closed_at"})

    class Meta(V5Model.Meta):
        db_table = "seasons"


class V5UserSeasonRole(V5Model):
    """Role of a user within one season: decides access to the season."""

    user_id = models.BigIntegerField(primary_key=True)
    season_id = models.BigIntegerField()
    role = models.CharField(max_length=255)
    is_active = models.SmallIntegerField()
    assigned_at = models.DateTimeField(null=True)
    assigned_by = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(V5Model.Meta):
        db_table = "user_season_roles"
