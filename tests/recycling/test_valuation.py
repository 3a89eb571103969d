"""The published standard values a unit, with a reason for every step."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given as for_all
from hypothesis import strategies as st

from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import NotFound
from huanxin.recycling import _shipped, _standard, models, rules
from huanxin.recycling.errors import CategoryNotTaken, StandardMissing
from huanxin.recycling.selectors import quote_book
from huanxin.recycling.services import preparing, quoting
from huanxin.recycling.types import AgeBand, BrandTier
from huanxin.recycling.types.valuation import UnitAnswers
from tests import given, given_recycling

STANDARD = rules.read_standard(_shipped.standards("valuation")[0].body)


@for_all(
    st.builds(
        UnitAnswers,
        st.sampled_from(sorted(STANDARD.bases)),
        st.sampled_from(AgeBand),
        st.booleans(),
        st.booleans(),
        st.sampled_from(BrandTier),
    )
)
def test_the_voucher_always_beats_the_cash_and_cash_is_whole_yuan(answers: UnitAnswers) -> None:
    value = rules.value_unit(STANDARD, answers, "旧机")

    assert value.voucher_fen > value.cash_fen >= STANDARD.floor_fen
    assert value.cash_fen % 100 == value.voucher_fen % 100 == 0
    assert [reason.code for reason in value.reasons] == [
        "R601", "R602", "R603", "R604", "R605", "R606", "R607",
    ]  # fmt: skip
    assert value.reasons[-1].price_fen == value.voucher_fen


@for_all(
    st.builds(
        UnitAnswers,
        st.sampled_from(sorted(STANDARD.bases)),
        st.just(AgeBand.UNDER_3),
        st.booleans(),
        st.booleans(),
    )
)
def test_an_older_or_worse_unit_is_never_worth_more(base: UnitAnswers) -> None:
    def cash_fen(answers: UnitAnswers) -> int:
        return rules.value_unit(STANDARD, answers, "旧机").cash_fen

    by_age = [cash_fen(replace(base, age_band=age)) for age in AgeBand]
    assert by_age == sorted(by_age, reverse=True)
    assert cash_fen(replace(base, is_working=False)) <= cash_fen(base)
    assert cash_fen(replace(base, is_complete=False)) <= cash_fen(base)


@pytest.mark.django_db
def test_an_eight_year_old_fridge_is_worth_45_yuan_or_a_voucher_of_60_and_the_proof_says_why() -> (
    None
):
    given_recycling.city()
    wang = given.person()

    quote = quoting.quote_old_unit(
        actor=given.consumer(wang), person_id=wang.id, answers=given_recycling.answers()
    )

    assert (quote.cash_fen, quote.voucher_fen) == (4_500, 6_000)
    assert quote.number.startswith("PG260601-1502-")
    assert quote.standard_version == "2026.2"
    assert quote.valid_until == given_recycling.later(7 * 24)
    assert quote.reasons[0].sentence == "冰箱基准价 45.00 元（参考价，待市级公布后调整）"
    assert quote.reasons[-1].sentence == "选焕新券另加 15.00 元，面值 60.00 元"
    assert quote_book.get_quote(quote.quote_id, Scope(person_id=wang.id)) == quote
    with pytest.raises(NotFound):
        quote_book.get_quote(quote.quote_id, Scope(person_id=given.person().id))


@pytest.mark.django_db
def test_a_category_outside_the_standard_gets_no_quote() -> None:
    given_recycling.city()
    wang = given.person()

    with pytest.raises(CategoryNotTaken):
        quoting.quote_old_unit(
            actor=given.consumer(wang),
            person_id=wang.id,
            answers=given_recycling.answers("piano"),
        )

    assert models.Quote.objects.count() == 0


@pytest.mark.django_db
def test_a_published_standard_is_laid_once_and_never_changed() -> None:
    given_recycling.city()

    assert preparing.load_reference(actor=given.system()) == 0
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        models.Standard.objects.update(body={})
    with (
        clock.standing_at(clock.moment(STANDARD.from_on.replace(year=2025))),
        pytest.raises(StandardMissing),
    ):
        _standard.in_force(clock.today())


@pytest.mark.django_db
def test_the_database_refuses_a_voucher_that_is_not_worth_more() -> None:
    given_recycling.city()
    order = given_recycling.booked()
    quote = models.Quote.objects.get(pk=order.units[0].quote_id)
    quote.pk, quote.number, quote.voucher_fen = given_recycling.uuid4(), "PG-X", quote.cash_fen

    with pytest.raises(IntegrityError, match="quote_voucher_beats_cash"), transaction.atomic():
        quote.save(force_insert=True)
