"""Every check fires where it must, and only there; all are written in the portable subset."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlglot
from django.db import connection
from sqlglot import exp

from huanxin.claims import _checking, _deriving, rules
from huanxin.claims.types import Outcome
from huanxin.kernel.sqlfiles import read_sql
from tests.claims.check_cases import CASES as FIRST
from tests.claims.check_cases import Case
from tests.claims.check_cases_of_likeness import CASES as ALIKE
from tests.claims.check_cases_of_patterns import CASES as LATER

CASES = [*FIRST, *LATER, *ALIKE]
BASE_EPOCH = 1_780_000_000
_RELATIONS = {
    "mart_claims_label": "labels",
    "mart_claims_invoice": "invoices",
    "mart_claims_delivery": "deliveries",
    "mart_claims_payment": "payments",
    "mart_claims_photo": "photos",
    "mart_catalogue_model": "models",
}
_FACTS = (
    "mart_claims_ring", "mart_claims_serial_form", "mart_claims_serial_prefix",
    "mart_catalogue_filed_price", "mart_catalogue_category",
    "mart_identity_organisation", "mart_identity_restriction",
)  # fmt: skip
_HONEST: dict[str, dict[str, Any]] = {
    "claim": {
        "programme": "appliances-2026", "category_code": "refrigerator", "energy_grade": 1,
        "merchant_id": uuid.UUID(int=1), "till_id": "1号台", "channel": "shop",
        "manufacturer": "甲牌", "list_price_fen": 499_900, "discount_fen": 0,
        "trade_in_fen": 6_000, "price_fen": 493_900, "subsidy_fen": 74_085,
        "policy_amount_fen": 74_085, "to_pay_fen": 419_815, "tender_fen": 0, "right_limit": 1,
        "reduced_fen": 0, "consumption_fen": 0, "gtin": "6900000000011",
        "right_worth_fen": 150_000, "serial_form": "SN10",
        "old_unit_order_no": "", "mend_count": 0,
        "region_path": "370000/371500/371502", "verify_status": "waiting",
        "audit_status": "none", "is_returned": False, "is_cleared": False,
        "is_released": False, "is_closed": False, "wants_invoice": True, "wants_label": True,
        "wants_delivery": True, "wants_activation": False,
    },
    "mart_claims_label": {"serial_read": "SN", "label_lat_e6": 1, "label_lon_e6": 1},
    "mart_claims_invoice": {
        "invoice_key": "K", "invoice_number": "K", "total_fen": 493_900, "buyer_pseudonym": "B",
    },
    "mart_claims_delivery": {"shipped_epoch": 0, "signed_epoch": 7_200, "delivery_lat_e6": 1},
    "mart_claims_payment": {"paid_fen": 419_815},
    "mart_claims_photo": {"kind": "label", "is_newest": True, "submitted_epoch": 0},
    "mart_catalogue_model": {"category_code": "refrigerator", "energy_grade": 1},
}  # fmt: skip
CHECKS = {check.name: check for check in _checking.checks()}
DERIVED = {name: read_sql(_deriving.FOLDER, name).text for name in _deriving.ABOUT_DUE}
WAITING = {"claim_due", *DERIVED}


def key_id(key: str, space: int) -> uuid.UUID:
    return uuid.UUID(int=space << 32 | int.from_bytes(key.encode(), "big"))


def claim_row(row: dict[str, Any]) -> dict[str, Any]:
    key = row["key"]
    own = {
        "claim_id": key_id(key, 1), "sale_id": key_id(key, 2), "model_id": key_id(key, 3),
        "number": f"XS-{key}", "person_pseudonym": f"person-{key}", "serial_norm": f"serial-{key}",
        "person_id": key_id(key, 4),
    }  # fmt: skip
    epochs = {"sold_epoch": 0, "submitted_epoch": 0}
    changes = {k: v for k, v in row.items() if k not in {"key", "is_due"}}
    found = {**_HONEST["claim"], **own, **epochs, **changes}
    found.setdefault("recorded_epoch", found["sold_epoch"])
    for name in ("sold_epoch", "submitted_epoch", "recorded_epoch"):
        found[name] += BASE_EPOCH
    found.setdefault("right_issued_epoch", found["sold_epoch"])
    found.setdefault("sold_on", business_day(found["sold_epoch"]))
    found.setdefault("submitted_on", business_day(found["submitted_epoch"]))
    return found


def parts(photo_hash: str) -> dict[str, Any]:
    """What the view makes of a fingerprint: its quarters and its number with a sign."""
    bits = int(photo_hash, 16)
    quarters = {f"part_{n + 1}": photo_hash[4 * n : 4 * n + 4] for n in range(4)}
    return {**quarters, "photo_bits": bits - (1 << 64) if bits >> 63 else bits}


def business_day(epoch: int) -> Any:
    return (datetime.fromtimestamp(epoch, UTC) + timedelta(hours=8)).date()


def insert(table: str, rows: list[dict[str, Any]]) -> None:
    with connection.cursor() as cursor:
        for row in rows:
            names = ", ".join(row)
            marks = ", ".join(["%s"] * len(row))
            cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))


def on_paper(relation: str, paper: dict[str, Any], shops: dict[str, Any]) -> dict[str, Any]:
    """What a paper says: an honest one's facts, changed as the case says."""
    facts = {k: v for k, v in {**_HONEST[relation], **paper}.items() if k != "key"}
    if "photo_hash" in facts:
        facts |= parts(facts["photo_hash"]) | {"merchant_id": shops[paper["key"]]}
    return {
        k: v + BASE_EPOCH if k.endswith("_epoch") and v is not None else v for k, v in facts.items()
    }


