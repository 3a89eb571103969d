"""A published draw can be recomputed by anyone, and every tampering with it is named."""

import copy
import hashlib
import hmac
import random
from collections import Counter

import pytest

from huanxin.vouchers import _draw, selectors
from huanxin.vouchers.errors import DrawUnreadable

SEED = bytes(range(32))
NUMBER = "03 07 11 19 22 30 + 08"


def published(people: int = 40, places: int = 5) -> dict:
    """A draw document as the platform publishes it."""
    hashes = sorted(hashlib.sha256(f"{n}".encode()).hexdigest() for n in range(people))
    ranking = _draw.ranking(SEED, NUMBER, hashes)
    day = "2026-09-0{}T00:00:00.000000+00:00"
    names = ("committed_at", "registers_until", "listed_at", "entropy_at", "drawn_at")
    return {
        "format": _draw.FORMAT, "pool": {"title": "九月摇号"}, "places": places,
        "commitment": hashlib.sha256(SEED).hexdigest(), "seed": SEED.hex(), "entropy": NUMBER,
        "list_sha256": _draw.list_digest(hashes), "hashes": hashes, "ranking": ranking,
        "winners": ranking[:places], "moved_up": [], "passed_over": [],
        "times": {name: day.format(n) for n, name in enumerate(names, start=1)},
    }  # fmt: skip


def fault_of(document, **options) -> str | None:
    fault = selectors.audit_draw(document, **options).fault
    return fault.step if fault else None


def test_an_untouched_draw_comes_out():
    audit = selectors.audit_draw(published())
    assert audit.fault is None
    assert (audit.registered, audit.places, audit.winners) == (40, 5, 5)
    assert audit.checked == ("noted", "times", "seed", "list", "ranking", "winners")


def test_the_published_method_is_all_one_needs():
    document = published()
    text = "".join(f"{one}\n" for one in document["hashes"])
    assert hashlib.sha256(text.encode()).hexdigest() == document["list_sha256"]

    def lot(one):
        message = f"{document['list_sha256']}\n{document['entropy']}\n{one}\n".encode()
        return hmac.new(bytes.fromhex(document["seed"]), message, "sha256").hexdigest()

    assert sorted(document["hashes"], key=lot) == document["ranking"]


def changed_seed(document):
    document["seed"] = bytes(32).hex()


def changed_number(document):
    document["entropy"] = "01 02 03"


def removed_registration(document):
    document["hashes"].pop(7)


def added_late(document):
    document["hashes"] = sorted([*document["hashes"], "ab" * 32])


def swapped_ranks(document):
    ranks = document["ranking"]
    ranks[4], ranks[5] = ranks[5], ranks[4]


def friend_instead(document):
    document["winners"][0] = document["ranking"][-1]


def fewer_places(document):
    document["winners"].pop()


def moved_up_out_of_turn(document):
    document["moved_up"] = [document["ranking"][6]]


def listed_before_the_end(document):
    document["times"]["listed_at"] = "2026-09-01T12:00:00.000000+00:00"


def number_known_before_the_list(document):
    document["times"]["entropy_at"] = "2026-09-02T12:00:00.000000+00:00"


@pytest.mark.parametrize(
    ("tamper", "step"),
    [
        (changed_seed, "seed"), (changed_number, "ranking"), (removed_registration, "list"),
        (added_late, "list"), (swapped_ranks, "ranking"), (friend_instead, "winners"),
        (fewer_places, "winners"), (moved_up_out_of_turn, "winners"),
        (listed_before_the_end, "times"), (number_known_before_the_list, "times"),
    ],
)  # fmt: skip
def test_every_tampering_is_caught_where_it_was_done(tamper, step):
    document = published()
    assert fault_of(document) is None
    tampered = copy.deepcopy(document)
    tamper(tampered)
    assert fault_of(tampered) == step


def test_a_whole_draw_made_anew_is_caught_by_what_was_noted_before():
    honest = published()
    noted = [honest["commitment"], honest["list_sha256"]]
    assert fault_of(honest, noted=noted) is None
    forged = published(people=41)  # one joined late, and everything was computed again
    assert fault_of(forged) is None
    assert fault_of(forged, noted=noted) == "noted"


def test_her_own_entry_noted_before_has_to_be_in_the_list():
    document = published()
    mine = document["hashes"][3]
    assert fault_of(document, noted=[mine.upper()]) is None
    assert fault_of(document, noted=["cd" * 32]) == "noted"


def test_who_was_passed_over_leaves_the_place_to_the_next():
    document = published()
    ranking = document["ranking"]
    document["passed_over"] = [{"hash": ranking[1], "reason": "already_yours"}]
    assert fault_of(document) == "winners"  # control: the winners are still the first five
    document["winners"] = [ranking[0], *ranking[2:6]]
    document["moved_up"] = [ranking[6]]
    assert fault_of(document) is None


@pytest.mark.parametrize("broken", [{}, {"format": "other"}, {**published(), "seed": "zz"},
                                    {**published(), "hashes": ["short"]},
                                    {**published(), "times": []}])  # fmt: skip
def test_what_is_no_draw_says_so(broken):
    with pytest.raises(DrawUnreadable):
        selectors.audit_draw(broken)


def test_every_registration_wins_equally_often():
    """Chi-square over 2,000 seeded draws of 5 among 40; 39 degrees of freedom, p = 0.0001: 83."""
    hashes = published()["hashes"]
    dice = random.Random(20260901)
    wins = Counter()
    for _ in range(2_000):
        wins.update(_draw.ranking(dice.randbytes(32), NUMBER, hashes)[:5])
    expected = 2_000 * 5 / 40
    assert sum((wins[one] - expected) ** 2 / expected for one in hashes) < 83


def test_control_a_draw_that_ignores_its_seed_fails_the_same_measure():
    hashes = published()["hashes"]
    wins = Counter(one for _ in range(2_000) for one in sorted(hashes)[:5])
    expected = 2_000 * 5 / 40
    assert sum((wins[one] - expected) ** 2 / expected for one in hashes) > 83
