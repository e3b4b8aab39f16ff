"""Legacy tables of the courses aggregate, as the data dictionary describes them."""

from django.db import models

from entities.engine.tables import LegacyModel


class LegacyCourseGlobal(LegacyModel):
    """Umbrella of a group course sold as one product: name, texts, overall period, price and the full list
    of sessions. Its days are the courses2 rows that carry its id in group_id.
    """

    id = models.BigAutoField(primary_key=True)
    date_start_global = models.DateField(null=True)
    date_end_global = models.DateField(null=True)
    name_global = models.CharField(max_length=255, null=True)
    price_global = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    short_description_global = models.TextField(null=True)
    description_global = models.TextField(null=True)
    dates_global = models.TextField(null=True)
    is_definitive = models.SmallIntegerField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    aliases = (
        "course_global",
        "global_courses",
    )

    possible_columns = frozenset({"school_id", "deleted_at"})

    class Meta(LegacyModel.Meta):
        db_table = "course_globals"


class LegacyCourse(LegacyModel):
    """Courses. Group courses are usually one row per day tied together by group_id; private courses are
    one row with a validity window and no group_id.
    """

    id = models.BigAutoField(primary_key=True)
    course_supertype_id = models.SmallIntegerField()
    course_type_id = models.SmallIntegerField()
    sport_id = models.BigIntegerField()
    name = models.TextField()
    short_description = models.TextField()
    description = models.TextField()
    price = models.DecimalField(max_digits=8, decimal_places=2)
    currency = models.CharField(max_length=3)
    image = models.TextField(null=True)
    max_participants = models.IntegerField()
    duration = models.TimeField()
    duration_flexible = models.SmallIntegerField()
    date_start = models.DateField()
    date_end = models.DateField()
    date_start_res = models.DateField(null=True)
    date_end_res = models.DateField(null=True)
    day_start_res = models.CharField(max_length=255, null=True)
    day_end_res = models.CharField(max_length=255, null=True)
    hour_min = models.CharField(max_length=255, null=True)
    hour_max = models.CharField(max_length=255, null=True)
    school_id = models.BigIntegerField()
    station_id = models.BigIntegerField(null=True)
    confirm_attendance = models.SmallIntegerField()
    online = models.SmallIntegerField()
    active = models.SmallIntegerField()
    group_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "courses2"


class LegacyCourseDate(LegacyModel):
    """Session (date and start hour) of a definite course."""

    id = models.BigAutoField(primary_key=True)
    course2_id = models.BigIntegerField()
    date = models.DateField()
    hour = models.TimeField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "course_dates2"


class LegacyCourseGroup(LegacyModel):
    """Level group inside a definite course."""

    id = models.BigAutoField(primary_key=True)
    course2_id = models.BigIntegerField()
    degree_id = models.BigIntegerField()
    age_min = models.IntegerField(null=True)
    age_max = models.IntegerField(null=True)
    recommended_age = models.IntegerField(null=True)
    teachers_min = models.IntegerField()
    teachers_max = models.IntegerField()
    observations = models.TextField(null=True)
    teacher_min_degree = models.BigIntegerField(null=True)
    auto = models.SmallIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "course_groups2"


class LegacyCourseSubgroup(LegacyModel):
    """Class inside a level group: one monitor, limited places. Group bookings point here."""

    id = models.BigAutoField(primary_key=True)
    course_group2_id = models.BigIntegerField()
    monitor_id = models.BigIntegerField(null=True)
    max_participants = models.IntegerField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "course_groups_subgroups2"


class LegacySubgroupMonitorDate(LegacyModel):
    """One-off replacement of the monitor of a subgroup on a given date and hour."""

    id = models.BigAutoField(primary_key=True)
    monitor_id = models.BigIntegerField(null=True)
    date = models.DateField()
    hour = models.TimeField(null=True)
    subgroup_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "subgroups_monitor_dates"


class LegacyPriceRange(LegacyModel):
    """Price grid rows of a private course, multi-day discounts of a group course, or school-wide defaults."""

    id = models.BigAutoField(primary_key=True)
    course_id = models.BigIntegerField(null=True)
    school_id = models.BigIntegerField(null=True)
    group_id = models.BigIntegerField(null=True)
    time_interval = models.IntegerField(null=True)
    num_pax = models.IntegerField(null=True)
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    percentage = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    is_default = models.SmallIntegerField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "price_ranges"
