"""Legacy tables of the schools aggregate, as the data dictionary describes them."""

from django.db import models

from entities.engine.tables import DoubleAmountField, LegacyModel


class LegacySchool(LegacyModel):
    """Ski schools (tenants): contact, fiscal identity, commissions, payment gateway credentials."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=255)
    description = models.CharField(max_length=100)
    contact_email = models.TextField(null=True)
    contact_phone = models.TextField(null=True)
    contact_telephone = models.TextField(null=True)
    contact_address = models.TextField(null=True)
    contact_cp = models.TextField(null=True)
    contact_city = models.TextField(null=True)
    contact_province_id = models.IntegerField(null=True)
    contact_country_id = models.IntegerField(null=True)
    fiscal_name = models.CharField(max_length=100)
    fiscal_id = models.CharField(max_length=100)
    fiscal_address = models.CharField(max_length=100)
    fiscal_cp = models.CharField(max_length=100)
    fiscal_city = models.CharField(max_length=100)
    fiscal_province_id = models.IntegerField(null=True)
    fiscal_country_id = models.IntegerField(null=True)
    iban = models.CharField(max_length=100)
    logo = models.CharField(max_length=500)
    slug = models.CharField(max_length=100)
    conditions_url = models.CharField(max_length=100)
    active = models.SmallIntegerField()
    bookings_comission_cash = models.DecimalField(max_digits=8, decimal_places=2)
    bookings_comission_boukii_pay = models.DecimalField(max_digits=8, decimal_places=2)
    bookings_comission_other = models.DecimalField(max_digits=8, decimal_places=2)
    school_rate = DoubleAmountField(max_digits=8, decimal_places=2)
    type = models.CharField(max_length=100)
    payrexx_instance = models.TextField(null=True)
    payrexx_key = models.TextField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    sensitive = frozenset({"iban", "payrexx_instance", "payrexx_key"})

    possible_columns = frozenset(
        {
            "cancellation_insurance_percent",
            "has_ski",
            "has_snowboard",
            "has_telemark",
            "has_rando",
            "inscription",
            "deleted_at",
        }
    )

    class Meta(LegacyModel.Meta):
        db_table = "schools"


class LegacySchoolColor(LegacyModel):
    """Colour palette a school uses for calendar blocks."""

    id = models.BigAutoField(primary_key=True)
    school_id = models.BigIntegerField()
    name = models.CharField(max_length=100)
    color = models.CharField(max_length=45, null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "school_colors"


class LegacySchoolSalaryLevel(LegacyModel):
    """Hourly pay bands of a school."""

    id = models.BigAutoField(primary_key=True)
    school_id = models.BigIntegerField()
    name = models.CharField(max_length=100)
    pay = DoubleAmountField(max_digits=8, decimal_places=2)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "school_salary_levels"


class LegacyStationSchool(LegacyModel):
    """Which schools work at which stations."""

    id = models.BigAutoField(primary_key=True)
    station_id = models.BigIntegerField()
    school_id = models.BigIntegerField()

    class Meta(LegacyModel.Meta):
        db_table = "stations_schools"


class LegacySchoolSport(LegacyModel):
    """Sports offered by a school."""

    id = models.AutoField(primary_key=True)
    school_id = models.BigIntegerField()
    sport_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "school_sports"


class LegacyTask(LegacyModel):
    """To-do items of a school."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=200)
    date = models.DateField(null=True)
    time = models.TimeField(null=True)
    school_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "tasks"


class LegacyTaskCheck(LegacyModel):
    """Checklist lines of a task."""

    id = models.BigAutoField(primary_key=True)
    text = models.CharField(max_length=200)
    checked = models.SmallIntegerField()
    task_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "task_checks"


class LegacyMail(LegacyModel):
    """Mail templates customised by a school."""

    id = models.BigAutoField(primary_key=True)
    type = models.CharField(max_length=125)
    subject = models.CharField(max_length=125, null=True)
    body = models.TextField(null=True)
    school_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    possible_columns = frozenset({"lang", "title", "deleted_at"})

    class Meta(LegacyModel.Meta):
        db_table = "mails"
