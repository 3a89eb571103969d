from django.apps import AppConfig
from django.utils.translation import gettext

from huanxin.kernel import errors


class WebConfig(AppConfig):
    name = "huanxin.web"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        errors.speak_with(gettext)
