from django.apps import AppConfig


class RecyclingConfig(AppConfig):
    name = "huanxin.recycling"
    default_auto_field = "django.db.models.BigAutoField"
