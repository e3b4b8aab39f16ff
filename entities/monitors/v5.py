"""V5 tables of the monitors aggregate, as the data dictionary describes them."""

from django.db import models

from entities.engine.tables import V5Model


class V5Monitor(V5Model):
    """Instructor. Not owned by a school; membership is in monitors_schools."""

    id = models.BigAutoField(primary_key=True)
    email = models.CharField(max_length=100, null=True)
    first_name = models.CharField(max_length=255)
    last_name = models.CharField(max_length=255)
    birth_date = models.DateField()
    phone = models.CharField(max_length=255, null=True)
    telephone = models.CharField(max_length=255, null=True)
    address = models.CharField(max_length=255, null=True)
    cp = models.CharField(max_length=100, null=True)
    city = models.TextField(null=True)
    province = models.IntegerField(null=True)
    country = models.IntegerField(null=True)
    world_country = models.IntegerField(null=True)
    language1_id = models.BigIntegerField(null=True)
    language2_id = models.BigIntegerField(null=True)
    language3_id = models.BigIntegerField(null=True)
    language6_id = models.BigIntegerField(null=True)
    language5_id = models.BigIntegerField(null=True)
    language4_id = models.BigIntegerField(null=True)
    image = models.TextField(null=True)
    avs = models.CharField(max_length=255, null=True)
    work_license = models.CharField(max_length=255, null=True)
    bank_details = models.CharField(max_length=255, null=True)
    children = models.SmallIntegerField(null=True)
    civil_status = models.CharField(max_length=255, null=True)
    family_allowance = models.SmallIntegerField(null=True)
    partner_work_license = models.CharField(max_length=255, null=True)
    partner_works = models.SmallIntegerField(null=True)
    partner_percentaje = models.IntegerField(null=True)
    user_id = models.BigIntegerField(null=True)
    active_school = models.BigIntegerField(null=True)
    active_station = models.BigIntegerField(null=True)
    active = models.SmallIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "monitors"


class V5MonitorSchool(V5Model):
    """Membership of a monitor in a school."""

    id = models.BigAutoField(primary_key=True)
    monitor_id = models.BigIntegerField()
    school_id = models.BigIntegerField()
    station_id = models.BigIntegerField(null=True)
    active_school = models.SmallIntegerField()
    updated_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)
    status_updated_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    block_price = models.DecimalField(max_digits=10, decimal_places=2, null=True)

    conditional = frozenset({"block_price"})

    class Meta(V5Model.Meta):
        db_table = "monitors_schools"


class V5MonitorSportDegree(V5Model):
    """Sport and own degree of a monitor at a school, with salary level."""

    id = models.BigAutoField(primary_key=True)
    sport_id = models.BigIntegerField()
    school_id = models.BigIntegerField(null=True)
    degree_id = models.BigIntegerField()
    monitor_id = models.BigIntegerField()
    salary_level = models.BigIntegerField(null=True)
    allow_adults = models.IntegerField(null=True)
    is_default = models.SmallIntegerField()
    updated_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "monitor_sports_degrees"


class V5MonitorAuthorizedDegree(V5Model):
    """Degrees a monitor may teach within one of his sports."""

    id = models.BigAutoField(primary_key=True)
    monitor_sport_id = models.BigIntegerField()
    degree_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "monitor_sport_authorized_degrees"


class V5MonitorNwd(V5Model):
    """Absence or blocked period of a monitor."""

    id = models.AutoField(primary_key=True)
    monitor_id = models.BigIntegerField()
    school_id = models.BigIntegerField(null=True)
    station_id = models.BigIntegerField(null=True)
    start_date = models.DateField()
    end_date = models.DateField()
    start_time = models.TimeField(null=True)
    end_time = models.TimeField(null=True)
    full_day = models.SmallIntegerField()
    default = models.SmallIntegerField()
    description = models.TextField(null=True)
    color = models.CharField(max_length=45, null=True)
    user_nwd_subtype_id = models.SmallIntegerField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)
    price = models.DecimalField(max_digits=10, decimal_places=2, null=True)

    conditional = frozenset({"price"})

    class Meta(V5Model.Meta):
        db_table = "monitor_nwd"


class V5MonitorObservation(V5Model):
    """Notes a school keeps about a monitor."""

    id = models.BigAutoField(primary_key=True)
    general = models.CharField(max_length=5000)
    notes = models.CharField(max_length=5000)
    historical = models.CharField(max_length=5000)
    monitor_id = models.BigIntegerField()
    school_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "monitor_observations"
