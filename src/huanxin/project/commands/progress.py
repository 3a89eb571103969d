"""A progress bar where people watch, a line now and then where a file does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from huanxin.project.commands import output

Report = Callable[[int, int, str], None]
_LINES = 10


@contextmanager
def shown(title: str, *, quiet: bool = False) -> Iterator[Report]:
    """Gives a function (done, total, label) that keeps the reader informed, unless `quiet`."""
    if quiet:
        yield lambda done, total, label: None
        return
    console = output.console()
    if not console.is_terminal:
        yield _lines(title)
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(title, total=None)

        def report(done: int, total: int, label: str) -> None:
            bar.update(task, completed=done, total=total, description=f"{title}　{label}")

        yield report


def _lines(title: str) -> Report:
    said = -1

    def report(done: int, total: int, label: str) -> None:
        nonlocal said
        tenth = done * _LINES // total if total else 0
        if tenth > said:
            said = tenth
            output.say(f"{title}　{label}　{done}/{total}")

    return report
