"""V5 tables of the courses aggregate, as the data dictionary describes them."""

from django.db import models

from entities.engine.tables import V5Model


class V5Course(V5Model):
    """Course, private lesson or activity on offer. Season is derived from dates; there is no season_id."""

    id = models.BigAutoField(primary_key=True)
    course_type = models.SmallIntegerField()
    is_flexible = models.SmallIntegerField()
    sport_id = models.BigIntegerField()
    school_id = models.BigIntegerField()
    station_id = models.BigIntegerField(null=True)
    user_id = models.BigIntegerField(null=True)
    name = models.TextField()
    short_description = models.TextField()
    description = models.TextField()
    price = models.DecimalField(max_digits=8, decimal_places=2)
    currency = models.CharField(max_length=3)
    max_participants = models.IntegerField()
    duration = models.CharField(max_length=255, null=True)
    date_start = models.DateField()
    date_end = models.DateField()
    date_start_res = models.DateField(null=True)
    date_end_res = models.DateField(null=True)
    hour_min = models.CharField(max_length=255, null=True)
    hour_max = models.CharField(max_length=255, null=True)
    age_min = models.IntegerField(null=True)
    age_max = models.IntegerField(null=True)
    confirm_attendance = models.SmallIntegerField()
    active = models.SmallIntegerField()
    online = models.SmallIntegerField()
    unique = models.SmallIntegerField()
    options = models.SmallIntegerField()
    highlighted = models.SmallIntegerField()
    claim_text = models.CharField(max_length=255, null=True)
    image = models.TextField(null=True)
    translations = models.JSONField(null=True)
    price_range = models.JSONField(null=True)
    discounts = models.JSONField(null=True)
    settings = models.JSONField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)
    season_id = models.BigIntegerField(null=True)
    legacy_id = models.BigIntegerField(null=True)
    migrated_at = models.DateTimeField(null=True)

    added = frozenset({"season_id", "legacy_id", "migrated_at"})

    class Meta(V5Model.Meta):
        db_table = "courses"


class V5CourseDate(V5Model):
    """One calendar date with start and end time on which a course runs."""

    id = models.BigAutoField(primary_key=True)
    course_id = models.BigIntegerField()
    date = models.DateField()
    hour_start = models.TimeField()
    hour_end = models.TimeField()
    active = models.SmallIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)
    interval_id = models.BigIntegerField(null=True)
    order = models.IntegerField(null=True)

    conditional = frozenset({"interval_id", "order"})

    class Meta(V5Model.Meta):
        db_table = "course_dates"


class V5CourseGroup(V5Model):
    """Level group of a collective course on one course date."""

    id = models.BigAutoField(primary_key=True)
    course_id = models.BigIntegerField()
    course_date_id = models.BigIntegerField()
    degree_id = models.BigIntegerField()
    age_min = models.IntegerField(null=True)
    age_max = models.IntegerField(null=True)
    recommended_age = models.IntegerField(null=True)
    teachers_min = models.IntegerField(null=True)
    teachers_max = models.IntegerField(null=True)
    observations = models.TextField(null=True)
    teacher_min_degree = models.BigIntegerField(null=True)
    auto = models.SmallIntegerField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "course_groups"


class V5CourseSubgroup(V5Model):
    """Subgroup of a level group with its own monitor and capacity."""

    id = models.BigAutoField(primary_key=True)
    course_id = models.BigIntegerField()
    course_date_id = models.BigIntegerField()
    degree_id = models.BigIntegerField()
    course_group_id = models.BigIntegerField()
    monitor_id = models.BigIntegerField(null=True)
    max_participants = models.IntegerField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "course_subgroups"
