"""Labelled cases of every check: what makes it fire, what does not, and the boundary between.

A case is the claims that wait (and earlier ones), what their papers say, and which of the waiting
ones must be found. Whatever a case does not say is an honest claim of its own person and unit.
"""

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Case:
    name: str
    check: str
    claims: list[Row]
    finds: list[str]
    labels: list[Row] = field(default_factory=list)
    invoices: list[Row] = field(default_factory=list)
    deliveries: list[Row] = field(default_factory=list)
    payments: list[Row] = field(default_factory=list)
    photos: list[Row] = field(default_factory=list)
    models: list[Row] = field(default_factory=list)
    ties: list[Row] = field(default_factory=list)  # what a claim shares with others
    facts: dict[str, list[Row]] = field(default_factory=dict)  # rows of further views, whole
    evidence: Row = field(default_factory=dict)  # of the first claim found


def due(key: str, **changes: Any) -> Row:
    """A claim that waits."""
    return {"key": key, "is_due": True, **changes}


def earlier(key: str, **changes: Any) -> Row:
    """A claim that was there before: sold an hour and submitted half an hour earlier."""
    return {"key": key, "is_due": False, "sold_epoch": -3600, "submitted_epoch": -1800, **changes}


def of(key: str, **facts: Any) -> Row:
    """What a paper of a claim says."""
    return {"key": key, **facts}


