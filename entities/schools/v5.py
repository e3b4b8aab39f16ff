"""V5 tables of the schools aggregate, as the data dictionary describes them."""

from django.db import models

from entities.engine.tables import DoubleAmountField, V5Model


class V5School(V5Model):
    """Ski school: the tenant."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=255)
    description = models.CharField(max_length=100)
    contact_email = models.TextField(null=True)
    contact_phone = models.TextField(null=True)
    contact_telephone = models.TextField(null=True)
    contact_address = models.TextField(null=True)
    contact_cp = models.TextField(null=True)
    contact_city = models.TextField(null=True)
    contact_province = models.CharField(max_length=100, null=True)
    contact_country = models.CharField(max_length=100, null=True)
    fiscal_name = models.CharField(max_length=100, null=True)
    fiscal_id = models.CharField(max_length=100, null=True)
    fiscal_address = models.CharField(max_length=100, null=True)
    fiscal_cp = models.CharField(max_length=100, null=True)
    fiscal_city = models.CharField(max_length=100, null=True)
    fiscal_province = models.CharField(max_length=100, null=True)
    fiscal_country = models.CharField(max_length=100, null=True)
    iban = models.CharField(max_length=100, null=True)
    logo = models.CharField(max_length=500, null=True)
    slug = models.CharField(max_length=100, null=True)
    cancellation_insurance_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    payrexx_instance = models.TextField(null=True)
    payrexx_key = models.TextField(null=True)
    conditions_url = models.CharField(max_length=100, null=True)
    bookings_comission_cash = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    bookings_comission_boukii_pay = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    bookings_comission_other = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    school_rate = DoubleAmountField(max_digits=8, decimal_places=2, null=True)
    has_ski = models.SmallIntegerField()
    has_snowboard = models.SmallIntegerField()
    has_telemark = models.SmallIntegerField()
    has_rando = models.SmallIntegerField()
    inscription = models.SmallIntegerField()
    type = models.CharField(max_length=100, null=True)
    active = models.SmallIntegerField()
    settings = models.JSONField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)
    feature_flags = models.JSONField(null=True)
    feature_flags_updated_at = models.DateTimeField(null=True)
    is_test_school = models.SmallIntegerField()
    has_microgate_integration = models.SmallIntegerField()
    whatsapp_config = models.JSONField(null=True)
    webhook_url = models.CharField(max_length=255, null=True)
    current_season_id = models.BigIntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "schools"


class V5SchoolColor(V5Model):
    """Colour codes a school uses for planner blocks."""

    id = models.BigAutoField(primary_key=True)
    school_id = models.BigIntegerField()
    name = models.CharField(max_length=100)
    color = models.CharField(max_length=45, null=True)
    default = models.SmallIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)
    price = models.DecimalField(max_digits=10, decimal_places=2, null=True)

    conditional = frozenset({"price"})

    class Meta(V5Model.Meta):
        db_table = "school_colors"


class V5SchoolSalaryLevel(V5Model):
    """Hourly pay levels for monitors."""

    id = models.BigAutoField(primary_key=True)
    school_id = models.BigIntegerField()
    name = models.CharField(max_length=100)
    pay = DoubleAmountField(max_digits=8, decimal_places=2)
    active = models.SmallIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "school_salary_levels"


class V5StationSchool(V5Model):
    """Resorts a school works at."""

    id = models.BigAutoField(primary_key=True)
    station_id = models.BigIntegerField()
    school_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "stations_schools"


class V5SchoolSport(V5Model):
    """Sports a school offers."""

    id = models.AutoField(primary_key=True)
    school_id = models.BigIntegerField()
    sport_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "school_sports"


class V5Task(V5Model):
    """To-do of a school with a due date and time."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=200)
    date = models.DateField()
    time = models.TimeField()
    school_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "tasks"


class V5TaskCheck(V5Model):
    """Check-list items of a task."""

    id = models.BigAutoField(primary_key=True)
    text = models.CharField(max_length=200)
    checked = models.SmallIntegerField()
    task_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "task_checks"


class V5Mail(V5Model):
    """Mail templates of a school per event type and language."""

    id = models.BigAutoField(primary_key=True)
    type = models.CharField(max_length=125)
    lang = models.CharField(max_length=125)
    subject = models.CharField(max_length=125, null=True)
    title = models.TextField(null=True)
    body = models.TextField(null=True)
    school_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(V5Model.Meta):
        db_table = "mails"
