"""V5 tables of the clients aggregate, as the data dictionary describes them."""

from django.db import models

from entities.engine.tables import V5Model


class V5Client(V5Model):
    """Person who books or takes part in lessons. Not owned by a school; membership is in clients_schools."""

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
    language1_id = models.BigIntegerField(null=True)
    language2_id = models.BigIntegerField(null=True)
    language3_id = models.BigIntegerField(null=True)
    language6_id = models.BigIntegerField(null=True)
    language5_id = models.BigIntegerField(null=True)
    language4_id = models.BigIntegerField(null=True)
    image = models.TextField(null=True)
    user_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "clients"


class V5ClientSchool(V5Model):
    """Membership of a client in a school."""

    id = models.BigAutoField(primary_key=True)
    client_id = models.BigIntegerField()
    school_id = models.BigIntegerField()
    updated_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)
    status_updated_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)

    class Meta(V5Model.Meta):
        db_table = "clients_schools"


class V5ClientSport(V5Model):
    """Level (degree) a client has in a sport, per school."""

    id = models.BigAutoField(primary_key=True)
    client_id = models.BigIntegerField()
    school_id = models.BigIntegerField()
    sport_id = models.BigIntegerField()
    degree_id = models.BigIntegerField(null=True)
    updated_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "clients_sports"


class V5ClientUtilizer(V5Model):
    """Dependants: a main client and a further client who uses the bookings of the main one."""

    id = models.BigAutoField(primary_key=True)
    main_id = models.BigIntegerField()
    client_id = models.BigIntegerField()
    updated_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "clients_utilizers"


class V5ClientObservation(V5Model):
    """Notes a school keeps about a client."""

    id = models.BigAutoField(primary_key=True)
    general = models.CharField(max_length=5000, null=True)
    notes = models.CharField(max_length=5000, null=True)
    historical = models.CharField(max_length=5000, null=True)
    client_id = models.BigIntegerField()
    school_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "client_observations"


class V5Evaluation(V5Model):
    """Assessment of a client against a degree."""

    id = models.BigAutoField(primary_key=True)
    client_id = models.BigIntegerField()
    degree_id = models.BigIntegerField()
    observations = models.TextField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "evaluations"


class V5EvaluationFile(V5Model):
    """Images and videos attached to an evaluation."""

    id = models.BigAutoField(primary_key=True)
    evaluation_id = models.BigIntegerField()
    name = models.CharField(max_length=255, null=True)
    type = models.CharField(max_length=255, null=True)
    file = models.TextField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "evaluation_files"


class V5EvaluationGoal(V5Model):
    """Score given for one goal in an evaluation."""

    id = models.BigAutoField(primary_key=True)
    evaluation_id = models.BigIntegerField()
    degrees_school_sport_goals_id = models.BigIntegerField()
    score = models.IntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "evaluation_fulfilled_goals"
