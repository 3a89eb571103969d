"""Labelled cases of the checks on documented patterns: prices, crowds, papers, places, devices."""

import uuid
from datetime import date

from tests.claims.check_cases import Case, Row, due, earlier, of

_DAY = 86_400
_MAY = {"seller_uscc": "U", "invoiced_on": date(2026, 5, 28)}
_SHOP, _SHOP_2, _SHOP_3 = (uuid.UUID(int=n) for n in (1, 2, 3))
_MODEL = uuid.UUID(int=99)
_PHOTO = "0123456789abcdef"


def shares(keys: str, kind: str, thing: str = "X", **facts: object) -> list[Row]:
    """Claims that have a thing in common."""
    return [{"key": key, "kind": kind, "thing": thing, **facts} for key in keys]


def shop(**facts: object) -> Row:
    """The shop of an honest claim, in the middle of the city."""
    return {"org_id": _SHOP, "kind": "retailer", "name": "店", "uscc": "U1", "lat_e6": 36_450_000,
            "lon_e6": 115_980_000, "phone": "", "address": "", **facts}  # fmt: skip


def sold(keys: str, days_ago: int, price_fen: int = 499_900) -> list[Row]:
    """Earlier sales of the model in the same shop."""
    return [
        earlier(key, sold_epoch=-days_ago * _DAY, model_id=_MODEL, list_price_fen=price_fen)
        for key in keys
    ]


def dear(**facts: object) -> Row:
    """Where the subsidy meets its cap: 1,500.00 of 10,000.00."""
    return {"price_fen": 1_000_000, "subsidy_fen": 150_000, "policy_amount_fen": 150_000, **facts}


def filed(price_fen: int, from_day: int, to_day: int | None) -> Row:
    """A filing of the shop in force between two days, counted from the sale's."""
    base = 1_780_000_000
    return {"model_id": _MODEL, "org_id": _SHOP, "price_fen": price_fen,
            "from_epoch": base + from_day * _DAY,
            "to_epoch": None if to_day is None else base + to_day * _DAY}  # fmt: skip


def _prices() -> list[Case]:
    now = due("z", model_id=_MODEL, list_price_fen=549_891)
    edge = due("z", model_id=_MODEL, list_price_fen=549_890)
    return [
        Case("a fen more than a tenth above the median of five", "price_above_median",
             [*sold("abcde", 20), now], ["z"],
             evidence={"median_fen": 499_900, "days": 30, "longest_days": 150}),
        Case("exactly a tenth above", "price_above_median", [*sold("abcde", 20), edge], []),
        Case("four sales are no median", "price_above_median", [*sold("abcd", 20), now], []),
        Case("of an even number the lower middle counts", "price_above_median",
             [*sold("abc", 20), *sold("def", 20, 700_000), now], ["z"]),
        Case("most sold as dear before", "price_above_median",
             [*sold("ab", 20), *sold("cdef", 20, 700_000), now], []),
        Case("dear for a month, cheap for five", "price_above_median",
             [*sold("abcde", 10, 549_891), *sold("fghijk", 120), now], ["z"],
             evidence={"days": 150}),
        Case("cheap only longer ago than 150 days", "price_above_median",
             [*sold("abcde", 151), now], []),
        Case("sold dearer on the same day", "price_above_median", [*sold("abcde", 0), now], []),
        Case("filed for a tenth and a fen more last month", "filed_price_raised",
             [due("a", model_id=_MODEL, filed_price_fen=499_900)], ["a"],
             facts={"mart_catalogue_filed_price": [filed(454_454, -60, -20)]},
             evidence={"earlier_filed_fen": 454_454}),
        Case("filed for exactly a tenth more", "filed_price_raised",
             [due("a", model_id=_MODEL, filed_price_fen=550_000, list_price_fen=550_000)], [],
             facts={"mart_catalogue_filed_price": [filed(500_000, -60, -20)]}),
        Case("raised, but still sold at the old price", "filed_price_raised",
             [due("a", model_id=_MODEL, filed_price_fen=600_000)], [],
             facts={"mart_catalogue_filed_price": [filed(499_900, -60, -20)]}),
        Case("the cheaper filing ended 150 days ago", "filed_price_raised",
             [due("a", model_id=_MODEL, filed_price_fen=600_000, list_price_fen=600_000)], [],
             facts={"mart_catalogue_filed_price": [filed(400_000, -400, -150)]}),
        Case("a filing in force is not an earlier one", "filed_price_raised",
             [due("a", model_id=_MODEL, filed_price_fen=600_000, list_price_fen=600_000)], [],
             facts={"mart_catalogue_filed_price": [filed(400_000, -60, None)]}),
    ]  # fmt: skip


