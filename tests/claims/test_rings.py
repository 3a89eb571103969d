"""Buyers who belong together form a ring; what is public or slight joins nobody."""

import random
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from huanxin.claims import _deriving
from huanxin.claims.models import Evidence, Reading, RingMember, Sale, SerialForm, Tie
from huanxin.claims.services import deriving
from tests import given, given_claims

pytestmark = pytest.mark.django_db


def rings(*ties: tuple[str, str, str]) -> dict[str, str]:
    """Person to ring, from (person, kind, thing)."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE ring_tie (person_pseudonym text, kind text, key text)")
        cursor.executemany("INSERT INTO ring_tie VALUES (%s, %s, %s)", ties)
        _deriving.label(_deriving.Temporary())
        cursor.execute("SELECT person_pseudonym, label FROM ring_label")
        return dict(cursor.fetchall())


def test_one_account_joins_its_two_payers():
    assert rings(("b", "card", "X"), ("a", "card", "X"), ("c", "card", "Y")) == {"a": "a", "b": "a"}


def test_one_weak_thing_joins_nobody_and_two_of_different_kinds_do():
    tablet = [(p, "device", "T") for p in "abc"]
    assert rings(*tablet) == {}


def test_two_weak_things_join():
    tablet = [(p, "device", "T") for p in "abc"]
    assert rings(*tablet, ("a", "address", "H"), ("b", "address", "H")) == {"a": "a", "b": "a"}


def test_two_addresses_are_one_kind():
    assert rings(*((p, "address", h) for p in "ab" for h in "GH")) == {}


@pytest.mark.parametrize("people", [50, 51])
def test_what_more_than_fifty_share_is_public(people):
    names = [f"p{n:02}" for n in range(people)]
    found = rings(*((name, "card", "X") for name in names))

    assert found == (dict.fromkeys(names, "p00") if people == 50 else {})


@pytest.mark.parametrize("people", [10, 11])
def test_an_ip_is_public_from_eleven_people_on(people):
    names = [f"p{n:02}" for n in range(people)]
    found = rings(*((name, "ip", "X") for name in names),
                  *((name, "phone", "shop") for name in names))  # fmt: skip

    assert len(found) == (10 if people == 10 else 0)


def test_a_chain_of_a_thousand_is_one_ring_in_few_rounds(monkeypatch):
    names = [f"p{n:04}" for n in range(1000)]
    random.Random(7).shuffle(names)
    monkeypatch.setattr(_deriving, "_MOST_ROUNDS", 24)  # a round a link would need hundreds

    found = rings(*((p, "card", f"{a}{b}") for a, b in pairwise(names) for p in (a, b)))

    assert found == dict.fromkeys(names, "p0000")


def test_rings_kept_batch_by_batch_are_those_of_the_whole():
    rng = random.Random(20_260_601)
    with transaction.atomic():
        sales = [_bare_sale(f"person-{n % 60:02}") for n in range(80)]
        for _ in range(25):
            batch = rng.sample(sales, rng.randint(1, 8))
            for sale in batch:  # papers handed in again say something else
                _say(
                    sale,
                    card=rng.choice([None, None, *(f"C{n}" for n in range(60))]),
                    address=rng.choice([None, *(f"A{n}" for n in range(12))]),
                    phone=rng.choice([None, *(f"P{n}" for n in range(12))]),
                )
            _deriving.keep_rings(batch)
            kept = _kept()
            assert kept == _anew()
        assert len(set(kept.values())) > 1
        assert len(kept) > 8
        transaction.set_rollback(True)


def test_the_sixth_payer_from_one_account_is_held_for_the_ring():
    receipts = []
    for _ in range(6):
        at = given_claims.till()
        receipts.append(at.sell())
        given_claims.submit(at, receipts[-1], payment__card_no="6222 0000 1111 2222")
        given_claims.decide()

    assert "R329" not in given_claims.reasons(receipts[4].sale_id)
    assert {"R325", "R329"} <= set(given_claims.reasons(receipts[5].sale_id))


def test_a_sale_is_in_its_ring_before_its_papers_are_in():
    at = given_claims.till()
    receipt = at.sell()

    assert deriving.keep_ties(actor=given.system()) == 1
    assert deriving.keep_ties(actor=given.system()) == 0
    assert [tie.kind for tie in Tie.objects.filter(sale_id=receipt.sale_id)] == ["phone"]


def test_no_tie_holds_what_a_person_could_read():
    at = given_claims.till()
    receipt = at.sell()
    plain = {"payment__card_no": "6222000011112222", "delivery__address": "东昌府区某路1号",
             "delivery__receiver_phone": "13800138000", "payment__ip": "10.1.2.3"}  # fmt: skip

    given_claims.submit(at, receipt, **plain)
    given_claims.decide()

    keys = list(Tie.objects.filter(sale_id=receipt.sale_id).values_list("kind", "key"))
    kept = [e.facts for e in Evidence.objects.filter(sale_id=receipt.sale_id)]
    assert {"card", "address", "phone"} <= {kind for kind, _ in keys}
    for words in plain.values():
        assert words not in str(keys)
        assert words not in str(kept)


def test_the_forms_of_serial_numbers_are_counted_once_an_hour():
    given_claims.till().sell()
    given_claims.till().sell()

    assert deriving.keep_serial_forms(actor=given.system()) == 1 + 2 * 3  # and two models' prefixes
    assert deriving.keep_serial_forms(actor=given.system()) == 0
    assert list(SerialForm.objects.values_list("form", "unit_count")) == [("SN12", 2)]


def _bare_sale(person: str) -> UUID:
    """A sale with nothing around it; the transaction is never committed."""
    sale_id, some = uuid4(), uuid4()
    given_facts = {
        "id": sale_id, "number": sale_id.hex[:30], "merchant_id": some, "till_id": "1",
        "merchant_order_no": "", "channel": "shop", "pay_type": "", "old_unit_order_no": "",
        "person_id": some, "person_pseudonym": person, "qualification_id": some,
        "model_id": some, "gtin": "1", "category_code": "x", "manufacturer": "x", "serial": "x",
        "serial_norm": "x", "list_price_fen": 2, "discount_fen": 0, "trade_in_fen": 0,
        "consumption_fen": 0, "tender_fen": 0, "discount_count": 0, "price_fen": 2,
        "subsidy_fen": 1, "to_pay_fen": 1, "policy_amount_fen": 1, "right_limit": 1,
        "programme": "x", "version_hash": "x", "line_id": "x", "decision": "{}",
        "region_path": "x", "sold_at": "2026-06-01T00:00Z", "sold_on": "2026-06-01",
        "sold_epoch": 1_780_000_000, "recorded_at": "2026-06-01T00:00Z", "account_id": some,
    }  # fmt: skip
    for field in Sale._meta.concrete_fields:
        if field.column not in given_facts and field.has_default():
            given_facts[field.column] = field.get_default()
    with connection.cursor() as cursor:
        marks = ", ".join(["%s"] * len(given_facts))
        cursor.execute(
            f"INSERT INTO claims_sale ({', '.join(given_facts)}) VALUES ({marks})",
            list(given_facts.values()),
        )
    Reading.objects.create(sale_id=sale_id)
    return sale_id


def _say(sale_id: UUID, **keys: str | None) -> None:
    Reading.objects.filter(sale_id=sale_id).update(
        card_key=keys["card"], address_key=keys["address"], receiver_phone_key=keys["phone"]
    )


def _kept() -> dict[str, str]:
    return dict(RingMember.objects.values_list("person_pseudonym", "ring_id"))


def _anew() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ring_tie")
        cursor.execute(
            "INSERT INTO ring_tie (person_pseudonym, kind, key)"
            " SELECT person_pseudonym, kind, key FROM mart_claims_tie"
        )
        _deriving.label(_deriving.Temporary())
        cursor.execute("SELECT person_pseudonym, label FROM ring_label")
        return dict(cursor.fetchall())
