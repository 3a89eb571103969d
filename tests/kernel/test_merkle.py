"""The log: three kinds of fact sealed, each provable offline, and a forged proof told apart."""

import json

import pytest
from django.db import DatabaseError, connection, transaction

from huanxin.kernel import audit, auditlog, crypto, merkle, proofs, tree
from huanxin.kernel.actor import Scope
from huanxin.kernel.audit import Entry
from huanxin.kernel.errors import NotFound, ProofRefused
from huanxin.kernel.models import AuditEntry, Checkpoint, Leaf
from tests import given, given_log

pytestmark = pytest.mark.django_db(transaction=True)


def _write(count: int) -> None:
    with transaction.atomic():
        audit.record_many(
            given.system(), "demo.done", [Entry("thing", str(i)) for i in range(count)]
        )
    given.settled_feed()


def _file(entry_id: int) -> str:
    text = auditlog.get_line(entry_id, Scope()).canonical_text
    return json.dumps(merkle.proof_of("audit", entry_id).as_json(text), ensure_ascii=False)


def test_the_root_is_over_the_rows_digests_in_the_order_sealed():
    for step in (1, 1, 3, 8, 2, 13):
        _write(step)
        assert merkle.seal() == step
        order = Leaf.objects.order_by("position").values_list("row_id", flat=True)
        digests = dict(AuditEntry.objects.values_list("id", "digest"))
        leaves = [tree.leaf_hash(bytes(digests[i])) for i in order]
        nodes = {(level, at): value for level, at, value in tree.grow(0, {}, leaves)}
        head = Checkpoint.objects.order_by("-size").first()
        root = tree.fold([nodes[key] for key in tree.subtrees(0, len(leaves))])
        assert bytes(head.root) == root
    assert merkle.seal() == 0


def test_audit_lines_transfers_and_events_are_leaves_of_one_log():
    given_log.one_of_each()
    given_log.seal_all()

    kinds = set(Leaf.objects.values_list("kind", flat=True))
    assert kinds == {"audit", "transfer", "event"}
    for kind in ("transfer", "event"):
        row_id = Leaf.objects.filter(kind=kind).values_list("row_id", flat=True).first()
        document = merkle.proof_of(kind, row_id).as_json(merkle.text_of(kind, row_id))
        [holds] = proofs.check_file(json.dumps(document))
        assert (holds.kind, holds.row_id) == (kind, row_id)


def test_a_proof_file_holds_without_the_platform_and_no_altered_one_does():
    _write(11)
    merkle.seal()
    public = crypto.checkpoint_key().public_key().public_bytes_raw().hex()
    for entry in AuditEntry.objects.all():
        text = _file(entry.id)
        [holds] = proofs.check_file(text, public_key=public)
        assert (holds.row_id, holds.size) == (entry.id, 11)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"text": "something else"}, "内容与其摘要不符"),
        ({"leaf_position": 3}, "不通向已签名的根"),
        ({"leaf_position": 11}, "不在11条记录之内"),
        ({"path": []}, "长度与位置不符"),
        ({"leaf_digest": "00" * 32, "text": None}, "不通向已签名的根"),
        ({"public_key": "ab" * 32}, "不是用这把公钥签署的"),
        ({"format": "other.v9"}, "不认识的格式"),
        ({"path": None}, "缺少内容或格式有误"),
    ],
)
def test_a_wrong_proof_is_refused_with_its_cause(change, cause):
    _write(11)
    merkle.seal()
    entry_id = Leaf.objects.get(position=5).row_id
    document = json.loads(_file(entry_id)) | change
    if document.get("text") is None:
        document.pop("text", None)

    with pytest.raises(ProofRefused) as refusal:
        proofs.check_file(json.dumps(document))

    assert cause in refusal.value.message


def test_an_altered_head_and_a_strangers_key_are_named():
    _write(3)
    merkle.seal()
    document = json.loads(_file(Leaf.objects.get(position=1).row_id))
    altered = document["checkpoint"].replace("\n3\n", "\n4\n", 1)

    with pytest.raises(ProofRefused, match="树头的签名不成立"):
        proofs.check_file(json.dumps(document | {"checkpoint": altered}))
    with pytest.raises(ProofRefused, match="不是您信任的"):
        proofs.check_file(json.dumps(document), public_key="cd" * 32)
    with pytest.raises(ProofRefused, match="不是 JSON"):
        proofs.check_file("{")


def test_a_later_log_is_proved_to_contain_the_earlier():
    sizes = []
    for step in (3, 4, 6):
        _write(step)
        merkle.seal()
        sizes.append(merkle.head().size)
    document = merkle.consistency(sizes[0]).as_json()
    [holds] = proofs.check_file(json.dumps(document))
    assert (holds.position, holds.size) == (3, 13)

    document["path"] = document["path"][::-1]
    with pytest.raises(ProofRefused, match="不是前一次的延续"):
        proofs.check_file(json.dumps(document))
    with pytest.raises(NotFound):
        merkle.consistency(5)  # no head was ever signed over five leaves


def test_a_head_is_a_signed_note():
    _write(1)
    merkle.seal()
    lines = merkle.head().note().split("\n")
    assert lines[:2] == ["huanxin.log.v1", "1"]
    assert lines[5].startswith("— huanxin.log.v1 ")


def test_an_entry_not_yet_sealed_has_no_proof():
    _write(1)
    with pytest.raises(NotFound):
        merkle.proof_of("audit", AuditEntry.objects.get().id)


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