def _crowds() -> list[Case]:
    five = [due(k, sold_epoch=n * 800, **dear()) for n, k in enumerate("abcde")]
    return [
        Case("five at the cap within the hour, far enough apart for no burst", "threshold_sales",
             five, list("abcde"), evidence={"sales_count": 5, "price_fen": 1_000_000}),
        Case("four at the cap", "threshold_sales", five[:4], []),
        Case("five below the cap", "threshold_sales",
             [due(k, sold_epoch=n * 800) for n, k in enumerate("abcde")], []),
        Case("five different amounts", "threshold_sales",
             [due(k, sold_epoch=n, **dear(price_fen=1_000_000 + n)) for n, k in enumerate("abcde")],
             []),
        Case("the fifth a second after the hour", "threshold_sales",
             [*five[:4], due("e", sold_epoch=3_601, **dear())], ["b", "c", "d"]),
        Case("one person buys five", "threshold_sales",
             [{**row, "person_pseudonym": "P"} for row in five], []),
        Case("five consumption vouchers at their threshold", "threshold_sales",
             [due(k, tender_fen=30_000) for k in "abcde"], list("abcde")),
        Case("four rights in ten minutes by one device", "device_grab",
             [*(earlier(k) for k in "abc"), due("d")], ["d"],
             ties=[t for n, k in enumerate("abcd")
                   for t in shares(k, "device", at_epoch=n * 200)],
             evidence={"people_count": 4}),
        Case("the fourth a second later", "device_grab", [*(earlier(k) for k in "abc"), due("d")],
             [], ties=[*shares("abc", "device", at_epoch=-1),
                       *shares("d", "device", at_epoch=600)]),
        Case("a shop's tablet: one person every twenty minutes", "device_grab",
             [due(k) for k in "abcdefgh"], [],
             ties=[t for n, k in enumerate("abcdefgh")
                   for t in shares(k, "device", at_epoch=n * 1_200)]),
        Case("one person's four rights", "device_grab",
             [due(k, person_pseudonym="P") for k in "abcd"], [], ties=shares("abcd", "device")),
        *_shared("card_shared", "card", 4),
        *_shared("phone_shared", "phone", 5),
        *_shared("address_shared", "address", 4),
        Case("four fetch their units at the shop", "address_shared", [due(k) for k in "abcd"], [],
             ties=shares("abcd", "address"), facts={"mart_identity_organisation": [shop()]},
             deliveries=[of(k, address_lat_e6=36_452_000, address_lon_e6=115_982_500)
                         for k in "abcd"]),
        Case("an address a step further away", "address_shared", [due(k) for k in "abcd"],
             list("abcd"),
             ties=shares("abcd", "address"), facts={"mart_identity_organisation": [shop()]},
             deliveries=[of(k, address_lat_e6=36_452_001, address_lon_e6=115_982_500)
                         for k in "abcd"]),
        *_shared("ip_shared", "ip", 5),
        Case("five people, one IP, two shops", "ip_shared",
             [*(due(k) for k in "abc"), *(due(k, merchant_id=_SHOP_2) for k in "de")], [],
             ties=shares("abcde", "ip")),
        Case("a ring of six", "buyer_ring", [due("a")], ["a"],
             facts={"mart_claims_ring": ring(6)}, evidence={"people_count": 6}),
        Case("a family of five", "buyer_ring", [due("a")], [],
             facts={"mart_claims_ring": ring(5)}),
        Case("somebody in no ring", "buyer_ring", [due("z")], [],
             facts={"mart_claims_ring": ring(6)}),
    ]  # fmt: skip


