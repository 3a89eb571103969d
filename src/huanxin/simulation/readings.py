"""What the platform reads from a paper instead of what stands on it: right, wrong or nothing. Pure.

Rates per 10,000 readings stand in data/reading_errors.csv. A number with a check digit is hardly
ever read wrong: what does not check is not taken.
"""

import csv
import random
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from importlib import resources

from huanxin.simulation import rules

_WHOLE = 10_000


@cache
def rates() -> Mapping[tuple[str, str], tuple[int, int]]:
    """(wrong, unread) per 10,000 by document and field."""
    text = resources.files("huanxin.simulation").joinpath("data/reading_errors.csv")
    return {
        (row["document"], row["field"]): (int(row["wrong"]), int(row["unread"]))
        for row in csv.DictReader(text.read_text("utf-8").splitlines())
    }


def read(
    seed: int, paper: str, kind: str, facts: Mapping[str, object], *, retaken_bps: int = 0
) -> dict[str, object]:
    """The facts of one paper as they are read: the same paper is read the same way every time.

    What cannot be read is said while uploading; so many in 10,000 are then taken and read again.
    """
    found: dict[str, object] = {}
    for name, value in facts.items():
        wrong, unread = rates().get((kind, name), (0, 0))
        rng = rules.stream(seed, "read", paper, kind, name)
        at = rng.randrange(_WHOLE)
        if at < unread and rules.picks(rng, retaken_bps):
            at = rng.randrange(_WHOLE)
        if at >= unread:
            found[name] = misread(rng, value) if at < unread + wrong else value
    return found


def misread(rng: random.Random, value: object) -> object:
    """One character taken for another, one day for the next."""
    if isinstance(value, date):
        return value + timedelta(days=rng.choice((-30, -1, 1, 30)))
    if isinstance(value, int):
        return int(_other_digit(rng, str(value))) or value
    return _other_digit(rng, str(value))


def _other_digit(rng: random.Random, text: str) -> str:
    places = [i for i, char in enumerate(text) if char.isdigit()]
    at = rng.choice(places) if places else 0
    other = rng.choice([c for c in "0123456789" if c != text[at]])
    return text[:at] + other + text[at + 1 :]
