from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import transaction
from django.db.migrations.state import ProjectState

from huanxin.kernel import schema


class Command(DjangoMigrate):
    """Django's migrate with less to build anew, then the mart views (docs/adr/0193)."""

    def handle(self, *args: Any, **options: Any) -> None:
        with _only_neighbours_are_built_anew():
            super().handle(*args, **options)
        if not options.get("plan") and not options.get("check_unapplied"):
            with transaction.atomic():
                schema.create_views()


@contextmanager
def _only_neighbours_are_built_anew() -> Iterator[None]:
    """Django builds anew every model that a changed one leads to, however far, at each step.

    A statement on a table needs the model's direct relations only; adding a constraint or an
    index needs none of them. The tables are the same, in a third of the time.
    """
    reload_model = ProjectState.reload_model

    def reload_near(
        state: ProjectState,
        app_label: str,
        model_name: str,
        delay: bool = False,  # noqa: FBT001, FBT002  Django's own signature
    ) -> None:
        del delay
        reload_model(state, app_label, model_name, delay=True)

    def append_alone(
        state: ProjectState, app_label: str, model_name: str, option_name: str, obj: object
    ) -> None:
        options = state.models[app_label, model_name].options
        options[option_name] = [*options[option_name], obj]

    lean = {"reload_model": reload_near, "_append_option": append_alone}
    kept = {name: getattr(ProjectState, name) for name in lean}
    for name, method in lean.items():
        setattr(ProjectState, name, method)
    try:
        yield
    finally:
        for name, method in kept.items():
            setattr(ProjectState, name, method)