def _shared(check: str, kind: str, people: int) -> list[Case]:
    keys = "abcdefg"[:people]
    return [
        Case(f"{people} people behind one {kind}", check,
             [*(earlier(k) for k in keys[:-1]), due(keys[-1])], [keys[-1]],
             ties=shares(keys, kind), evidence={"people_count": people}),
        Case(f"{people - 1} people", check, [due(k) for k in keys[:-1]], [],
             ties=shares(keys[:-1], kind)),
        Case(f"one person {people} times", check,
             [due(k, person_pseudonym="P") for k in keys], [], ties=shares(keys, kind)),
        Case(f"{people} people behind something else", check, [due(k) for k in keys], [],
             ties=shares(keys, "photo")),
    ]  # fmt: skip


def ring(size: int) -> list[Row]:
    """A ring of so many, person-a among them."""
    return [{"person_pseudonym": f"person-{k}", "ring_id": "person-a"} for k in "abcdefgh"[:size]]


def _shops() -> list[Case]:
    alike = [shop(phone="0635"), shop(org_id=_SHOP_2, phone="0635"),
             shop(org_id=_SHOP_3, phone="0635")]  # fmt: skip
    buyers = [due(k, merchant_id=m) for k, m in zip("abcd", [_SHOP, _SHOP, _SHOP, _SHOP_2],
                                                    strict=True)]  # fmt: skip
    org = "mart_identity_organisation"
    apart = [*alike[:2], shop(org_id=_SHOP_3, phone="0531")]
    same_place = [{**row, "phone": "", "address": "路1号"} for row in alike]
    return [
        Case("three shops, one telephone, one account behind four buyers", "shop_ring", buyers,
             list("abcd"), ties=shares("abcd", "card"), facts={org: alike},
             evidence={"shop_count": 3, "people_count": 4}),
        Case("three shops at one address", "shop_ring", buyers, list("abcd"),
             ties=shares("abcd", "card"), facts={org: same_place}),
        Case("two shops with one telephone", "shop_ring", buyers, [],
             ties=shares("abcd", "card"), facts={org: apart}),
        Case("a chain whose buyers have nothing in common", "shop_ring", buyers, [],
             ties=[t for k in "abcd" for t in shares(k, "card", k)], facts={org: alike}),
        Case("three buyers behind the account", "shop_ring", buyers[1:], [],
             ties=shares("bcd", "card"), facts={org: alike}),
        Case("all four bought in one of the shops", "shop_ring", [due(k) for k in "abcd"], [],
             ties=shares("abcd", "card"), facts={org: alike}),
        Case("three fridges to one address in ten minutes", "split_invoices",
             [due(k, sold_epoch=n * 300) for n, k in enumerate("abc")], ["a", "b", "c"],
             ties=shares("abc", "address"), evidence={"sales_count": 3, "together_fen": 1_481_700}),
        Case("the third a second later", "split_invoices",
             [due(k, sold_epoch=n) for n, k in enumerate("ab")] + [due("c", sold_epoch=602)], [],
             ties=shares("abc", "address")),
        Case("three air conditioners of the three she may have", "split_invoices",
             [due(k, right_limit=3) for k in "abc"], [], ties=shares("abc", "address")),
        Case("a fridge, a washer and a television for a new home", "split_invoices",
             [due("a"), due("b", category_code="washing_machine"),
              due("c", category_code="television")], [], ties=shares("abc", "address")),
        Case("ten invoices in a minute", "invoices_in_a_minute", [due(k) for k in "abcdefghij"],
             list("abcdefghij"),
             invoices=[of(k, **_MAY, invoiced_epoch=30) for k in "abcdefghij"],
             evidence={"invoice_count": 10}),
        Case("nine invoices in a minute", "invoices_in_a_minute", [due(k) for k in "abcdefghi"],
             [], invoices=[of(k, **_MAY, invoiced_epoch=30) for k in "abcdefghi"]),
        Case("the tenth half a minute and a second later", "invoices_in_a_minute",
             [due(k) for k in "abcdefghij"], [],
             invoices=[of(k, **_MAY, invoiced_epoch=40 + 31 * (k == "j"))
                       for k in "abcdefghij"]),
        Case("five entered at once, a day and a second late", "back_filled",
             [due(k, recorded_epoch=86_401) for k in "abcde"], list("abcde"),
             evidence={"sales_count": 5}),
        Case("five entered at once, exactly a day late", "back_filled",
             [due(k, recorded_epoch=86_400) for k in "abcde"], []),
        Case("four entered at once", "back_filled",
             [due(k, recorded_epoch=90_000) for k in "abcd"], []),
        Case("the fifth a quarter of an hour later", "back_filled",
             [due("a", recorded_epoch=90_900),
              *(earlier(k, sold_epoch=0, recorded_epoch=90_000) for k in "bcde")], ["a"]),
        Case("and a second", "back_filled",
             [due("a", recorded_epoch=90_901),
              *(earlier(k, sold_epoch=0, recorded_epoch=90_000) for k in "bcde")], []),
        Case("a late one among nine of today", "back_filled",
             [due("a", recorded_epoch=90_000),
              *(due(k, sold_epoch=90_000, recorded_epoch=90_000) for k in "bcdefghij")], []),
    ]  # fmt: skip