def derived_for(check: str) -> dict[str, str]:
    """What is laid of the waiting claims before this check asks."""
    return {name: query for name, query in DERIVED.items() if name in CHECKS[check].text}


def lay(case: Case) -> None:
    """Temporary tables under the names of the views that the check reads stand in front of them."""
    read = "".join([CHECKS[case.check].text, *derived_for(case.check).values()])
    every = ("mart_claims_claim", "mart_claims_sale", "mart_claims_tie", *_RELATIONS, *_FACTS)
    relations = [name for name in every if re.search(rf"\b{name}\b", read)]
    with connection.cursor() as cursor:
        for name in relations:
            cursor.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM public.{name} WITH NO DATA")
        cursor.execute(
            "CREATE TEMP TABLE claim_due AS SELECT * FROM mart_claims_claim WITH NO DATA"
        )
        cursor.execute("SELECT * FROM public.mart_claims_sale WHERE false")
        sale_columns = {column.name for column in cursor.description}
    rows = [claim_row(row) for row in case.claims]
    shops = {given["key"]: row["merchant_id"] for given, row in zip(case.claims, rows, strict=True)}
    if "mart_claims_claim" in relations:
        insert("mart_claims_claim", rows)
    if "mart_claims_sale" in relations:
        insert(
            "mart_claims_sale",
            [{k: v for k, v in row.items() if k in sale_columns} for row in rows],
        )
    waiting = [row for row, given in zip(rows, case.claims, strict=True) if given["is_due"]]
    insert("claim_due", waiting)
    for relation, attribute in _RELATIONS.items():
        by = ("model_id", 3) if relation == "mart_catalogue_model" else ("sale_id", 2)
        for paper in getattr(case, attribute) if relation in relations else ():
            own = {by[0]: key_id(paper["key"], by[1])}
            insert(relation, [{**own, **on_paper(relation, paper, shops)}])
    claims = {given["key"]: row for given, row in zip(case.claims, rows, strict=True)}
    for tie in case.ties:
        row = claims[tie["key"]]
        own = {name: row[name] for name in ("sale_id", "person_pseudonym", "merchant_id")}
        insert("mart_claims_tie", [
            {**own, "kind": tie["kind"], "key": tie["thing"],
             "at_epoch": tie.get("at_epoch", 0) + BASE_EPOCH},
        ])  # fmt: skip
    for relation, facts in case.facts.items():
        insert(relation, facts)


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=[f"{c.check}: {c.name}" for c in CASES])
def test_a_check_finds_what_it_must_and_nothing_else(case):
    lay(case)
    for name, query in derived_for(case.check).items():
        _deriving.Temporary().lay(name, query)

    found = _checking.run_one(CHECKS[case.check])

    by_id = {one.claim_id: one for one in found}
    for one in found:
        words = rules.reason(one.reason_code, one.evidence)
        assert "{" not in words.say, words.say
        assert words.say.endswith("。")
        assert words.do.endswith("。")
    assert len(by_id) == len(found), "one row a claim"
    assert set(by_id) == {key_id(key, 1) for key in case.finds}
    if case.evidence:
        evidence = by_id[key_id(case.finds[0], 1)].evidence
        assert {key: evidence[key] for key in case.evidence} == case.evidence


def test_every_check_has_cases_that_fire_and_cases_that_do_not():
    for name in CHECKS:
        cases = [case for case in CASES if case.check == name]
        assert any(case.finds for case in cases), name
        assert any(not case.finds for case in cases), name


def test_every_check_has_a_reason_of_its_own_in_the_table():
    codes = [check.header["reason"] for check in CHECKS.values()]
    table = {code: row for code, row in rules.reasons().items() if row.kind == "check"}

    assert sorted(codes) == sorted(table)
    for check in CHECKS.values():
        assert table[check.header["reason"]].title == check.header["title"]


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_check_says_who_it_is_and_what_it_asks_for(check):
    assert check.header["id"] == check.name
    assert Outcome(check.header["outcome"]) in set(Outcome)
    assert check.header["pattern"].startswith(("C2 ", "C3-", "C4 ", "B"))
    assert int(check.header["weight"]) > 0


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_check_is_written_in_the_portable_subset(check):
    [tree] = sqlglot.parse(check.text, read="postgres")
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    tables = {table.name for table in tree.find_all(exp.Table)} - ctes

    assert tables & WAITING
    assert all(name in WAITING or name.startswith("mart_") for name in tables), tables
    assert tree.named_selects[0] == "claim_id"
    assert not list(tree.find_all(exp.Div)), "integer division differs between engines"
    assert not list(tree.find_all(exp.Lateral, exp.PercentileCont, exp.JSONExtract, exp.Star)) or (
        all(isinstance(star.parent, exp.Count) for star in tree.find_all(exp.Star))
    )
    for total in tree.find_all(exp.Sum, exp.Count):
        in_having = total.find_ancestor(exp.Having) is not None
        whole = total.parent if isinstance(total.parent, exp.Window) else total
        assert in_having or isinstance(whole.parent, exp.Cast), f"cast {total.sql()} to bigint"


@pytest.mark.parametrize("dialect", ["duckdb", "spark"])
@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_check_translates_to_the_other_engines_without_a_warning(check, dialect, caplog):
    [text] = sqlglot.transpile(
        check.text, read="postgres", write=dialect, unsupported_level=sqlglot.ErrorLevel.RAISE
    )

    assert any(name in text for name in WAITING)
    assert not caplog.records
