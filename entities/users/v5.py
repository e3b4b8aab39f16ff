"""V5 tables of the users aggregate, as the data dictionary describes them."""

from django.db import models

from entities.engine.tables import V5Model


class V5User(V5Model):
    """Login account (back office, client, monitor or super-administrator)."""

    id = models.BigAutoField(primary_key=True)
    username = models.CharField(max_length=255, null=True)
    first_name = models.CharField(max_length=255, null=True)
    last_name = models.CharField(max_length=255, null=True)
    email = models.CharField(max_length=100, null=True)
    password = models.CharField(max_length=255)
    image = models.TextField(null=True)
    type = models.CharField(max_length=100)
    active = models.SmallIntegerField()
    recover_token = models.TextField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)
    logout = models.SmallIntegerField(null=True)
    school_id = models.BigIntegerField(null=True)
    season_id = models.BigIntegerField(null=True)
    legacy_id = models.BigIntegerField(null=True)
    migrated_at = models.DateTimeField(null=True)

    added = frozenset({"school_id", "season_id", "legacy_id", "migrated_at"})

    class Meta(V5Model.Meta):
        db_table = "users"


class V5SchoolUser(V5Model):
    """Membership of a back-office user in a school. This is the table the V5 access checks read."""

    id = models.BigAutoField(primary_key=True)
    school_id = models.BigIntegerField()
    user_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "school_users"


class V5Role(V5Model):
    """Role catalogue (Spatie layout). See variants for the September 2025 layout of the same table."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=125)
    guard_name = models.CharField(max_length=125)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta(V5Model.Meta):
        db_table = "roles"


class V5ModelHasRole(V5Model):
    """Global roles of a model (Spatie; teams feature off)."""

    role_id = models.BigIntegerField(primary_key=True)
    model_type = models.CharField(max_length=125)
    model_id = models.BigIntegerField()

    class Meta(V5Model.Meta):
        db_table = "model_has_roles"
