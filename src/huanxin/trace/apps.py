from django.apps import AppConfig


class TraceConfig(AppConfig):
    name = "huanxin.trace"
    default_auto_field = "django.db.models.BigAutoField"