_SAME = {"serial_norm": "SN1"}
CASES = [
    Case("the same serial was sold before", "serial_reused",
         [earlier("a", **_SAME), due("b", **_SAME)], ["b"],
         evidence={"serial_norm": "SN1", "other_count": 1}),
    Case("the later of two that wait", "serial_reused",
         [due("a", **_SAME), due("b", sold_epoch=1, **_SAME)], ["b"]),
    Case("in the same second the higher number", "serial_reused",
         [due("a", **_SAME), due("b", **_SAME)], ["b"]),
    Case("its label shows a unit sold before", "serial_reused",
         [earlier("a", **_SAME), due("b")], ["b"], labels=[of("b", serial_read="SN1")]),
    Case("an earlier label showed the serial typed now", "serial_reused",
         [earlier("a"), due("b", **_SAME)], ["b"], labels=[of("a", serial_read="SN1")]),
    Case("another brand may use the same serial", "serial_reused",
         [earlier("a", **_SAME), due("b", manufacturer="乙牌", **_SAME)], []),
    Case("the earlier sale came back", "serial_reused",
         [earlier("a", is_returned=True, **_SAME), due("b", **_SAME)], []),
    Case("a serial sold once", "serial_reused", [earlier("a"), due("b")], []),
    Case("one person, one category, limit one, two claims", "right_used_twice",
         [earlier("a", person_pseudonym="P"), due("b", person_pseudonym="P")], ["b"],
         evidence={"earlier_count": 1, "right_limit": 1}),
    Case("the third air conditioner of three is within the limit", "right_used_twice",
         [*(earlier(k, person_pseudonym="P") for k in "ab"),
          due("c", person_pseudonym="P", right_limit=3)], []),
    Case("the fourth of three is not", "right_used_twice",
         [*(earlier(k, person_pseudonym="P") for k in "abc"),
          due("d", person_pseudonym="P", right_limit=3)], ["d"]),
    Case("another category", "right_used_twice",
         [earlier("a", person_pseudonym="P", category_code="television"),
          due("b", person_pseudonym="P")], []),
    Case("another year's programme", "right_used_twice",
         [earlier("a", person_pseudonym="P", programme="appliances-2025"),
          due("b", person_pseudonym="P")], []),
    Case("the first one came back", "right_used_twice",
         [earlier("a", person_pseudonym="P", is_returned=True), due("b", person_pseudonym="P")],
         []),
    Case("handed in by another claim before", "invoice_reused",
         [earlier("a"), due("b")], ["b"],
         invoices=[of("a", invoice_key="I"), of("b", invoice_key="I")]),
    Case("sold earlier but handed in later than a cleared one", "invoice_reused",
         [earlier("a", submitted_epoch=50, is_cleared=True), due("b", sold_epoch=-9999)], ["b"],
         invoices=[of("a", invoice_key="I"), of("b", invoice_key="I")]),
    Case("handed in in the same second: the higher number", "invoice_reused",
         [due("a"), due("b")], ["b"],
         invoices=[of("a", invoice_key="I"), of("b", invoice_key="I")]),
    Case("the other one came back", "invoice_reused",
         [earlier("a", is_returned=True), due("b")], [],
         invoices=[of("a", invoice_key="I"), of("b", invoice_key="I")]),
    Case("two invoices", "invoice_reused", [earlier("a"), due("b")], [],
         invoices=[of("a", invoice_key="I"), of("b", invoice_key="J")]),
    Case("filed under another category", "model_not_eligible", [due("a")], ["a"],
         models=[of("a", category_code="television", energy_grade=1)]),
    Case("filed as grade 2, claimed as 1", "model_not_eligible", [due("a")], ["a"],
         models=[of("a", energy_grade=2)],
         evidence={"energy_grade": 1, "filed_grade": 2}),
    Case("the label shows grade 2", "model_not_eligible", [due("a")], ["a"],
         models=[of("a", energy_grade=1)], labels=[of("a", grade_read=2)],
         evidence={"grade_read": 2}),
    Case("no such model is filed", "model_not_eligible", [due("a")], ["a"]),
    Case("filing, label and claim agree", "model_not_eligible", [due("a")], [],
         models=[of("a", energy_grade=1)], labels=[of("a", grade_read=1)]),
    Case("a phone has no grade anywhere", "model_not_eligible",
         [due("a", category_code="phone", energy_grade=None)], [],
         models=[of("a", category_code="phone", energy_grade=None)]),
    Case("one fen above the rule's amount", "amount_differs",
         [due("a", subsidy_fen=74_086, to_pay_fen=419_814)], ["a"],
         evidence={"subsidy_fen": 74_086, "policy_amount_fen": 74_085}),
    Case("the invoice is one fen too high", "amount_differs", [due("a")], ["a"],
         invoices=[of("a", total_fen=493_901)], evidence={"invoice_total_fen": 493_901}),
    Case("the invoice shows the price without the subsidy", "amount_differs", [due("a")], ["a"],
         invoices=[of("a", total_fen=419_815)]),
    Case("she paid one fen less than the receipt says", "amount_differs", [due("a")], ["a"],
         payments=[of("a", paid_fen=419_814)]),
    Case("everything agrees", "amount_differs", [due("a")], [],
         invoices=[of("a", total_fen=493_900)], payments=[of("a", paid_fen=419_815)]),
    Case("no invoice yet is another check's business", "amount_differs", [due("a")], []),
    Case("one fen above the filed price", "price_above_filed",
         [due("a", filed_price_fen=499_899)], ["a"],
         evidence={"final_price_fen": 499_900, "filed_price_fen": 499_899}),
    Case("exactly the filed price, before the trade-in", "price_above_filed",
         [due("a", filed_price_fen=499_900)], []),
    Case("a discount brings it under", "price_above_filed",
         [due("a", list_price_fen=520_000, discount_fen=20_100, filed_price_fen=499_900)], []),
    Case("no price is filed", "price_above_filed", [due("a", filed_price_fen=None)], []),
    Case("the serial cannot be read", "evidence_missing", [due("a")], ["a"],
         invoices=[of("a")], labels=[of("a", serial_read=None)], deliveries=[of("a")],
         evidence={"no_serial": True, "no_location": False}),
    Case("the photo has no location", "evidence_missing", [due("a")], ["a"],
         invoices=[of("a")], labels=[of("a", label_lat_e6=None)], deliveries=[of("a")],
         evidence={"no_location": True}),
    Case("the picture of the delivery has no location", "evidence_missing", [due("a")], ["a"],
         invoices=[of("a")], labels=[of("a")], deliveries=[of("a", delivery_lat_e6=None)],
         evidence={"no_delivery_place": True, "no_sign_off": False}),
    Case("nobody signed", "evidence_missing", [due("a")], ["a"],
         invoices=[of("a")], labels=[of("a")], deliveries=[of("a", signed_epoch=None)]),
    Case("a phone without activation and IMEI photo", "evidence_missing",
         [due("a", imei="490154203237518", wants_activation=True)], ["a"],
         invoices=[of("a")], labels=[of("a")], deliveries=[of("a")],
         evidence={"no_activation": True, "no_imei": True}),
    Case("a phone does not need what its line does not ask for", "evidence_missing",
         [due("a", wants_delivery=False)], [], invoices=[of("a")], labels=[of("a")]),
    Case("the full set", "evidence_missing", [due("a")], [],
         invoices=[of("a")], labels=[of("a")], deliveries=[of("a")]),
    Case("six within ten minutes", "burst_at_till",
         [due(k, sold_epoch=n * 60) for n, k in enumerate("abcdef")], list("abcdef"),
         evidence={"sales_count": 6}),
    Case("five within ten minutes", "burst_at_till",
         [due(k, sold_epoch=n * 60) for n, k in enumerate("abcde")], []),
    Case("the sixth one second outside the window", "burst_at_till",
         [due(k, sold_epoch=0) for k in "abcde"] + [earlier("f", sold_epoch=301)], []),
    Case("the sixth on the edge of the window", "burst_at_till",
         [due("a")] + [earlier(k, sold_epoch=300) for k in "bcdef"], ["a"]),
    Case("six at two tills", "burst_at_till",
         [due(k, till_id=f"{n % 2}号台") for n, k in enumerate("abcdef")], []),
    Case("six online orders in a minute", "burst_at_till",
         [due(k, channel="online") for k in "abcdef"], []),
    Case("signed for a second too soon", "sign_off_without_route",
         [due("a", channel="online")], ["a"],
         deliveries=[of("a", shipped_epoch=0, signed_epoch=1_799)],
         evidence={"seconds_between": 1_799}),
    Case("signed for before it left", "sign_off_without_route",
         [due("a", channel="online")], ["a"],
         deliveries=[of("a", shipped_epoch=0, signed_epoch=-60)]),
    Case("signed for without one scan on the way", "sign_off_without_route",
         [due("a", channel="online")], ["a"],
         deliveries=[of("a", shipped_epoch=0, signed_epoch=90_000, route_scans=0)]),
    Case("one scan is a route", "sign_off_without_route", [due("a", channel="online")], [],
         deliveries=[of("a", shipped_epoch=0, signed_epoch=90_000, route_scans=1)]),
    Case("half an hour is possible", "sign_off_without_route",
         [due("a", channel="online")], [],
         deliveries=[of("a", shipped_epoch=0, signed_epoch=1_800)]),
    Case("taken home from the shop", "sign_off_without_route", [due("a")], [],
         deliveries=[of("a", shipped_epoch=0, signed_epoch=0)]),
    Case("just past five kilometres north", "location_differs", [due("a")], ["a"],
         deliveries=[of("a", address_lat_e6=36_450_000, delivery_lat_e6=36_495_001,
                        address_lon_e6=0, delivery_lon_e6=0)]),
    Case("five kilometres north", "location_differs", [due("a")], [],
         deliveries=[of("a", address_lat_e6=36_450_000, delivery_lat_e6=36_495_000,
                        address_lon_e6=0, delivery_lon_e6=0)]),
    Case("just past five kilometres west", "location_differs", [due("a")], ["a"],
         deliveries=[of("a", address_lat_e6=0, delivery_lat_e6=0, address_lon_e6=115_980_000,
                        delivery_lon_e6=115_923_999)]),
    Case("no address position is known", "location_differs", [due("a")], [],
         deliveries=[of("a", address_lat_e6=None, delivery_lat_e6=1)]),
    Case("the label shows another serial", "serial_differs", [due("a", **_SAME)], ["a"],
         labels=[of("a", serial_read="SN2")], evidence={"serial_read": "SN2"}),
    Case("the box shows another IMEI", "serial_differs",
         [due("a", imei="490154203237518", **_SAME)], ["a"],
         labels=[of("a", serial_read="SN1", imei_read="352099001761481")]),
    Case("label and till agree", "serial_differs", [due("a", **_SAME)], [],
         labels=[of("a", serial_read="SN1")]),
    Case("an unreadable label is another check's business", "serial_differs", [due("a")], [],
         labels=[of("a", serial_read=None)]),
    Case("entered a second after three days", "late_entry",
         [due("a", recorded_epoch=259_201)], ["a"]),
    Case("entered after exactly three days", "late_entry",
         [due("a", recorded_epoch=259_200)], []),
]  # fmt: skip