def _papers() -> list[Case]:
    names = {"mart_catalogue_category": [
        {"category_code": "refrigerator", "name": "冰箱"},
        {"category_code": "custom_board", "name": "定制板材"},
    ]}  # fmt: skip
    org = "mart_identity_organisation"
    day = date(2026, 5, 28)
    return [
        Case("the invoice says furniture", "goods_differ", [due("a")], ["a"],
             invoices=[of("a", goods_category="custom_board")], facts=names,
             evidence={"goods_name": "定制板材", "category_name": "冰箱"}),
        Case("the invoice says fridge", "goods_differ", [due("a")], [],
             invoices=[of("a", goods_category="refrigerator")], facts=names),
        Case("nobody knows the word on the invoice", "goods_differ", [due("a")], [],
             invoices=[of("a", goods_category=None)], facts=names),
        Case("another firm's invoice", "seller_differs", [due("a")], ["a"],
             invoices=[of("a", seller_uscc="U2")], facts={org: [shop()]},
             evidence={"shop_uscc": "U1"}),
        Case("the shop's own invoice", "seller_differs", [due("a")], [],
             invoices=[of("a", seller_uscc="U1")], facts={org: [shop()]}),
        Case("no seller could be read", "seller_differs", [due("a")], [],
             invoices=[of("a", seller_uscc=None)], facts={org: [shop()]}),
        Case("invoiced the day before", "invoice_date_differs", [due("a", sold_on=day)], ["a"],
             invoices=[of("a", invoiced_on=date(2026, 5, 27))],
             evidence={"invoiced_on": "2026-05-27", "sold_on": "2026-05-28"}),
        Case("invoiced on the day", "invoice_date_differs", [due("a", sold_on=day)], [],
             invoices=[of("a", invoiced_on=day)]),
        Case("invoiced on the last day of the year", "invoice_date_differs",
             [due("a", sold_on=day)], [], invoices=[of("a", invoiced_on=date(2026, 12, 31))]),
        Case("invoiced on New Year's Day", "invoice_date_differs", [due("a", sold_on=day)], ["a"],
             invoices=[of("a", invoiced_on=date(2027, 1, 1))]),
        Case("a red invoice followed", "invoice_cancelled", [due("a")], ["a"],
             invoices=[of("a", red_on=day)], evidence={"red_on": "2026-05-28"}),
        Case("no red invoice", "invoice_cancelled", [due("a")], [], invoices=[of("a")]),
        Case("a fen came back", "paid_back", [due("a")], ["a"],
             payments=[of("a", refunded_fen=1)], evidence={"refunded_fen": 1, "reduced_fen": 0}),
        Case("as much came back as the price was lowered", "paid_back",
             [due("a", reduced_fen=10_000)], [], payments=[of("a", refunded_fen=10_000)]),
        Case("nothing is known of refunds", "paid_back", [due("a")], [], payments=[of("a")]),
        Case("made two years and a second before", "made_long_ago", [due("a")], ["a"],
             labels=[of("a", produced_epoch=-63_072_001, produced_on=date(2024, 5, 28))],
             evidence={"produced_on": "2024-05-28"}),
        Case("made two years before", "made_long_ago", [due("a")], [],
             labels=[of("a", produced_epoch=-63_072_000)]),
        Case("in use an hour and a second before the sale", "activated_before_sale",
             [due("a")], ["a"], labels=[of("a", activated_epoch=-3_601)],
             evidence={"seconds_before": 3_601}),
        Case("unpacked at the counter", "activated_before_sale", [due("a")], [],
             labels=[of("a", activated_epoch=-3_600)]),
        Case("one unit handed in, two sold", "old_unit_reused",
             [earlier("a", old_unit_order_no="J1"), due("b", old_unit_order_no="J1")], ["b"],
             evidence={"other_count": 1}),
        Case("the first sale came back", "old_unit_reused",
             [earlier("a", old_unit_order_no="J1", is_returned=True),
              due("b", old_unit_order_no="J1")], []),
        Case("nobody handed anything in", "old_unit_reused", [earlier("a"), due("b")], []),
        Case("one waybill, two people", "waybill_reused", [earlier("a"), due("b")], ["b"],
             deliveries=[of("a", waybill="W"), of("b", waybill="W")], evidence={"other_people": 1}),
        Case("one waybill, two things for one person", "waybill_reused",
             [earlier("a", person_pseudonym="P"), due("b", person_pseudonym="P")], [],
             deliveries=[of("a", waybill="W"), of("b", waybill="W")]),
        Case("one waybill, two of a family at one address", "waybill_reused",
             [earlier("a"), due("b")], [],
             deliveries=[of(k, waybill="W", address_key="home") for k in "ab"]),
        Case("one waybill, two addresses", "waybill_reused", [earlier("a"), due("b")], ["b"],
             deliveries=[of(k, waybill="W", address_key=f"home {k}") for k in "ab"]),
        Case("waybills of their own", "waybill_reused", [earlier("a"), due("b")], [],
             deliveries=[of("a", waybill="W"), of("b", waybill="V")]),
    ]  # fmt: skip


