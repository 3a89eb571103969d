"""The draw document carries the signed log's proofs: sealed before the reveal, checked offline."""

import copy
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from click.testing import CliRunner

from huanxin.kernel import clock, proofs
from huanxin.project.commands import vouchers as command
from huanxin.vouchers import selectors
from tests import given, given_release
from tests.given_log import seal_all
from tests.given_release import CLOSES, DRAWS, OPENS

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)


def seal(at):
    with clock.standing_at(at):
        seal_all()


def drawn(*, sealed=True):
    """A draw whose steps were sealed a minute after each, or all of them only afterwards."""
    pool_id, who = given_release.lottery(), [given.person() for _ in range(5)]
    if sealed:
        seal(OPENS - MINUTE)
    for one in who:
        given_release.register(pool_id, one)
    with clock.standing_at(CLOSES):
        given_release.drawing.publish_list(actor=given.system(), pool_id=pool_id)
    if sealed:
        seal(CLOSES + MINUTE)
    given_release.draw(pool_id)
    if sealed is not None:
        seal(DRAWS + MINUTE)
    return selectors.draw_document(pool_id)


def audit(document, **options):
    return selectors.audit_draw(json.loads(json.dumps(document)), **options)


def fault(document, **options):
    found = audit(document, **options).fault
    return (found.step, found.say) if found else None


def test_commitment_and_list_were_signed_for_before_the_reveal():
    document = drawn()
    found = audit(document)
    assert (found.fault, "sealed" in found.checked) == (None, True)
    assert found.signed_by == proofs.fingerprint(proofs.public_key_hex())
    assert audit(document, public_key=proofs.public_key_hex()).fault is None
    step, say = fault(document, public_key="ab" * 32)
    assert step == "sealed"
    assert "另一把密钥" in say


def test_what_was_sealed_only_after_the_draw_is_named():
    step, say = fault(drawn(sealed=False))
    assert step == "sealed"
    assert "不早于开奖" in say


def test_a_document_without_proofs_is_recomputed_without_them():
    found = audit(drawn(sealed=None))
    assert (found.fault, found.signed_by, "sealed" in found.checked) == (None, "", False)


def test_every_tampering_with_the_proofs_is_named():
    whole = drawn()
    other = drawn()

    def tampered(change):
        document = copy.deepcopy(whole)
        change(document)
        return fault(document)[0]

    def rewritten(document):
        text = document["log"]["opened"]["text"]
        document["log"]["opened"]["text"] = text.replace(document["commitment"], "0" * 64)

    def swapped(document):
        log = document["log"]
        log["listed"], log["drawn"] = log["drawn"], log["listed"]

    assert tampered(rewritten) == "sealed"
    assert tampered(swapped) == "sealed"
    assert tampered(lambda one: one["log"].pop("opened")) == "sealed"
    assert tampered(lambda one: one["log"].update(opened=other["log"]["opened"])) == "sealed"
    assert tampered(lambda one: one["log"]["listed"].pop("text")) == "sealed"
    assert tampered(lambda one: one["log"]["drawn"].update(path=[])) == "sealed"
    # another seed with its own commitment, as who forges the whole set would have it
    assert tampered(lambda one: one.update(commitment="1" * 64)) == "sealed"


def test_the_command_checks_the_file_alone(tmp_path):
    target = tmp_path / f"{uuid4()}.json"
    target.write_text(json.dumps(drawn()), encoding="utf-8")
    said = CliRunner().invoke(command.audit_draw, [str(target)])
    assert said.exit_code == 0, said.output
    assert "已封存进签名日志" in said.output
    assert "指纹" in said.output
    wrong = CliRunner().invoke(command.audit_draw, [str(target), "--key", "ab" * 32])
    assert wrong.exit_code == 1
