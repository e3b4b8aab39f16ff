"""Legacy tables of the reference aggregate, as the data dictionary describes them."""

from django.db import models

from entities.engine.tables import LegacyModel


class LegacyLanguage(LegacyModel):
    """Languages a person can speak; users point at up to three of them."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=255)
    code = models.CharField(max_length=10)

    class Meta(LegacyModel.Meta):
        db_table = "languages"


class LegacySportType(LegacyModel):
    """Families of sports (season based)."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=255)

    class Meta(LegacyModel.Meta):
        db_table = "sport_types"


class LegacySport(LegacyModel):
    """Sports a school may teach."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=255)
    icon_selected = models.CharField(max_length=500)
    icon_unselected = models.CharField(max_length=500)
    sport_type = models.BigIntegerField()

    class Meta(LegacyModel.Meta):
        db_table = "sports"


class LegacyCourseIcon(LegacyModel):
    """Icon to show for each sport and course type pair."""

    id = models.BigAutoField(primary_key=True)
    sport_id = models.BigIntegerField()
    course_type_id = models.SmallIntegerField()
    icon = models.CharField(max_length=500)

    class Meta(LegacyModel.Meta):
        db_table = "courses_icons"


class LegacyServiceType(LegacyModel):
    """Kinds of service offered around a station (shop, rental, repair, restaurant, hotel, other)."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "service_type"


class LegacyStation(LegacyModel):
    """Ski resorts, with lift counts and a cached weather forecast."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=255)
    address = models.CharField(max_length=100)
    cp = models.TextField(null=True)
    city = models.TextField(null=True)
    country_id = models.IntegerField()
    province_id = models.IntegerField()
    latitude = models.CharField(max_length=100)
    longitude = models.CharField(max_length=100)
    image = models.CharField(max_length=500)
    map = models.CharField(max_length=500)
    percha = models.IntegerField()
    telesilla = models.IntegerField()
    cabina = models.IntegerField()
    cabina_grande = models.IntegerField()
    fonicular = models.IntegerField()
    show_details = models.SmallIntegerField()
    active = models.SmallIntegerField()
    accuweather = models.TextField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "stations"


class LegacyStationService(LegacyModel):
    """Businesses and services around a station."""

    id = models.BigAutoField(primary_key=True)
    station_id = models.BigIntegerField()
    service_type_id = models.BigIntegerField()
    name = models.CharField(max_length=100)
    url = models.CharField(max_length=100)
    telephone = models.CharField(max_length=100)
    email = models.CharField(max_length=100)
    image = models.CharField(max_length=255)
    active = models.SmallIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    aliases = ("station_service",)

    class Meta(LegacyModel.Meta):
        db_table = "station_services"


class LegacyCountry(LegacyModel):
    """Countries used in postal addresses."""

    id = models.AutoField(primary_key=True)
    name = models.CharField(max_length=255)
    iso = models.CharField(max_length=10)

    class Meta(LegacyModel.Meta):
        db_table = "countries"


class LegacyProvince(LegacyModel):
    """Provinces / cantons, each inside one country."""

    id = models.AutoField(primary_key=True)
    name = models.CharField(max_length=255)
    country_id = models.IntegerField()
    contry_iso = models.CharField(max_length=10, null=True)

    class Meta(LegacyModel.Meta):
        db_table = "provinces"


class LegacyNationality(LegacyModel):
    """Nationality names. Nothing in the source links to it."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=255)

    class Meta(LegacyModel.Meta):
        db_table = "nationalities"
