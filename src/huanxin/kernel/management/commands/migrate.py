from typing import Any

from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import transaction

from huanxin.kernel import schema


class Command(DjangoMigrate):
    """Django's migrate, then the mart views laid anew."""

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if not options.get("plan") and not options.get("check_unapplied"):
            with transaction.atomic():
                schema.create_views()
