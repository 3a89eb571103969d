"""Labelled cases: pictures nearly alike, names and accounts, serials and plates of a model."""

import uuid

from tests.claims.check_cases import Case, Row, due, earlier, of
from tests.claims.check_cases_of_patterns import filed, shares, shop

_OWN = 0x0123_4567_89AB_CDEF
_MODEL, _SHOP_2 = uuid.UUID(int=99), uuid.UUID(int=2)
_DAY = 86_400


def flipped(*bits: int) -> str:
    """The fingerprint of a picture that differs in these of its 64 bits."""
    value = _OWN
    for bit in bits:
        value ^= 1 << bit
    return f"{value:016x}"


def pair(*bits: int, kind: str = "delivery", **first: object) -> list[Row]:
    """The pictures of two claims, so far apart; the first is handed in a month before."""
    early = {"photo_hash": flipped(), "kind": kind, "submitted_epoch": -30 * _DAY, **first}
    return [of("a", **early), of("b", photo_hash=flipped(*bits), kind=kind)]


def guide(to_day: int | None = None) -> Row:
    """The maker's own filing of 5,000.00, a year old."""
    return {**filed(500_000, -400, to_day), "org_id": None}


def _pictures() -> list[Case]:
    two = [earlier("a"), due("b")]
    return [
        Case("the very picture of another sale", "photo_reused", two, ["b"], photos=pair(),
             evidence={"other_count": 1, "least_bits": 0}),
        Case("cropped: three bits in three quarters", "photo_reused", two, ["b"],
             photos=pair(0, 17, 33), evidence={"least_bits": 3}),
        Case("brightened: eight bits, one quarter whole", "photo_reused", two, ["b"],
             photos=pair(0, 1, 2, 17, 18, 33, 34, 35), evidence={"least_bits": 8}),
        Case("nine bits are another picture", "photo_reused", two, [],
             photos=pair(0, 1, 2, 3, 17, 18, 33, 34, 35)),
        Case("four bits, one in each quarter: not found", "photo_reused", two, [],
             photos=pair(0, 17, 33, 49)),
        Case("another shop's picture nearly alike is not looked for", "photo_reused",
             [earlier("a", merchant_id=_SHOP_2), due("b")], [], photos=pair(1)),
        Case("with the highest bit set the number is below zero", "photo_reused", two, ["b"],
             photos=pair(63, 62)),
        Case("nameplates of one model are alike by four bits", "photo_reused",
             [earlier("a", model_id=_MODEL), due("b", model_id=_MODEL)], [],
             photos=pair(0, 1, 2, 17, kind="label")),
        Case("and by three they are one picture", "photo_reused",
             [earlier("a", model_id=_MODEL), due("b", model_id=_MODEL)], ["b"],
             photos=pair(0, 1, 17, kind="label")),
        Case("nameplates of two models by four bits", "photo_reused", two, ["b"],
             photos=pair(0, 1, 2, 17, kind="label")),
        Case("who handed it in first keeps it", "photo_reused", [due("a"), earlier("b")], [],
             photos=pair()),
        Case("unless two others show it", "photo_reused", [due("a"), due("b"), due("c")],
             ["a", "b", "c"], photos=[*pair(), of("c", photo_hash=flipped(5), kind="delivery")]),
        Case("a clerk's slip is no reuse", "photo_reused", two, [],
             photos=pair(submitted_epoch=-7 * _DAY + 1)),
        Case("a week later it is none", "photo_reused", two, ["b"],
             photos=pair(submitted_epoch=-7 * _DAY)),
        Case("another shop's picture of yesterday is no slip", "photo_reused",
             [earlier("a", merchant_id=_SHOP_2), due("b")], ["b"],
             photos=pair(submitted_epoch=-_DAY)),
        Case("both pictures of yesterday's sale are no slip", "photo_reused", two, ["b"],
             photos=[*pair(submitted_epoch=-_DAY), of("a", photo_hash="f" * 15 + "0",
                     submitted_epoch=-_DAY), of("b", photo_hash="f" * 15 + "0")]),
        Case("a picture that was replaced counts no more", "photo_reused", two, [],
             photos=[pair()[0], {**pair()[1], "is_newest": False}]),
        Case("the same photo twice in one claim", "photo_reused", [due("a")], [],
             photos=[of("a", photo_hash=flipped(), kind=kind) for kind in ("label", "delivery")]),
        Case("black pictures show nothing to compare", "photo_reused", two, [],
             photos=[of(k, photo_hash="0" * 16) for k in "ab"]),
        Case("yesterday's picture once more", "photo_slip", two, ["b"],
             photos=pair(submitted_epoch=-_DAY)),
        Case("nearly yesterday's picture is no slip", "photo_slip", two, [],
             photos=pair(1, submitted_epoch=-_DAY)),
        Case("twice the same slip is none", "photo_slip", [earlier("a"), earlier("c"), due("b")],
             [], photos=[*pair(submitted_epoch=-_DAY),
                         of("c", photo_hash=flipped(), kind="delivery", submitted_epoch=-_DAY)]),
        Case("a black picture", "photo_empty", [due("a")], ["a"],
             photos=[of("a", photo_hash="0" * 16)], evidence={"kind": "label"}),
        Case("one bit is a picture", "photo_empty", [due("a")], [],
             photos=[of("a", photo_hash="8" + "0" * 15)]),
    ]  # fmt: skip


