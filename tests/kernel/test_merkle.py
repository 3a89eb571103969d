import dataclasses
import hashlib

import pytest
from django.db import DatabaseError, connection, transaction

from huanxin.kernel import audit, crypto, merkle
from huanxin.kernel.audit import Entry
from huanxin.kernel.errors import NotFound
from huanxin.kernel.models import AuditEntry, Checkpoint, Leaf
from tests import given

pytestmark = pytest.mark.django_db(transaction=True)


def _write(count: int) -> None:
    with transaction.atomic():
        audit.record_many(
            given.system(), "demo.done", [Entry("thing", str(i)) for i in range(count)]
        )
    given.settled_feed()


def _reference_root(digests: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, word by word."""
    if len(digests) == 1:
        return hashlib.sha256(b"\x00" + digests[0]).digest()
    k = 1
    while k * 2 < len(digests):
        k *= 2
    left, right = _reference_root(digests[:k]), _reference_root(digests[k:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def test_the_root_is_that_of_the_standard_however_the_log_was_grown():
    for step in (1, 1, 3, 8, 2, 13):
        _write(step)
        assert merkle.seal() == step
        order = Leaf.objects.order_by("position").values_list("entry_id", flat=True)
        digests = dict(AuditEntry.objects.values_list("id", "digest"))
        head = Checkpoint.objects.order_by("-size").first()
        assert bytes(head.root) == _reference_root([bytes(digests[i]) for i in order])
    assert merkle.seal() == 0


def test_every_entry_can_be_proved_offline_and_no_altered_one():
    _write(11)
    merkle.seal()
    public = crypto.checkpoint_key().public_key()
    proofs = [merkle.proof_of(entry.id) for entry in AuditEntry.objects.all()]
    assert all(merkle.is_valid(proof, public) for proof in proofs)
    for proof in proofs:
        other = dataclasses.replace(proof, digest=hashlib.sha256(b"altered").digest())
        moved = dataclasses.replace(proof, position=(proof.position + 1) % 11)
        shorter = dataclasses.replace(proof, path=proof.path[:-1])
        forged = dataclasses.replace(proof, root=bytes(32))
        assert not any(merkle.is_valid(p, public) for p in (other, moved, shorter, forged))


def test_an_entry_not_yet_sealed_has_no_proof():
    _write(1)
    with pytest.raises(NotFound):
        merkle.proof_of(AuditEntry.objects.get().id)


def test_a_sealed_leaf_cannot_be_removed():
    _write(1)
    merkle.seal()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM kernel_leaf")
    assert Leaf.objects.count() == 1
