"""The valuation standard: published from data/, kept immutable, read once per process."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import yaml

from huanxin.catalogue import selectors as catalogue
from huanxin.kernel import clock, ids
from huanxin.recycling import _shipped, models, rules
from huanxin.recycling.errors import StandardInvalid, StandardMissing
from huanxin.recycling.types.valuation import QuoteAsk, ScrapPriceCard, UnitAnswers, Valuation


def publish_shipped() -> int:
    """Publish the versions in data/ that are not published yet; returns how many."""
    kept = dict(models.Standard.objects.values_list("version", "digest"))
    added = []
    for digest, body in _shipped.standards("valuation"):
        standard = rules.read_standard(body)
        if standard.version in kept:
            assert kept[standard.version] == digest, "a published standard is never edited"
            continue
        added.append(
            models.Standard(
                version=standard.version,
                digest=digest,
                from_on=standard.from_on,
                body=body,
                published_at=clock.now(),
            )
        )
    models.Standard.objects.bulk_create(added)
    return len(added)


def in_force(on: date) -> rules.Standard:
    """The newest version in force on a day."""
    version = (
        models.Standard.objects.filter(from_on__lte=on)
        .order_by("-from_on", "-published_at", "-version")
        .values_list("version", "digest")
        .first()
    )
    if version is None:
        raise StandardMissing
    return _read(*version)


def of_version(version: str) -> rules.Standard:
    """A version by its name."""
    digest = models.Standard.objects.values_list("digest", flat=True).get(pk=version)
    return _read(version, digest)


@cache
def _read(version: str, digest: str) -> rules.Standard:
    del digest  # part of the key: another database may hold another text
    return rules.read_standard(models.Standard.objects.get(pk=version).body)


def quote_rows(asks: Sequence[QuoteAsk], *, region_codes: Mapping[UUID, str]) -> list[models.Quote]:
    """Quotes for several units, not yet stored."""
    now = clock.now()
    on = clock.business_day(now)
    standard, prices = in_force(on), scrap_prices(on)
    names = {category.code: category.name for category in catalogue.list_categories()}
    numbers = _numbers([region_codes[ask.person_id] for ask in asks], on)
    rows = []
    for ask, number in zip(asks, numbers, strict=True):
        code = ask.answers.category_code
        value = rules.value_unit(standard, ask.answers, names.get(code, code), prices=prices, on=on)
        rows.append(_row(ask, value, standard, number, now))
    return rows


def value(answers: UnitAnswers, on: date) -> Valuation:
    """What a unit is worth on a day; nothing is written."""
    standard = in_force(on)
    category = catalogue.get_category(answers.category_code)
    return rules.value_unit(standard, answers, category.name, prices=scrap_prices(on), on=on)


def scrap_prices(on: date) -> dict[str, ScrapPriceCard]:
    """The newest published price of each scrap material up to a day."""
    rows = models.ScrapPrice.objects.filter(priced_on__lte=on).order_by("index_code", "-priced_on")
    return {row.index_code: row.as_card() for row in rows.distinct("index_code")}


def _row(
    ask: QuoteAsk, value: Valuation, standard: rules.Standard, number: str, now: datetime
) -> models.Quote:
    return models.Quote(
        id=ids.new_id(),
        number=number,
        person_id=ask.person_id,
        standard_id=standard.version,
        cash_fen=value.cash_fen,
        voucher_fen=value.voucher_fen,
        reasons=[[r.code, r.sentence, r.price_fen] for r in value.reasons],
        quoted_at=now,
        valid_until=now + timedelta(days=standard.valid_days),
        **ask.answers.as_json(),
    )


def _numbers(region_codes: Sequence[str], on: date) -> list[str]:
    return numbers("PG", region_codes, on)


def numbers(kind: str, region_codes: Sequence[str], on: date) -> list[str]:
    """One number per region code given, in its order, few round trips for many."""
    by_region = {
        code: iter(ids.new_numbers(kind, region_codes.count(code), on=on, region_code=code))
        for code in dict.fromkeys(region_codes)
    }
    return [next(by_region[code]) for code in region_codes]


def body_of(text: str) -> dict[str, Any]:
    """The plain body of a standard's YAML text; text that is no standard is refused."""
    try:
        body = _shipped.plain(yaml.safe_load(text))
        rules.check_standard(rules.read_standard(body))
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as fault:
        raise StandardInvalid(reason=f"读不懂这份标准（{type(fault).__name__}）") from fault
    assert isinstance(body, dict)
    return body


def text_of(version: str) -> str:
    """A published version as YAML, to begin the next one from."""
    body = models.Standard.objects.values_list("body", flat=True).get(pk=version)
    return _shipped.yaml_of(body)