def _names() -> list[Case]:
    mine = [due("a", person_pseudonym="P")]
    invoice, payer = {"buyer_pseudonym": "Q"}, {"payer_pseudonym": "Q"}
    receiver = {"receiver_pseudonym": "Q"}
    clean = {"invoices": [of("a", buyer_pseudonym="P")]}
    return [
        Case("invoice and payer are another's", "claimant_not_buyer", mine, ["a"],
             invoices=[of("a", **invoice)], payments=[of("a", **payer)],
             evidence={"buyer_differs": True, "payer_differs": True, "receiver_differs": False}),
        Case("payer and consignee, whoever they say they are", "claimant_not_buyer", mine, ["a"],
             payments=[of("a", payer_relation="子女", **payer)],
             deliveries=[of("a", receiver_relation="子女", **receiver)], **clean),
        Case("one paper of three is for the family to explain", "claimant_not_buyer", mine, [],
             payments=[of("a", **payer)], **clean),
        Case("who pays for a second claimant, too", "claimant_not_buyer",
             [earlier("b", person_pseudonym="R"), *mine], ["a"], payments=[of("a", **payer)],
             ties=[*shares("a", "name", "Q"), *shares("b", "name", "Q")],
             evidence={"name_elsewhere": True}, **clean),
        Case("who pays twice for one person", "claimant_not_buyer",
             [earlier("b", person_pseudonym="P"), *mine], [], payments=[of("a", **payer)],
             ties=[*shares("a", "name", "Q"), *shares("b", "name", "Q")], **clean),
        Case("one purchase in two names", "claimant_not_buyer",
             [*mine, due("b", person_pseudonym="Q")], ["a", "b"], payments=[of("a", **payer)],
             ties=shares("a", "name", "Q"), **clean),
        Case("who pays bought there the day after", "claimant_not_buyer",
             [*mine, due("b", person_pseudonym="Q", sold_epoch=_DAY)], [],
             payments=[of("a", **payer)], ties=shares("a", "name", "Q"), **clean),
        Case("who pays bought elsewhere that day", "claimant_not_buyer",
             [*mine, due("b", person_pseudonym="Q", merchant_id=_SHOP_2)], [],
             payments=[of("a", **payer)], ties=shares("a", "name", "Q"), **clean),
        Case("whose name stands on two others' papers", "claimant_not_buyer",
             [*mine, earlier("b"), earlier("c")], ["a"],
             ties=[*shares("b", "name", "P"), *shares("c", "name", "P")], **clean),
        Case("whose name stands on one other's papers", "claimant_not_buyer",
             [*mine, earlier("b", merchant_id=_SHOP_2)], [], ties=shares("b", "name", "P"),
             **clean),
        Case("all four are one", "claimant_not_buyer", mine, [],
             payments=[of("a", payer_pseudonym="P")],
             deliveries=[of("a", receiver_pseudonym="P")], **clean),
        Case("unknown is not different", "claimant_not_buyer", mine, [], deliveries=[of("a")]),
        Case("the invoice names somebody else", "name_differs", mine, ["a"],
             invoices=[of("a", **invoice)], evidence={"buyer_differs": True}),
        Case("somebody else paid and nobody says who", "name_differs", mine, ["a"],
             payments=[of("a", **payer)], **clean),
        Case("somebody else signed", "name_differs", mine, ["a"],
             deliveries=[of("a", **receiver)], **clean),
        Case("a daughter paid and says so", "name_differs", mine, [],
             payments=[of("a", payer_relation="子女", **payer)], **clean),
        Case("an invoice is not mended by words", "name_differs", mine, ["a"],
             invoices=[of("a", **invoice)],
             payments=[of("a", payer_pseudonym="P", payer_relation="子女")]),
        Case("two differ: not for the merchant", "name_differs", mine, [],
             invoices=[of("a", **invoice)], payments=[of("a", **payer)]),
        Case("declared", "name_declared", mine, ["a"],
             deliveries=[of("a", receiver_relation="配偶", **receiver)],
             evidence={"relation": "配偶"}, **clean),
        Case("nothing to declare", "name_declared", mine, [],
             payments=[of("a", payer_pseudonym="P", payer_relation="配偶")], **clean),
    ]  # fmt: skip


