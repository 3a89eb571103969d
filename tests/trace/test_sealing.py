"""A stop of the story is marked sealed once the log has it, and the proof holds offline."""

import time

import pytest

from huanxin.kernel import crypto, merkle
from huanxin.kernel.actor import Scope
from huanxin.kernel.models import AuditEntry, Leaf
from huanxin.trace import _hash, selectors
from huanxin.trace.types import UnitState
from tests import given_trace


@pytest.mark.django_db(transaction=True)
def test_what_was_captured_is_sealed_by_the_next_round_of_the_log() -> None:
    recycler, dismantler = given_trace.recycler(), given_trace.dismantler()
    code = given_trace.unit(recycler)
    _seal_all()
    given_trace.journey(code, giver=recycler, taker=dismantler, until=UnitState.IN_DEPOT)

    half = selectors.story(code, Scope())
    _seal_all()
    whole = selectors.story(code, Scope())

    assert [stop.is_sealed for stop in half] == [True, False]
    assert [stop.is_sealed for stop in whole] == [True, True]
    entry_id = whole[1].entry_id
    assert entry_id is not None
    assert merkle.is_valid(merkle.proof_of(entry_id), crypto.checkpoint_key().public_key())
    sealed = AuditEntry.objects.get(pk=entry_id)
    recomputed = _hash.event_id(
        {k: v for k, v in whole[1].event.items() if k != "eventID"}, selectors.NAMES
    )
    assert sealed.subject_id == _hash.digest_of(recomputed)


def _seal_all() -> None:
    """Seal until the log has every entry: any open transaction of the cluster delays the feed."""
    for _ in range(400):
        merkle.seal()
        if Leaf.objects.count() == AuditEntry.objects.count():
            return
        time.sleep(0.05)
    pytest.fail("the log did not catch up within twenty seconds")
