"""The bytes of a paper are read through the claim they belong to, never by digest alone."""

import pytest

from huanxin.claims import selectors
from huanxin.claims.errors import SaleNotFound
from huanxin.claims.services import submitting
from huanxin.claims.types import EvidenceKind, NewEvidence
from huanxin.kernel.actor import Scope
from huanxin.simulation import _documents
from tests import given_claims, given_papers, given_vouchers

pytestmark = pytest.mark.django_db

PAPER = _documents.invoice_xml(given_papers.invoice_facts())


def test_a_paper_is_seen_through_its_own_claim_only(tmp_path, settings):
    settings.HUANXIN_FILE_FOLDER = tmp_path
    pool_id = given_vouchers.pool(quantity=2)
    one, other = given_claims.till(pool_id=pool_id), given_claims.till(pool_id=pool_id)
    mine, theirs = one.sell(), other.sell()
    kept = submitting.keep_file(actor=one.manager, content=PAPER)
    papers = [
        NewEvidence(EvidenceKind.OLD_UNIT, kept),
        NewEvidence(EvidenceKind.PAYMENT, "0" * 64),
    ]
    submitting.submit_evidence(
        actor=one.manager, sale_id=mine.sale_id, evidence=papers, request_id=mine.sale_id
    )
    claim_id = given_claims.claim_of(mine.sale_id).card.claim_id
    other_id = given_claims.claim_of(theirs.sale_id).card.claim_id

    assert selectors.find_file(claim_id, kept, one.manager.scope) == PAPER
    assert selectors.find_file(claim_id, "0" * 64, one.manager.scope) is None
    for claim, scope in ((other_id, Scope()), (claim_id, other.manager.scope)):
        with pytest.raises(SaleNotFound):
            selectors.find_file(claim, kept, scope)
