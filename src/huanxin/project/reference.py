"""Brings a database up to the code: schema, views, and the reference data shipped in the rooms."""

from collections.abc import Callable

from django.core.management import call_command
from django.db import connection

from huanxin.catalogue import services as catalogue
from huanxin.claims.services import watching
from huanxin.identity.services import admitting
from huanxin.kernel.actor import system_actor
from huanxin.policy import services as policy
from huanxin.recycling.services import preparing

_MIGRATION_LOCK = 0x4875616E  # one migrator at a time, whatever starts it


def migrate(report: Callable[[str], None]) -> None:
    """Apply migrations, lay the views, load reference data. Safe to repeat and to run twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK])
    try:
        report("更新数据库结构")
        call_command("migrate", verbosity=0, interactive=False)
        report("载入基础数据")
        load_reference()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATION_LOCK])


def load_reference() -> None:
    """Regions, categories, policies, valuation standards and desk terms, each room its own."""
    actor = system_actor("基础数据")
    admitting.load_regions(actor=actor)
    catalogue.load_reference(actor=actor)
    policy.load_reference(actor=actor)
    preparing.load_reference(actor=actor)
    watching.load_reference(actor=actor)
