"""A stop of the story is marked sealed once the log has it, and the proof holds offline."""

import json

import pytest

from huanxin.kernel import merkle, proofs
from huanxin.kernel.actor import Scope
from huanxin.trace import _hash, selectors
from huanxin.trace.types import UnitState
from tests import given_log, given_trace


@pytest.mark.django_db(transaction=True)
def test_what_was_captured_is_sealed_by_the_next_round_of_the_log() -> None:
    recycler, dismantler = given_trace.recycler(), given_trace.dismantler()
    code = given_trace.unit(recycler)
    given_log.seal_all()
    given_trace.journey(code, giver=recycler, taker=dismantler, until=UnitState.IN_DEPOT)

    half = selectors.story(code, Scope())
    given_log.seal_all()
    whole = selectors.story(code, Scope())

    assert [stop.is_sealed for stop in half] == [True, False]
    assert [stop.is_sealed for stop in whole] == [True, True]
    row_id = whole[1].row_id
    text, event = selectors.leaf_of(row_id)
    document = merkle.proof_of("event", row_id).as_json(text, event=event)
    [holds] = proofs.check_file(json.dumps(document))
    assert holds.row_id == row_id
    recomputed = _hash.event_id({k: v for k, v in event.items() if k != "eventID"}, selectors.NAMES)
    assert recomputed == whole[1].event_id

    document["event"] = event | {"bizStep": "shipping"}
    with pytest.raises(proofs.ProofRefused, match="所附事件与存证内容不同"):
        proofs.check_file(json.dumps(document))