def barred(kind: str, key: str, *, from_on: str = "2026-09-01", to_on: str | None = None) -> Row:
    """A line of the violation library."""
    return {"kind": kind, "key": key, "from_on": from_on, "to_on": to_on}


def _library(*rows: Row) -> dict[str, list[Row]]:
    return {"mart_identity_restriction": list(rows)}


_SOLD = {"sold_on": "2026-09-10", "device_key": "甲牌|SN1", "imei": "490154203237518"}
_HOME = of("a", address_lat_e6=36_456_789, address_lon_e6=115_985_012)
CASES += [
    Case("a unit in the library, by its serial", "thing_restricted", [due("a", **_SOLD)], ["a"],
         facts=_library(barred("device", "甲牌|SN1")),
         evidence={"thing": "该台商品", "restriction_count": 1}),
    Case("by its IMEI", "thing_restricted", [due("a", **_SOLD)], ["a"],
         facts=_library(barred("device", "imei:490154203237518"))),
    Case("an address in the library", "thing_restricted", [due("a", **_SOLD)], ["a"],
         deliveries=[_HOME], facts=_library(barred("address", "36456700,115985000"))),
    Case("a door further on", "thing_restricted", [due("a", **_SOLD)], [],
         deliveries=[_HOME], facts=_library(barred("address", "36456800,115985000"))),
    Case("sold on the first day", "thing_restricted", [due("a", **_SOLD)], ["a"],
         facts=_library(barred("device", "甲牌|SN1", from_on="2026-09-10"))),
    Case("sold the day before", "thing_restricted", [due("a", **_SOLD)], [],
         facts=_library(barred("device", "甲牌|SN1", from_on="2026-09-11"))),
    Case("sold on the day it ended", "thing_restricted", [due("a", **_SOLD)], [],
         facts=_library(barred("device", "甲牌|SN1", to_on="2026-09-10"))),
    Case("the same letters of another kind", "thing_restricted", [due("a", **_SOLD)], [],
         facts=_library(barred("person", "甲牌|SN1"))),
]  # fmt: skip
