"""The standard is published by two people, scrap prices by one, and old quotes keep theirs."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.kernel.errors import NotAllowed
from huanxin.recycling import models
from huanxin.recycling.errors import (
    AnswerUnknown,
    NeedsAnotherPerson,
    ProposalDecided,
    ScrapPriceRefused,
    StandardInvalid,
    StandardNotNew,
)
from huanxin.recycling.selectors import quote_book
from huanxin.recycling.services import publishing, quoting
from huanxin.recycling.types import ProposalState
from huanxin.recycling.types.valuation import NewScrapPrice, StandardProposalCard, ValuationQuote
from tests import given, given_recycling

pytestmark = pytest.mark.django_db
FROM = given_recycling.DAY


def _officer() -> given.Actor:
    return given.staff(Role.POLICY_OFFICER)


def _text(*, version: str = "2026.9", fridge: int = 60, on: object = FROM) -> str:
    text = quote_book.standard_text("2026.2")
    text = text.replace("version: '2026.2'", f"version: '{version}'")
    text = text.replace("from: '2026-04-01'", f"from: '{on}'")
    return text.replace("refrigerator:\n    yuan: 45", f"refrigerator:\n    yuan: {fridge}")


def _proposed(officer: given.Actor, text: str | None = None) -> StandardProposalCard:
    given_recycling.city()
    return publishing.propose_standard(
        actor=officer, text=text or _text(), reason="金属价上涨", request_id=uuid4()
    )


def _fridge() -> ValuationQuote:
    who = given.person()
    return quoting.quote_old_unit(
        actor=given.consumer(who), person_id=who.id, answers=given_recycling.answers()
    )


def test_a_version_takes_effect_by_two_people_and_old_quotes_keep_theirs() -> None:
    first, second = _officer(), _officer()
    proposal = _proposed(first)
    before = _fridge()

    with pytest.raises(NeedsAnotherPerson):
        publishing.decide_standard(actor=first, proposal_id=proposal.id, is_approved=True, note="")
    assert not models.Standard.objects.filter(pk="2026.9").exists()
    done = publishing.decide_standard(
        actor=second, proposal_id=proposal.id, is_approved=True, note="同意"
    )
    with clock.standing_at(clock.moment(FROM, 9)):
        after = _fridge()

    assert done.state == ProposalState.APPROVED
    assert (before.cash_fen, before.standard_version) == (4_500, "2026.2")
    assert (after.cash_fen, after.standard_version) == (6_000, "2026.9")
    kept = quote_book.get_quote(before.quote_id, given.system().scope)
    assert kept == before
    with pytest.raises(ProposalDecided):
        publishing.decide_standard(
            actor=_officer(), proposal_id=proposal.id, is_approved=False, note=""
        )


def test_the_table_too_asks_for_two_people() -> None:
    officer = _officer()
    proposal = _proposed(officer)
    row = models.StandardProposal.objects.get(pk=proposal.id)
    row.state, row.decided_by_id, row.decided_at = "approved", officer.account_id, clock.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
    twin = models.Standard.objects.get(pk="2026.2")
    twin.version, twin.digest = "x", "y"
    twin.proposed_by_id = twin.approved_by_id = officer.account_id
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)


@pytest.mark.parametrize("text", ["", "- 1", "version: [", "a: 1", "version: 1\nfrom: x"])
def test_what_is_no_standard_is_refused(text: str) -> None:
    given_recycling.city()
    with pytest.raises(StandardInvalid):
        publishing.propose_standard(
            actor=_officer(), text=text or " ", reason="x", request_id=uuid4()
        )
    assert not models.StandardProposal.objects.exists()


def test_prices_out_of_bounds_and_days_gone_by_are_refused() -> None:
    given_recycling.city()
    for text, refusal in (
        (_text(fridge=0), StandardInvalid),
        (_text(fridge=2_000_000), StandardInvalid),
        (_text(version="2026.2"), StandardNotNew),
        (_text(on="2026-06-01"), StandardNotNew),
    ):
        with pytest.raises(refusal):
            publishing.propose_standard(actor=_officer(), text=text, reason="x", request_id=uuid4())
    assert not models.StandardProposal.objects.exists()
    with pytest.raises(NotAllowed):
        publishing.propose_standard(
            actor=given.consumer(), text=_text(), reason="x", request_id=uuid4()
        )


def _price(yuan: int, *, days: int = 0, source: str = "市商务局行情（测试）") -> NewScrapPrice:
    on = clock.today() + timedelta(days=days)
    return NewScrapPrice("scrap_steel", on, yuan * 100, source)


def test_the_price_of_the_day_moves_the_quote_and_is_named_in_it() -> None:
    given_recycling.city()
    plain = _fridge()
    assert publishing.publish_scrap_prices(actor=_officer(), prices=[_price(2_760)]) == 1
    assert publishing.publish_scrap_prices(actor=_officer(), prices=[_price(2_760)]) == 0

    moved = _fridge()

    assert "没有公布行情" in plain.reasons[1].sentence
    # 20 % above the reference of 2,300, on 60 % of the base: 12 % more of 45.00
    assert moved.reasons[1].sentence == (
        "废钢 6月1日 2760 元/吨（市商务局行情（测试）），参考价 2300 元/吨，占 60%，按 112% 计"
    )
    assert (plain.cash_fen, moved.cash_fen) == (4_500, 5_000)
    with clock.standing_at(clock.moment(clock.today() + timedelta(days=60))):
        assert "已 60 天未更新" in _fridge().reasons[1].sentence


def test_a_published_price_is_not_changed_and_a_slip_of_the_pen_is_refused() -> None:
    given_recycling.city()
    publishing.publish_scrap_prices(actor=_officer(), prices=[_price(2_400)])
    for bad in (
        _price(2_500), _price(2_400, days=-1), _price(24_000, days=1), _price(24, days=1),
        _price(2_400, days=1, source=" "),
        NewScrapPrice("gold", clock.today(), 1, "x"),
    ):  # fmt: skip
        with pytest.raises(ScrapPriceRefused):
            publishing.publish_scrap_prices(actor=_officer(), prices=[bad])
    assert [row.fen_per_tonne for row in quote_book.list_scrap_prices()] == [240_000]


def test_a_phone_is_asked_its_fuller_list_and_an_unknown_answer_is_refused() -> None:
    given_recycling.city()
    guide = quote_book.find_guide("phone")
    assert guide is not None
    assert [q.id for q in guide.questions] == [
        "storage", "channel", "body", "screen", "display", "repair", "account", "functions",
        "battery",
    ]  # fmt: skip
    said = given_recycling.answers("phone")
    cracked = given_recycling.replace(said, details=(("screen", "cracked"),))

    whole, broken = quote_book.value_old_unit(said), quote_book.value_old_unit(cracked)

    assert (whole.cash_fen, broken.cash_fen) == (12_000, 4_800)
    asked = [r.sentence for r in broken.reasons if r.code in {"R610", "R611"}]
    assert asked == ["屏幕外观：碎裂，按 40% 计", "8 问未填，按常见情况，上门核验，按 100% 计"]
    for bad in ({"details": (("screen", "?"),)}, {"details": (("x", "y"),)}, {"variant": "z"}):
        with pytest.raises(AnswerUnknown):
            quote_book.value_old_unit(given_recycling.replace(said, **bad))
