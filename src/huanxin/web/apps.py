"""The pages as an application: it hands the rooms the reader's language."""

from django.apps import AppConfig

from huanxin.kernel import speech


class WebConfig(AppConfig):
    name = "huanxin.web"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huanxin.web import spoken  # its catalogue needs the settings

        speech.speak_with(spoken.speak, spoken.language)
