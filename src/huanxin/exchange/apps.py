from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "huanxin.exchange"
    default_auto_field = "django.db.models.BigAutoField"
