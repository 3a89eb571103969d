"""A made-up city's claims as marts in Parquet: mostly honest, with rings and every kind of fraud.

Everything follows from a claim's number by hashes, so any size is made by one pass of SQL and a
larger one is a longer one: every million claims are a city of their own with its own shops.
"""

from pathlib import Path

import duckdb

from huanxin.claims import _bulk

CITY = 1_000_000
_START = 1_767_225_600  # 2026-01-01
_ID = "printf('%08x-0000-7000-8000-%012x', {kind}, {number})"


def lay(
    folder: Path,
    claims: int,
    *,
    seed: int = 1,
    shops_per_city: int = 1_000,
    frauds: int = 25,
    rings: int = 5,
) -> None:
    """Write the marts of so many claims below the folder, by city and month.

    `frauds` are per thousand claims, `rings` per thousand blocks of 24 neighbouring claims.
    """
    with duckdb.connect() as engine:
        engine.execute("SET threads = 2")
        engine.execute("SET memory_limit = '6GB'")
        engine.execute("SET preserve_insertion_order = false")
        for city in range(-(-claims // CITY)):
            size = min(CITY, claims - city * CITY)
            shops = max(3, shops_per_city * size // CITY)
            drawn = _DRAWN.format(size=size, first=city * CITY, shops=shops, start=_START,
                                  frauds=frauds, rings=rings)  # fmt: skip
            engine.execute(f"SET VARIABLE seed = {seed * 1000 + city}")
            engine.execute(drawn)
            _lay_city(engine, folder, city, shops)


def _lay_city(engine: duckdb.DuckDBPyConnection, folder: Path, city: int, shops: int) -> None:
    code = 371_500 + city * 100
    for name, query in _MARTS.items():
        text = query.format(
            code=code, city=city, shops=shops, start=_START,
            claim=_ID.format(kind=1, number="i"), sale=_ID.format(kind=2, number="i"),
            shop=_ID.format(kind=3, number=f"{city} * 100000 + shop"),
            model=_ID.format(kind=4, number="model"), person_id=_ID.format(kind=5, number="person"),
        )  # fmt: skip
        engine.execute(f"CREATE OR REPLACE TEMP TABLE mart AS {text}")
        _write(engine, folder, name, code)
        if name == "mart_claims_claim":
            engine.execute("CREATE OR REPLACE TEMP TABLE laid AS FROM mart")


def _write(engine: duckdb.DuckDBPyConnection, folder: Path, name: str, code: int) -> None:
    schemas = folder / _bulk.SCHEMAS
    schemas.mkdir(parents=True, exist_ok=True)
    columns = {row[0] for row in engine.execute("DESCRIBE mart").fetchall()}
    rest = "* EXCLUDE (month)" if "month" in columns else "*"
    engine.execute(
        f"COPY (SELECT {rest} FROM mart LIMIT 0) TO '{schemas}/{name}.parquet' (FORMAT parquet)"
    )
    place = folder / name / f"city={code}"
    place.mkdir(parents=True, exist_ok=True)
    if "month" in columns:
        engine.execute(
            f"COPY mart TO '{place}' (FORMAT parquet, PARTITION_BY (month), OVERWRITE_OR_IGNORE)"
        )
    else:
        engine.execute(f"COPY mart TO '{place}/all.parquet' (FORMAT parquet)")


# One row a claim: who, where, what, and which fraud if any. Blocks of 24 neighbours are now and
# then a ring: one till, one afternoon, one account, one device.
_DRAWN = """
CREATE OR REPLACE TEMP TABLE drawn AS
WITH numbered AS (
    SELECT {first} + n AS i, n, n // 24 AS block,
           hash(n // 24, getvariable('seed'), 'ring') % 1000 < {rings} AS is_ring,
           CASE WHEN hash(n, getvariable('seed'), 'fraud') % 1000 < {frauds}
                THEN CAST(1 + hash(n, getvariable('seed'), 'kind') % 29 AS INTEGER) ELSE 0 END
               AS fraud
    FROM range({size}) t(n)
), placed AS (
    SELECT *, n * 10 // 14 AS buyer,
           CAST(floor({shops} * power((hash(CASE WHEN is_ring THEN block ELSE n END,
                getvariable('seed'), 'shop') % 100000) / 100000.0, 2)) AS BIGINT) AS shop,
           CAST(CASE WHEN is_ring THEN hash(block, getvariable('seed'), 'day') % 300
                     ELSE hash(n, getvariable('seed'), 'day') % 300 END AS BIGINT) AS day,
           CAST(CASE WHEN is_ring THEN block % 12 ELSE (n * 10 // 14 * 7 + n) % 12 END AS BIGINT)
               AS category,
           CAST(hash(n, getvariable('seed'), 'minute') % 780 AS BIGINT) AS minute,
           CASE WHEN is_ring THEN block % 2 = 1
                ELSE hash(n, getvariable('seed'), 'online') % 100 < 22 END AS is_online
    FROM numbered
)
SELECT i, n, block, is_ring, fraud, category, is_online,
       CASE WHEN is_ring AND block % 3 = 0 AND shop % 50 < 3 THEN shop + n % 2 ELSE shop END
           AS shop,
       {first} + buyer AS person, {first} + buyer // 2 AS household,
       CASE WHEN is_ring THEN 40 * category + 1
            ELSE category * 40 + CAST(hash(n, getvariable('seed'), 'model') % 40 AS BIGINT)
       END AS model,
       CAST({start} + day * 86400 + 3600 + CASE WHEN is_ring THEN 36000 + n % 24 * 100
            ELSE minute * 60 + CAST(hash(n, 'second') % 60 AS BIGINT) END AS BIGINT) AS sold_epoch,
       CAST(hash(n, getvariable('seed'), 'till') % 3 AS BIGINT) AS till,
       CAST(hash(n, getvariable('seed'), 'discount') % 100 AS BIGINT) AS luck
FROM placed
"""
_MONTH = "strftime(make_timestamp(sold_epoch * 1000000), '%Y-%m') AS month"
_MARTS = {
    "mart_claims_claim": f"""
WITH priced AS (
    SELECT *, CASE WHEN is_ring THEN CAST(1000000 AS BIGINT)
                   ELSE CAST(150000 + hash(model, 'price') % 850 * 1000 AS BIGINT) END AS filed
    FROM drawn
), paid AS (
    SELECT *, CASE WHEN fraud = 1 THEN filed * 125 // 100 ELSE filed END AS listed,
           CASE WHEN is_ring THEN 0 WHEN luck < 9 THEN filed * 15 // 100
                WHEN luck < 35 THEN filed * (luck % 8) // 100 ELSE 0 END AS off
    FROM priced
), subsidised AS (
    SELECT *, least((listed - off) * 15 // 100, 150000) AS amount FROM paid
)
SELECT {{claim}} AS claim_id, {{sale}} AS sale_id, printf('XS-{{code}}-%09d', i) AS number,
       'appliances-2026' AS programme, printf('c%02d', category) AS category_code,
       CAST(1 AS INTEGER) AS energy_grade, {{shop}} AS merchant_id,
       CAST(CASE WHEN is_ring THEN 0 ELSE till END AS VARCHAR) AS till_id,
       CASE WHEN is_online THEN 'online' ELSE 'shop' END AS channel,
       {{person_id}} AS person_id,
       sha256(CAST(CASE WHEN fraud = 2 THEN person - person % 50 ELSE person END AS VARCHAR))
           AS person_pseudonym,
       {{model}} AS model_id, printf('69%011d', model) AS gtin,
       printf('brand-%02d', model % 40) AS manufacturer,
       CASE WHEN fraud = 3 THEN printf('B%02dS%08X', model % 40, n - n % 500)
            WHEN fraud = 4 THEN printf('Z%02dS%09X', model % 40, i)
            ELSE printf('B%02dS%08X', model % 40, i) END AS serial_norm,
       CASE WHEN fraud = 4 THEN 'Z' || printf('%02d', model % 40)[1:1] || '13'
            ELSE 'B' || printf('%02d', model % 40)[1:1] || '12' END AS serial_form,
       CASE WHEN category = 11
            THEN printf('35%013d', CASE WHEN fraud IN (5, 6, 7) THEN i - i % 4000 ELSE i END)
       END AS imei,
       CASE WHEN luck % 5 = 0 THEN printf('JJ%d', CASE WHEN fraud = 6 THEN i - i % 900 ELSE i END)
            ELSE '' END AS old_unit_order_no,
       listed AS list_price_fen, off AS discount_fen, CAST(0 AS BIGINT) AS trade_in_fen,
       CAST(0 AS BIGINT) AS consumption_fen, CAST(0 AS BIGINT) AS tender_fen,
       listed - off AS price_fen, amount AS subsidy_fen, listed - off - amount AS to_pay_fen,
       CAST(0 AS BIGINT) AS reduced_fen, amount AS policy_amount_fen, filed AS filed_price_fen,
       CAST(CASE WHEN category = 3 THEN 3 ELSE 1 END AS INTEGER) AS right_limit,
       CAST(150000 AS BIGINT) AS right_worth_fen,
       CASE WHEN is_ring THEN sold_epoch - sold_epoch % 86400 - 3600 + n % 24 * 20
            ELSE sold_epoch - 7200 - luck * 600 END AS right_issued_epoch,
       '370000/{{code}}/{{code}}' AS region_path, sold_epoch,
       CAST(make_timestamp((sold_epoch + 28800) * 1000000) AS DATE) AS sold_on,
       CASE WHEN is_ring AND block % 4 = 0 THEN sold_epoch - sold_epoch % 86400 + 270000 + n % 24
            WHEN fraud = 7 THEN sold_epoch + 400000 ELSE sold_epoch END AS recorded_epoch,
       sold_epoch + 86400 + luck * 60 AS submitted_epoch,
       CAST(make_timestamp((sold_epoch + 115200) * 1000000) AS DATE) AS submitted_on,
       'D' || i AS device_key,
       CAST(CASE WHEN luck = 98 THEN 1 ELSE 0 END AS INTEGER) AS mend_count,
       'waiting' AS verify_status, 'none' AS audit_status, hash(n, 'back') % 70 = 0 AS is_returned,
       FALSE AS is_cleared, TRUE AS wants_invoice, TRUE AS wants_label, TRUE AS wants_delivery,
       category = 11 AS wants_activation, {_MONTH}
FROM subsidised
""",
    "mart_claims_sale": """
SELECT sale_id, number, merchant_id, till_id, model_id, person_pseudonym, category_code,
       list_price_fen, discount_fen, price_fen, subsidy_fen, tender_fen, consumption_fen,
       policy_amount_fen, right_worth_fen, right_issued_epoch, sold_epoch, sold_on, recorded_epoch,
       is_returned, month
FROM laid
""",
    "mart_claims_invoice": """
SELECT l.sale_id,
       printf('2637%016d', CASE WHEN fraud = 8 THEN i - i % 600 ELSE i END) AS invoice_key,
       printf('2637%016d', CASE WHEN fraud = 8 THEN i - i % 600 ELSE i END) AS invoice_number,
       l.price_fen + CASE WHEN fraud = 9 THEN 1 ELSE 0 END AS total_fen,
       CAST(make_timestamp((d.sold_epoch + 28800) * 1000000) AS DATE)
           - CASE WHEN fraud = 10 THEN 1 ELSE 0 END AS invoiced_on,
       sha256(CAST(CASE WHEN fraud IN (11, 27) THEN person + 1
                   WHEN fraud = 2 THEN person - person % 50 ELSE person END AS VARCHAR))
           AS buyer_pseudonym,
       printf('9137%014d', CASE WHEN fraud = 12 THEN shop + 1 ELSE shop END) AS seller_uscc,
       CASE WHEN is_ring THEN d.sold_epoch - d.sold_epoch % 86400 + 50000 + n % 24
            ELSE d.sold_epoch + 60 END AS invoiced_epoch,
       printf('c%02d', CASE WHEN fraud = 13 THEN (category + 1) % 12 ELSE category END)
           AS goods_category,
       CASE WHEN fraud = 21 AND n % 2 = 0 THEN DATE '2026-12-01' END AS red_on, l.month
FROM drawn AS d
JOIN laid AS l ON l.sale_id = {sale}
""",
    "mart_claims_label": f"""
SELECT {{sale}} AS sale_id,
       CASE WHEN fraud = 14 THEN NULL
            WHEN fraud = 3 THEN printf('B%02dS%08X', model % 40, n - n % 500)
            WHEN fraud = 4 THEN printf('Z%02dS%09X', model % 40, i)
            WHEN luck = 99 AND n % 10 = 0 THEN printf('B%02dS%08X8', model % 40, i)
            ELSE printf('B%02dS%08X', model % 40, i) END AS serial_read,
       CASE WHEN category = 11
            THEN printf('35%013d', CASE WHEN fraud IN (5, 6, 7) THEN i - i % 4000 ELSE i END) END
           AS imei_read,
       CAST(1 AS INTEGER) AS grade_read,
       printf('69%011d', model + CASE WHEN fraud = 25 AND n % 2 = 0 THEN 1 ELSE 0 END) AS gtin_read,
       printf('BCD%03dW%d', model, CASE WHEN fraud = 25 AND n % 2 = 1 THEN 9 ELSE 1 END)
           AS model_code,
       sold_epoch - CASE WHEN fraud = 15 THEN 126144000 ELSE 8640000 + luck * 86400 END
           AS produced_epoch,
       CAST(make_timestamp((sold_epoch - 8640000) * 1000000) AS DATE) AS produced_on,
       CAST(36400000 + hash(household, 'lat') % 100000 AS INTEGER) AS label_lat_e6,
       CAST(115900000 + hash(household, 'lon') % 100000 AS INTEGER) AS label_lon_e6,
       CASE WHEN category = 11 THEN sold_epoch + CASE WHEN fraud = 16 THEN -86400 ELSE 480 END END
           AS activated_epoch, {_MONTH}
FROM drawn
""",
    "mart_claims_delivery": f"""
SELECT {{sale}} AS sale_id,
       printf('YD%d', CASE WHEN fraud = 17 THEN i - i % 800 ELSE i END) AS waybill,
       sold_epoch + 3600 AS shipped_epoch,
       sold_epoch + CASE WHEN fraud = 18 THEN 4000 ELSE 80000 END AS signed_epoch,
       sha256(CAST(CASE WHEN fraud = 2 THEN person - person % 50 WHEN fraud = 27 THEN person + 1
                        ELSE person END AS VARCHAR)) AS receiver_pseudonym,
       CAST(NULL AS VARCHAR) AS receiver_relation,
       CAST(CASE WHEN fraud = 18 THEN 0 ELSE 3 END AS BIGINT) AS route_scans,
       '{{code}}' AS address_region_code, sha256('h' || household) AS address_key,
       sha256('t' || person) AS receiver_phone_key,
       CAST(36400000 + hash(household, 'lat') % 100000 AS INTEGER) AS address_lat_e6,
       CAST(115900000 + hash(household, 'lon') % 100000 AS INTEGER) AS address_lon_e6,
       CAST(36400000 + hash(household, 'lat') % 100000
            + CASE WHEN fraud = 19 THEN 60000 ELSE 500 END AS INTEGER) AS delivery_lat_e6,
       CAST(115900000 + hash(household, 'lon') % 100000 AS INTEGER) AS delivery_lon_e6, {_MONTH}
FROM drawn
""",
    "mart_claims_payment": """
SELECT l.sale_id, l.to_pay_fen AS paid_fen,
       sha256(CAST(CASE WHEN fraud = 2 THEN person - person % 50 WHEN fraud = 26 THEN person + 1
                        ELSE person END AS VARCHAR)) AS payer_pseudonym,
       CASE WHEN fraud = 26 THEN '子女' END AS payer_relation,
       sha256('c' || person) AS card_key, sha256('i' || household) AS ip_key,
       CASE WHEN fraud = 20 THEN '440100' ELSE '{code}' END AS ip_region_code,
       CAST(36450000 + CASE WHEN fraud = 20 THEN 900000 ELSE 0 END AS INTEGER) AS payer_lat_e6,
       CAST(115950000 AS INTEGER) AS payer_lon_e6,
       CASE WHEN fraud = 21 THEN CAST(100000 AS BIGINT) END AS refunded_fen, l.month
FROM drawn AS d
JOIN laid AS l ON l.sale_id = {sale}
""",
    # A copy differs in up to two bits; a slip is the neighbour's; black is nothing.
    "mart_claims_photo": f"""
WITH taken AS (
    SELECT *, {{sale}} AS sale_id, k.kind,
           CASE WHEN fraud = 28 THEN CAST(0 AS BIGINT)
                WHEN fraud = 29 AND is_ring AND k.kind = 'label'
                THEN CAST(hash('label', i - 1) % 9223372036854775807 AS BIGINT)
                WHEN fraud = 22 THEN xor(CAST(hash(k.kind, n - n % 400) % 9223372036854775807
                     AS BIGINT), CAST(n % 3 * 4097 AS BIGINT))
                ELSE CAST(hash(k.kind, i) % 9223372036854775807 AS BIGINT) END AS photo_bits
    FROM drawn CROSS JOIN (VALUES ('label'), ('delivery')) AS k(kind)
), shown AS (SELECT *, printf('%016x', photo_bits) AS photo_hash FROM taken)
SELECT sale_id, {{shop}} AS merchant_id, kind, photo_hash, photo_bits,
       substr(photo_hash, 1, 4) AS part_1,
       substr(photo_hash, 5, 4) AS part_2, substr(photo_hash, 9, 4) AS part_3,
       substr(photo_hash, 13, 4) AS part_4, TRUE AS is_newest,
       CAST(36400000 + hash(household, 'lat') % 100000
            + CASE WHEN fraud = 23 THEN 900000 ELSE 0 END AS INTEGER) AS lat_e6,
       CAST(115900000 + hash(household, 'lon') % 100000 AS INTEGER) AS lon_e6,
       sold_epoch + CASE WHEN fraud = 24 THEN -200000 ELSE 7200 END AS taken_epoch,
       sold_epoch + 86400 + luck * 60 AS submitted_epoch, {_MONTH}
FROM shown
""",
    # Everybody has a phone and an account; spouses share a home, some an account; one in twenty
    # claims on a shop's tablet; most online orders leave by one of three hundred carrier exits.
    "mart_claims_tie": f"""
WITH tie AS (
    SELECT *, 'phone' AS kind,
           CASE WHEN is_ring AND n % 4 = 1 THEN 'r' || block ELSE 'p' || person END AS thing,
           sold_epoch AS used
    FROM drawn
    UNION ALL
    SELECT *, 'address',
           CASE WHEN is_ring AND n % 3 = 0 THEN 'r' || block ELSE 'h' || household END, sold_epoch
    FROM drawn
    UNION ALL
    SELECT *, 'card', CASE WHEN is_ring THEN 'ring' || block WHEN luck % 16 = 0
           THEN 'f' || household ELSE 'c' || person END, sold_epoch FROM drawn
    UNION ALL
    SELECT *, 'device', CASE WHEN is_ring THEN 'ring' || block WHEN luck % 20 = 0
           THEN 'tablet' || shop ELSE 'd' || person END,
           CASE WHEN is_ring THEN sold_epoch - sold_epoch % 86400 - 3600 + n % 24 * 20
                ELSE sold_epoch - 7200 - luck * 600 END FROM drawn
    UNION ALL
    SELECT *, 'ip', CASE WHEN is_ring THEN 'r' || block WHEN luck < 65 THEN 'exit' || n % 300
                         ELSE 'i' || household END
           || '/' || sold_epoch // 86400, sold_epoch FROM drawn WHERE is_online
    UNION ALL
    SELECT *, 'photo',
           substr(md5('label' || CASE WHEN fraud = 22 THEN n - n % 400 ELSE i END), 1, 16),
           sold_epoch
    FROM drawn
)
SELECT {{sale}} AS sale_id,
       sha256(CAST(CASE WHEN fraud = 2 THEN person - person % 50 ELSE person END AS VARCHAR))
           AS person_pseudonym,
       {{shop}} AS merchant_id, kind,
       CASE WHEN kind = 'photo' THEN thing ELSE sha256(thing) END AS key,
       used AS at_epoch, {_MONTH}
FROM tie
ORDER BY kind
""",
    "mart_catalogue_model": """
SELECT {model} AS model_id, printf('c%02d', model // 40) AS category_code,
       printf('BCD%03dW1', model) AS model_code,
       CAST(1 AS INTEGER) AS energy_grade
FROM range(480) t(model)
""",
    "mart_catalogue_category": """
SELECT printf('c%02d', n) AS category_code, printf('品类%02d', n) AS name FROM range(12) t(n)
""",
    "mart_catalogue_filed_price": """
SELECT {model} AS model_id, {shop} AS org_id,
       CAST(150000 + hash(model, 'price') % 850 * 1000 AS BIGINT) * 80 // 100 AS price_fen,
       CAST({start} - 8640000 AS BIGINT) AS from_epoch,
       CAST({start} + 8640000 AS BIGINT) AS to_epoch
FROM range(480) t(model), range({shops}) s(shop) WHERE hash(model, shop, 'raised') % 400 = 0
""",
    "mart_identity_organisation": """
SELECT {shop} AS org_id, 'retailer' AS kind, printf('9137%014d', shop) AS uscc,
       CAST(36450000 AS INTEGER) AS lat_e6, CAST(115950000 AS INTEGER) AS lon_e6,
       CASE WHEN shop % 50 < 4 THEN printf('0635-%d', shop // 50) ELSE printf('tel-%d', shop) END
           AS phone,
       printf('路%d号', shop) AS address
FROM range({shops}) t(shop)
""",
    "mart_identity_restriction": """
SELECT 'organisation' AS kind, {shop} AS key, DATE '2026-06-01' AS from_on,
       DATE '2026-07-01' AS to_on
FROM range({shops}) t(shop) WHERE shop % 20 = 19
UNION ALL
SELECT 'device', 'D' || n * 997, DATE '2025-01-01', CAST(NULL AS DATE) FROM range(20) t(n)
""",
}