def _places() -> list[Case]:
    org = {"mart_identity_organisation": [shop()]}
    away = {"ip_region_code": "440100"}
    far = {"payer_lat_e6": 36_950_001, "payer_lon_e6": 115_980_000}
    return [
        Case("IP and delivery address in another city", "region_conflict", [due("a")], ["a"],
             payments=[of("a", **away)], deliveries=[of("a", address_region_code="440103")],
             facts=org, evidence={"ip_away": 1, "payer_away": 0, "address_away": 1}),
        Case("IP and position elsewhere", "region_conflict", [due("a")], ["a"],
             payments=[of("a", **away, **far)], facts=org),
        Case("only the IP: a phone network's exit", "region_conflict", [due("a")], [],
             payments=[of("a", **away)], deliveries=[of("a", address_region_code="371502")],
             facts=org),
        Case("position on the edge of half a degree", "region_conflict", [due("a")], [],
             payments=[of("a", **away, payer_lat_e6=36_950_000, payer_lon_e6=115_980_000)],
             facts=org),
        Case("paid from a little over twenty kilometres north", "payer_not_in_shop",
             [due("a")], ["a"],
             payments=[of("a", payer_lat_e6=36_630_001, payer_lon_e6=115_980_000)], facts=org),
        Case("paid from twenty kilometres north", "payer_not_in_shop", [due("a")], [],
             payments=[of("a", payer_lat_e6=36_630_000, payer_lon_e6=115_980_000)], facts=org),
        Case("an online order is paid from anywhere", "payer_not_in_shop",
             [due("a", channel="online")], [],
             payments=[of("a", payer_lat_e6=23_100_000, payer_lon_e6=113_200_000)], facts=org),
        Case("a photo from far away", "photo_elsewhere", [due("a")], ["a"],
             photos=[of("a", photo_hash=_PHOTO, lat_e6=36_630_001, lon_e6=115_980_000)], facts=org,
             deliveries=[of("a", address_lat_e6=36_450_000, address_lon_e6=115_980_000)],
             evidence={"photo_count": 1}),
        Case("a photo from twenty kilometres away", "photo_elsewhere", [due("a")], [],
             photos=[of("a", photo_hash=_PHOTO, lat_e6=36_630_000, lon_e6=115_980_000)], facts=org,
             deliveries=[of("a", address_lat_e6=36_450_000, address_lon_e6=115_980_000)]),
        Case("far from the shop, but at her parents' home", "photo_elsewhere", [due("a")], [],
             photos=[of("a", photo_hash=_PHOTO, lat_e6=37_000_000, lon_e6=115_980_000)],
             deliveries=[of("a", address_lat_e6=37_000_000, address_lon_e6=115_980_000)],
             facts=org),
        Case("a photo of a day and a second before", "photo_before_sale", [due("a")], ["a"],
             photos=[of("a", photo_hash=_PHOTO, taken_epoch=-86_401)]),
        Case("a photo of a day before", "photo_before_sale", [due("a")], [],
             photos=[of("a", photo_hash=_PHOTO, taken_epoch=-86_400)]),
    ]  # fmt: skip


