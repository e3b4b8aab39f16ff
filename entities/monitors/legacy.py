"""Legacy tables of the monitors aggregate, as the data dictionary describes them."""

from django.db import models

from entities.engine.tables import LegacyModel


class LegacyUserWorkDetail(LegacyModel):
    """Payroll and civil details of a monitor, one row per person."""

    id = models.BigAutoField(primary_key=True)
    avs = models.CharField(max_length=255, null=True)
    work_license = models.CharField(max_length=255, null=True)
    bank_details = models.CharField(max_length=255, null=True)
    country_id = models.IntegerField(null=True)
    children = models.SmallIntegerField(null=True)
    civil_status = models.CharField(max_length=255, null=True)
    family_allowance = models.SmallIntegerField(null=True)
    partner_work_license = models.CharField(max_length=255, null=True)
    partner_works = models.SmallIntegerField(null=True)
    partner_percentaje = models.IntegerField(null=True)
    user_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    sensitive = frozenset({"avs", "work_license", "bank_details", "partner_work_license"})

    class Meta(LegacyModel.Meta):
        db_table = "user_work_details"


class LegacyAuthorizedDegree(LegacyModel):
    """Extra levels a monitor may teach, beyond his own, for one user_sports row."""

    id = models.BigAutoField(primary_key=True)
    user_sport_id = models.BigIntegerField()
    degree_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "user_sport_authorized_degrees"


class LegacyMonitorWishedSport(LegacyModel):
    """Sports a monitor ticked in his own app; display only, never used for assignment."""

    id = models.BigAutoField(primary_key=True)
    user_id = models.BigIntegerField()
    sport_id = models.BigIntegerField()
    school_id = models.BigIntegerField(null=True)
    degree_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "user_sports_monitor"


class LegacyUserNwd(LegacyModel):
    """Monitor unavailability (non-working days and paid or unpaid blocks) over a date range, whole day or
    within hours.
    """

    id = models.AutoField(primary_key=True)
    user_id = models.BigIntegerField()
    school_id = models.BigIntegerField(null=True)
    station_id = models.BigIntegerField(null=True)
    user_nwd_subtype_id = models.SmallIntegerField(null=True)
    start_date = models.DateField()
    end_date = models.DateField()
    start_time = models.TimeField(null=True)
    end_time = models.TimeField(null=True)
    full_day = models.SmallIntegerField()
    color = models.CharField(max_length=45, null=True)
    description = models.TextField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "user_nwd"
