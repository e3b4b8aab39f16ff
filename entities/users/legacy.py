"""Legacy tables of the users aggregate, as the data dictionary describes them."""

from django.db import models

from entities.engine.tables import LegacyModel


class LegacyUser(LegacyModel):
    """Every person or account: administrators, clients (payers and their dependants alike), monitors, and
    a few technical kinds, told apart by user_type.
    """

    id = models.BigAutoField(primary_key=True)
    username = models.CharField(max_length=255, null=True)
    email = models.CharField(max_length=100, null=True)
    password = models.CharField(max_length=255)
    first_name = models.CharField(max_length=255)
    last_name = models.CharField(max_length=255)
    birth_date = models.DateField()
    phone = models.CharField(max_length=255, null=True)
    telephone = models.CharField(max_length=255)
    address = models.CharField(max_length=255, null=True)
    cp = models.CharField(max_length=100, null=True)
    city = models.TextField(null=True)
    province_id = models.IntegerField(null=True)
    country_id = models.IntegerField(null=True)
    language1_id = models.BigIntegerField(null=True)
    language2_id = models.BigIntegerField(null=True)
    language3_id = models.BigIntegerField(null=True)
    image = models.CharField(max_length=255)
    user_type = models.SmallIntegerField()
    user_collective = models.SmallIntegerField()
    active = models.SmallIntegerField()
    logout = models.SmallIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    sensitive = frozenset(
        {"email", "password", "first_name", "last_name", "birth_date", "phone", "telephone", "address"}
    )

    possible_columns = frozenset({"recover_token", "remember_token"})

    class Meta(LegacyModel.Meta):
        db_table = "users"


class LegacyUserSchool(LegacyModel):
    """Membership of a person in a school, with a per-school active switch and a default station for
    monitors.
    """

    id = models.BigAutoField(primary_key=True)
    user_id = models.BigIntegerField()
    school_id = models.BigIntegerField()
    station_id = models.BigIntegerField(null=True)
    active_school = models.SmallIntegerField()
    status_updated_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "user_schools"


class LegacyAdminRestriction(LegacyModel):
    """Deny list: one row forbids one administrator one action in one area."""

    id = models.BigAutoField(primary_key=True)
    user_id = models.BigIntegerField()
    type_id = models.BigIntegerField()
    action_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "admin_restrictions"


class LegacyUserPermission(LegacyModel):
    """Twenty-seven on/off permissions of a user; the source never says what each number stands for."""

    id = models.BigAutoField(primary_key=True)
    permis1 = models.SmallIntegerField()
    permis2 = models.SmallIntegerField()
    permis3 = models.SmallIntegerField()
    permis4 = models.SmallIntegerField()
    permis5 = models.SmallIntegerField()
    permis6 = models.SmallIntegerField()
    permis7 = models.SmallIntegerField()
    permis8 = models.SmallIntegerField()
    permis9 = models.SmallIntegerField()
    permis10 = models.SmallIntegerField()
    permis11 = models.SmallIntegerField()
    permis12 = models.SmallIntegerField()
    permis13 = models.SmallIntegerField()
    permis14 = models.SmallIntegerField()
    permis15 = models.SmallIntegerField()
    permis16 = models.SmallIntegerField()
    permis17 = models.SmallIntegerField()
    permis18 = models.SmallIntegerField()
    permis19 = models.SmallIntegerField()
    permis20 = models.SmallIntegerField()
    permis21 = models.SmallIntegerField()
    permis22 = models.SmallIntegerField()
    permis23 = models.SmallIntegerField()
    permis24 = models.SmallIntegerField()
    permis25 = models.SmallIntegerField()
    permis26 = models.SmallIntegerField()
    permis27 = models.SmallIntegerField()
    user_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "user_permis"