def _units_and_parties() -> list[Case]:
    imei, other = "490154203237518", "352099001761481"
    forms = "mart_claims_serial_form"
    many = [{"manufacturer": "甲牌", "form": "SN10", "unit_count": 199}]
    restriction = {"kind": "organisation", "key": str(_SHOP), "from_on": date(2026, 5, 28)}
    on = {"submitted_on": date(2026, 5, 28)}
    return [
        Case("the IMEI was sold before", "imei_reused",
             [earlier("a", imei=imei), due("b", imei=imei)], ["b"],
             evidence={"imei": imei, "other_count": 1}),
        Case("its box shows an IMEI sold before", "imei_reused",
             [earlier("a", imei=imei), due("b", imei=other)], ["b"],
             labels=[of("b", imei_read=imei)]),
        Case("an earlier box showed the IMEI typed now", "imei_reused",
             [earlier("a", imei=other), due("b", imei=imei)], ["b"],
             labels=[of("a", imei_read=imei)]),
        Case("that phone came back", "imei_reused",
             [earlier("a", imei=imei, is_returned=True), due("b", imei=imei)], []),
        Case("two phones, two IMEIs", "imei_reused",
             [earlier("a", imei=imei), due("b", imei=other)], []),
        Case("a form one in 201 units has", "serial_form_unknown", [due("a", serial_form="XX9")],
             ["a"], facts={forms: [{**many[0], "unit_count": 200},
                                   {**many[0], "form": "XX9", "unit_count": 1}]},
             evidence={"form_count": 1, "brand_count": 201}),
        Case("a form one in two hundred has", "serial_form_unknown", [due("a", serial_form="XX9")],
             [], facts={forms: [*many, {**many[0], "form": "XX9", "unit_count": 1}]}),
        Case("a form nobody has", "serial_form_unknown", [due("a", serial_form="XX9")], ["a"],
             facts={forms: [{**many[0], "unit_count": 200}]}, evidence={"form_count": 0}),
        Case("a brand of 199 units is too young to know", "serial_form_unknown",
             [due("a", serial_form="XX9")], [], facts={forms: many}),
        Case("the shop is kept out from today", "party_restricted", [due("a", **on)], ["a"],
             facts={"mart_identity_restriction": [restriction]},
             evidence={"restricted_kind": "organisation"}),
        Case("kept out from tomorrow", "party_restricted", [due("a", **on)], [],
             facts={"mart_identity_restriction": [{**restriction, "from_on": date(2026, 5, 29)}]}),
        Case("let in again from today", "party_restricted", [due("a", **on)], [],
             facts={"mart_identity_restriction": [
                 {**restriction, "from_on": date(2026, 1, 1), "to_on": date(2026, 5, 28)}]}),
        Case("another shop is kept out", "party_restricted", [due("a", **on)], [],
             facts={"mart_identity_restriction": [{**restriction, "key": str(_SHOP_2)}]}),
        Case("the buyer is kept out", "party_restricted",
             [due("a", person_id=uuid.UUID(int=7), **on)], ["a"],
             facts={"mart_identity_restriction": [
                 {**restriction, "kind": "person", "key": str(uuid.UUID(int=7))}]}),
    ]  # fmt: skip


CASES = [
    *_prices(), *_crowds(), *_shops(), *_papers(), *_places(), *_units_and_parties(),
]  # fmt: skip
