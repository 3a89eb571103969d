from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "huanxin.indicators"
    default_auto_field = "django.db.models.BigAutoField"