def _accounts() -> list[Case]:
    two = [earlier("a"), due("b")]
    tied = shares("ab", "card")
    three = [due(k) for k in "abc"]
    own = [of(k, card_key="X", payer_pseudonym=f"person-{k}") for k in "abc"]
    return [
        Case("one account under two names", "account_two_names", two, ["b"], ties=tied,
             payments=[of(k, card_key="X", payer_pseudonym=f"payer {k}") for k in "ab"],
             evidence={"other_names": 1}),
        Case("one account under one name", "account_two_names", two, [], ties=tied,
             payments=[of(k, card_key="X", payer_pseudonym="payer") for k in "ab"]),
        Case("a holder that is not known", "account_two_names", two, [], ties=tied,
             payments=[of("a", card_key="X"), of("b", card_key="X", payer_pseudonym="payer")]),
        Case("two accounts", "account_two_names", two, [], ties=[],
             payments=[of(k, card_key=k, payer_pseudonym=f"payer {k}") for k in "ab"]),
        Case("three people whose account is another's", "card_shared", three, ["a", "b", "c"],
             ties=shares("abc", "card"), evidence={"people_count": 3},
             payments=[of(k, card_key="X", payer_pseudonym="boss") for k in "abc"]),
        Case("three whose papers name themselves", "card_shared", three, [],
             ties=shares("abc", "card"), payments=own),
        Case("two whose account is another's", "card_shared", three[:2], [],
             ties=shares("ab", "card"),
             payments=[of(k, card_key="X", payer_pseudonym="boss") for k in "ab"]),
    ]  # fmt: skip


def _ways() -> list[Case]:
    org = {"mart_identity_organisation": [shop()]}
    online = {"channel": "online", "region_path": "370000/371500/371502"}
    away = {"ip_region_code": "440100"}
    near = {"address_lon_e6": 115_980_000, "shipped_epoch": 0}
    return [
        Case("three rights at once, three doors", "device_grab", [due(k) for k in "abc"],
             ["a", "b", "c"],
             ties=[*shares("abc", "device"),
                   *(shares(k, "address", f"door {k}")[0] for k in "abc")],
             evidence={"people_count": 3}),
        Case("three rights at once, two doors: a family's", "device_grab",
             [due(k) for k in "abc"], [],
             ties=[*shares("abc", "device"), *shares("ab", "address"),
                   *shares("c", "address", "Y")]),
        Case("one waybill, addresses unread, places apart", "waybill_reused",
             [earlier("a"), due("b")], ["b"],
             deliveries=[of("a", waybill="W", address_lat_e6=36_000_000, address_lon_e6=0),
                         of("b", waybill="W", address_lat_e6=36_004_501, address_lon_e6=0)]),
        Case("one waybill, one address unread, one place", "waybill_reused",
             [earlier("a"), due("b")], [],
             deliveries=[of("a", waybill="W", address_lat_e6=36_000_000, address_lon_e6=0,
                            address_key="home"),
                         of("b", waybill="W", address_lat_e6=36_004_500, address_lon_e6=0)]),
        Case("one waybill, one telephone", "waybill_reused", [earlier("a"), due("b")], [],
             deliveries=[of(k, waybill="W", receiver_phone_key="T", address_key=k) for k in "ab"]),
        Case("a courier on call within ten kilometres", "sign_off_without_route",
             [due("a", channel="online")], [], facts=org,
             deliveries=[of("a", address_lat_e6=36_540_000, signed_epoch=600, **near)]),
        Case("a step beyond them", "sign_off_without_route",
             [due("a", channel="online")], ["a"], facts=org,
             deliveries=[of("a", address_lat_e6=36_540_001, signed_epoch=1_799, **near)]),
        Case("a courier of nine minutes and 59 seconds", "sign_off_without_route",
             [due("a", channel="online")], ["a"], facts=org,
             deliveries=[of("a", address_lat_e6=36_450_000, signed_epoch=599, **near)]),
        Case("a phone carried home within the city", "photo_elsewhere", [due("a")], [],
             photos=[of("a", photo_hash=flipped(), lat_e6=37_170_000, lon_e6=115_980_000)],
             facts=org),
        Case("a phone in another city", "photo_elsewhere", [due("a")], ["a"],
             photos=[of("a", photo_hash=flipped(), lat_e6=37_170_001, lon_e6=115_980_000)],
             facts=org),
        Case("given back once", "mended_before", [due("a", mend_count=1)], ["a"]),
        Case("never given back", "mended_before", [due("a", mend_count=0)], []),
        Case("by the shop's van before it left", "sign_off_without_route", [due("a")], ["a"],
             deliveries=[of("a", shipped_epoch=0, signed_epoch=-1)], facts=org),
        Case("38 kilometres in ten minutes and a second too few", "sign_off_without_route",
             [due("a")], ["a"], facts=org,
             deliveries=[of("a", address_lat_e6=36_675_000, signed_epoch=599, **near)]),
        Case("in ten minutes a van can do 25 beyond the village", "sign_off_without_route",
             [due("a")], [], facts=org,
             deliveries=[of("a", address_lat_e6=36_675_000, signed_epoch=600, **near)]),
        Case("three rights on one phone, paid over a line elsewhere", "remote_device",
             [due("a", **online), earlier("b"), earlier("c")], ["a"],
             payments=[of("a", **away)], ties=shares("abc", "device"),
             evidence={"people_count": 3}),
        Case("two rights on one phone", "remote_device", [due("a", **online), earlier("b")], [],
             payments=[of("a", **away)], ties=shares("ab", "device")),
        Case("the line is here", "remote_device",
             [due("a", **online), earlier("b"), earlier("c")], [],
             payments=[of("a", ip_region_code="371500")], ties=shares("abc", "device")),
        Case("bought in the shop", "remote_device", [due("a"), earlier("b"), earlier("c")], [],
             payments=[of("a", **away)], ties=shares("abc", "device")),
    ]  # fmt: skip


