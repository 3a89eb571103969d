"""The review desk: riskiest first, what speaks against a paper is marked, one verdict."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huanxin.claims.services import reviewing, submitting
from huanxin.claims.types import AuditStatus, ClaimStage, EvidenceKind, NewEvidence
from huanxin.identity.types import Role
from huanxin.kernel import clock, filestore
from huanxin.kernel.models import AuditEntry
from tests import given, given_claims, given_desk_terms, given_vouchers
from tests.given_claims import SOLD_AT, claim_of
from tests.given_web import HTMX, text_of, visitor

pytestmark = pytest.mark.django_db
DESK = "/console/desk"


@pytest.fixture(autouse=True)
def _eight_hours_later():
    with clock.standing_at(SOLD_AT + timedelta(hours=8)):
        yield


def held(*changes: dict):
    """Claims that the machine held, one for each set of changes to its papers."""
    pool_id = given_vouchers.pool(quantity=len(changes))
    tills = [given_claims.till(pool_id=pool_id) for _ in changes]
    return [
        given_claims.decided(till, **change)[1] for till, change in zip(tills, changes, strict=True)
    ]


EARLY_INVOICE = {"invoice__invoiced_on": date(2026, 8, 31)}
OTHER_SERIAL = {"label__serial_read": "SNOTHER1"}


def reviewer(region_path: str = given.COUNTY_PATH):
    return visitor(Role.REVIEWER, region_path=region_path)


def send(client, claim, verdict="pass", **changes):
    reason_code = {"pass": "R401", "refuse": "R411", "correct": "R421"}[verdict]
    sent = {
        "verdict": verdict, "reason_code": reason_code,
        "note": "材料核实无误", "request_id": str(uuid4()), "next_id": "",
    }  # fmt: skip
    return client.post(reverse("console:verdict", args=[claim.card.claim_id]), {**sent, **changes})


def test_the_riskiest_case_opens_by_itself_and_the_next_is_one_key_away():
    low, high = held(EARLY_INVOICE, EARLY_INVOICE | OTHER_SERIAL)
    client, _ = reviewer()
    page = client.get(DESK)
    text = text_of(page)
    assert page.context["card"].claim_id == high.card.claim_id
    assert page.context["next_id"] == low.card.claim_id
    assert text.index(high.card.number) < text.index(low.card.number)
    assert 'data-go="j"' in text
    assert "本案已等待" in text
    second = client.get(reverse("console:case", args=[low.card.claim_id]))
    assert (second.context["previous_id"], second.context["next_id"]) == (high.card.claim_id, None)


def test_what_speaks_against_a_paper_is_marked_at_the_fact():
    [claim] = held(OTHER_SERIAL)
    client, _ = reviewer()
    page = client.get(DESK)
    label = next(one.paper for one in page.context["papers"] if one.paper.kind == "label")
    marked = {fact.name: fact.against for fact in label.facts if fact.against}
    assert {str(name): against for name, against in marked.items()} == {
        "序列号": ("序列号不一致 R319",)
    }
    assert 'class="bad"' in text_of(page)
    clean = client.get(reverse("console:case", args=[held(EARLY_INVOICE)[0].card.claim_id]))
    assert 'class="bad"' not in text_of(clean)
    assert claim.card.stage is ClaimStage.IN_REVIEW


def test_a_claim_stands_beside_the_one_it_collides_with():
    invoice = {"invoice__invoice_number": "26372000000012345678"}
    first, second = held(invoice | EARLY_INVOICE, invoice | EARLY_INVOICE)
    manager = given.staff(Role.MERCHANT_MANAGER, org_id=second.card.merchant_id)
    reviewing.appeal_claim(
        actor=manager, claim_id=second.card.claim_id, note="发票是本店开的", request_id=uuid4()
    )
    client, _ = reviewer()
    page = client.get(reverse("console:case", args=[second.card.claim_id]))
    versus = page.context["versus"]
    same = {str(name) for name, _cells, is_same in versus["rows"] if is_same}
    assert [card.number for card, _same in versus["rivals"]] == [first.card.number]
    assert "发票号码" in same
    assert "序列号" not in same
    assert "发票是本店开的" in text_of(page)


def test_a_verdict_is_given_once_and_the_next_case_opens():
    one, other = held(EARLY_INVOICE | OTHER_SERIAL, EARLY_INVOICE)
    client, _ = reviewer()
    sent = {"request_id": str(uuid4()), "next_id": str(other.card.claim_id)}
    answer, repeat = send(client, one, **sent), send(client, one, **sent)
    onward = reverse("console:case", args=[other.card.claim_id])
    assert answer["Location"] == repeat["Location"] == f"{onward}?done={one.card.claim_id}"
    assert claim_of(one.card.sale_id).card.audit_status is AuditStatus.PASSED
    assert len(claim_of(one.card.sale_id).reviews) == 1
    page = text_of(client.get(answer["Location"]))
    assert one.card.number in page
    assert 'data-state="passed"' in page


@pytest.mark.parametrize(
    ("verdict", "stage"),
    [("pass", ClaimStage.PASSED), ("refuse", ClaimStage.REFUSED), ("correct", ClaimStage.PAPERS)],
)
def test_each_of_the_three_verdicts_does_what_it_says(verdict, stage):
    [claim] = held(EARLY_INVOICE)
    client, _ = reviewer()
    assert send(client, claim, verdict, note="已电话核实情况").status_code == 302
    assert claim_of(claim.card.sale_id).card.stage is stage


def test_a_refused_verdict_stays_on_the_page_with_what_was_typed():
    [claim] = held(EARLY_INVOICE)
    client, _ = reviewer()
    short = send(client, claim, "refuse", note="不")
    wrong = send(client, claim, "refuse", note="与情况不符的申报", reason_code="R401")
    assert (short.status_code, wrong.status_code) == (422, 422)
    assert 'data-code="claims.reason_unknown"' in text_of(wrong)
    assert "与情况不符的申报</textarea>" in text_of(wrong)
    assert 'data-verdict="R" open' in text_of(wrong)
    assert claim_of(claim.card.sale_id).card.stage is ClaimStage.IN_REVIEW


def test_a_case_a_colleague_decided_is_told_so():
    [claim] = held(EARLY_INVOICE)
    first, _ = reviewer()
    second, _ = reviewer()
    assert send(first, claim).status_code == 302
    late = send(second, claim, "refuse", note="晚了一步的结论")
    assert late.status_code == 409
    assert 'data-code="claims.not_waiting_for_review"' in text_of(late)
    assert "可能已由同事处理" in text_of(late)
    assert claim_of(claim.card.sale_id).card.audit_status is AuditStatus.PASSED


def test_an_empty_queue_says_what_will_come():
    client, _ = reviewer()
    assert "没有需要人工复核的申报" in text_of(client.get(DESK))


def test_another_countys_case_is_not_found():
    [claim] = held(EARLY_INVOICE)
    client, _ = reviewer("370000/371500/371521")
    assert client.get(reverse("console:case", args=[claim.card.claim_id])).status_code == 404
    assert send(client, claim).status_code == 404
    assert claim_of(claim.card.sale_id).card.stage is ClaimStage.IN_REVIEW


def test_a_look_at_full_values_needs_a_reason_and_is_recorded():
    till = given_claims.till()
    _, claim = given_claims.decided(till, **EARLY_INVOICE)
    client, actor = reviewer()
    address = reverse("console:reveal", args=[claim.card.person_id])
    page = text_of(client.get(DESK))
    assert address in page
    assert till.document_no not in page
    refused = client.post(address, {"reason": "看"}, headers=HTMX)
    seen = client.post(address, {"reason": "核对发票抬头"}, headers=HTMX)
    looks = AuditEntry.objects.filter(action="identity.revealed")
    assert refused.status_code == 422
    assert till.document_no not in text_of(refused)
    assert till.document_no in text_of(seen)
    assert seen["Cache-Control"] == "no-store"
    assert [(line.actor_id, line.facts["reason"]) for line in looks] == [
        (actor.account_id, "核对发票抬头")
    ]
    assert till.document_no in text_of(client.post(address, {"reason": "核对发票抬头"}))
    operator, _ = visitor(Role.OPERATOR)
    assert operator.post(address, {"reason": "核对发票抬头"}).status_code == 403


def test_only_a_reviewer_sits_at_the_desk():
    [claim] = held(EARLY_INVOICE)
    for role in (Role.FINANCE_OFFICER, Role.OPERATOR, Role.CASHIER):
        client, _ = visitor(role, org_id=claim.card.merchant_id if role == Role.CASHIER else None)
        assert client.get(DESK).status_code == 403
        assert send(client, claim).status_code == 403
    assert claim_of(claim.card.sale_id).card.stage is ClaimStage.IN_REVIEW


def test_the_queue_comes_in_parts_that_the_address_names():
    low, high = held(EARLY_INVOICE, EARLY_INVOICE | OTHER_SERIAL)
    client, _ = reviewer()
    part = reverse("console:queue_part")

    fragment = text_of(client.get(part, {"which": "all", "open": low.card.claim_id}, headers=HTMX))
    whole = text_of(client.get(DESK))
    empty = text_of(client.get(DESK, {"which": "sample"}))

    assert fragment.index(high.card.number) < fragment.index(low.card.number)
    assert 'id="queue"' in fragment
    assert 'hx-trigger="every 20s"' in whole
    assert "队列里还有 2 件" in empty
    onward = send(client, high, which="high", next_id=low.card.claim_id)["Location"]
    assert "which=high" in onward
    with clock.standing_at(SOLD_AT + timedelta(days=3)):
        late = reviewer()[0].get(DESK, {"which": "overdue"})
    assert late.context["card"].claim_id == low.card.claim_id
    assert "已超时" in text_of(late)


def test_a_large_pass_says_that_it_waits_for_another_and_is_offered_to_another():
    given_desk_terms.published(second_from_fen=1)
    [claim] = held(EARLY_INVOICE)
    first, _ = reviewer()
    second, _ = reviewer()
    assert send(first, claim).status_code == 302
    address = reverse("console:case", args=[claim.card.claim_id])

    mine, theirs = text_of(first.get(address)), text_of(second.get(address))

    assert "须由另一人再核一次" in mine
    assert 'data-verdict="A"' not in mine
    assert "由第二人定案" in theirs
    again = send(first, claim)
    assert 'data-code="claims.same_person"' in text_of(again)
    assert send(second, claim).status_code == 302
    assert claim_of(claim.card.sale_id).card.audit_status is AuditStatus.PASSED


def test_each_look_at_a_paper_is_recorded_before_it_is_shown():
    till = given_claims.till()
    _, claim = given_claims.decided(till, **EARLY_INVOICE)
    content = b"\xff\xd8\xff\xe0 an invoice"
    manager = given.staff(Role.MERCHANT_MANAGER, org_id=claim.card.merchant_id)
    sha256 = filestore.file_store().put(content)
    with clock.standing_at(SOLD_AT + timedelta(hours=7)):
        submitting.submit_evidence(
            actor=manager, sale_id=claim.card.sale_id, request_id=uuid4(),
            evidence=[NewEvidence(EvidenceKind.PAYMENT, sha256, {})],
        )  # fmt: skip
    client, actor = reviewer()
    address = reverse("console:file", args=[claim.card.claim_id, sha256])

    assert client.get(address).content == content
    far, _ = reviewer("370000/371500/371521")
    assert far.get(address).status_code == 404

    [look] = AuditEntry.objects.filter(action="claims.paper_seen")
    assert look.actor_id == actor.account_id
    assert look.facts["reason"] == f"复核申报 {claim.card.number}"


def test_what_the_shop_adds_up_to_follows_once_the_case_stands():
    claim, _ = held(EARLY_INVOICE, OTHER_SERIAL)
    client, _ = reviewer()
    part = reverse("console:shop_part", args=[claim.card.claim_id])
    assert f'hx-get="{part}" hx-trigger="load"' in text_of(
        client.get(reverse("console:case", args=[claim.card.claim_id]))
    )
    facts = {fact.name: fact.value for fact in client.get(part).context["shop_facts"]}
    assert (facts["累计申报"], facts["复核中"], facts["未通过"]) == (1, 1, 0)
    stranger, _ = reviewer("370000/371500/371521")
    assert stranger.get(part).status_code == 404


def test_the_desk_asks_as_much_of_two_cases_as_of_four(django_assert_max_num_queries):
    client, _ = reviewer()
    held(EARLY_INVOICE, EARLY_INVOICE)
    client.get(DESK)
    with CaptureQueriesContext(connection) as two:
        client.get(DESK)
    held(EARLY_INVOICE, EARLY_INVOICE)
    with django_assert_max_num_queries(len(two)):
        client.get(DESK)
