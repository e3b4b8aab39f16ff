"""V5 tables of the reference aggregate, as the data dictionary describes them."""

from django.db import models

from entities.engine.tables import V5Model


class V5Language(V5Model):
    """Language catalogue."""

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=10)
    name = models.CharField(max_length=255)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "languages"


class V5SportType(V5Model):
    """Groups of sports (winter, summer, other)."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=255)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "sport_types"


class V5Sport(V5Model):
    """Sport catalogue."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=255)
    icon_prive = models.CharField(max_length=500, null=True)
    icon_collective = models.CharField(max_length=500, null=True)
    icon_activity = models.CharField(max_length=500, null=True)
    icon_selected = models.CharField(max_length=500, null=True)
    icon_unselected = models.CharField(max_length=500, null=True)
    sport_type = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "sports"


class V5ServiceType(V5Model):
    """Kinds of service found at a station."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "service_type"


class V5Station(V5Model):
    """Ski resort."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=255)
    cp = models.TextField(null=True)
    city = models.TextField(null=True)
    country = models.TextField()
    province = models.TextField()
    address = models.CharField(max_length=100)
    image = models.CharField(max_length=500)
    map = models.CharField(max_length=500)
    latitude = models.CharField(max_length=100)
    longitude = models.CharField(max_length=100)
    num_hanger = models.IntegerField()
    num_chairlift = models.IntegerField()
    num_cabin = models.IntegerField()
    num_cabin_large = models.IntegerField()
    num_fonicular = models.IntegerField()
    show_details = models.SmallIntegerField()
    active = models.SmallIntegerField()
    accuweather = models.TextField(null=True)
    updated_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "stations"


class V5StationService(V5Model):
    """Shop, hotel, restaurant etc. at a station."""

    id = models.BigAutoField(primary_key=True)
    station_id = models.BigIntegerField()
    service_type_id = models.BigIntegerField()
    name = models.CharField(max_length=100)
    url = models.CharField(max_length=100, null=True)
    telephone = models.CharField(max_length=100, null=True)
    email = models.CharField(max_length=100, null=True)
    image = models.CharField(max_length=255)
    active = models.SmallIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "station_service"