def _units() -> list[Case]:
    prefixes = "mart_claims_serial_prefix"

    def known(**counts: int) -> list[Row]:
        return [{"model_id": _MODEL, "prefix": p, "unit_count": n} for p, n in counts.items()]

    unit = {"model_id": _MODEL, "serial_norm": "HXB60000001"}
    model = {"category_code": "refrigerator", "energy_grade": 1}
    return [
        Case("nineteen in twenty of the model begin otherwise", "serial_not_of_model",
             [due("a", **unit)], ["a"], facts={prefixes: known(HXA5=19, HXB6=1)},
             evidence={"model_count": 20, "like_count": 1}),
        Case("nineteen units say nothing yet", "serial_not_of_model", [due("a", **unit)], [],
             facts={prefixes: known(HXA5=18, HXB6=1)}),
        Case("two in twenty begin like it", "serial_not_of_model", [due("a", **unit)], [],
             facts={prefixes: known(HXA5=18, HXB6=2)}),
        Case("it begins as most do", "serial_not_of_model", [due("a", **unit)], [],
             facts={prefixes: known(HXA5=1, HXB6=39)}),
        Case("alike by four signs, not by six", "serial_not_of_model", [due("a", **unit)], ["a"],
             facts={prefixes: known(HXB6=20, HXB677=20)}),
        Case("eight signs are no number to tell from", "serial_not_of_model",
             [due("a", model_id=_MODEL, serial_norm="HXB60000")], [],
             facts={prefixes: known(HXA5=20)}),
        Case("the plate's barcode is another's", "label_model_differs",
             [due("a", gtin="6900000000011")], ["a"], labels=[of("a", gtin_read="6900000000028")]),
        Case("the plate's barcode is its own", "label_model_differs",
             [due("a", gtin="6900000000011")], [], labels=[of("a", gtin_read="6900000000011")]),
        Case("another model stands on the plate", "label_model_differs",
             [due("a", gtin="6900000000011")], ["a"],
             models=[of("a", model_code="BCD501WDA", **model)],
             labels=[of("a", model_code="BCD180")], evidence={"model_read": "BCD180"}),
        Case("the plate says more of the model than its filing", "label_model_differs",
             [due("a", gtin="6900000000011")], [],
             models=[of("a", model_code="BCD501", **model)],
             labels=[of("a", model_code="BCD501WDA")]),
        Case("four signs are too few to tell", "label_model_differs",
             [due("a", gtin="6900000000011")], [],
             models=[of("a", model_code="BCD5", **model)], labels=[of("a", model_code="KFR35")]),
        Case("filed for a fiftieth and a fen above the guide price", "filed_price_raised",
             [due("a", model_id=_MODEL, filed_price_fen=510_001, list_price_fen=510_001)], ["a"],
             facts={"mart_catalogue_filed_price": [guide()]},
             evidence={"earlier_filed_fen": 500_000}),
        Case("filed for exactly a fiftieth above it", "filed_price_raised",
             [due("a", model_id=_MODEL, filed_price_fen=510_000, list_price_fen=510_000)], [],
             facts={"mart_catalogue_filed_price": [guide()]}),
        Case("a guide price that was in force last year", "filed_price_raised",
             [due("a", model_id=_MODEL, filed_price_fen=600_000, list_price_fen=600_000)], [],
             facts={"mart_catalogue_filed_price": [guide(-1)]}),
    ]  # fmt: skip


CASES = [*_pictures(), *_names(), *_accounts(), *_ways(), *_units()]
