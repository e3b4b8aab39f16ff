from django.apps import AppConfig


class EntitiesConfig(AppConfig):
    name = "entities"
    verbose_name = "Legacy and V5 data"
    default_auto_field = "django.db.models.BigAutoField"
