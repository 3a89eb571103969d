"""Other cities' numbers: one nightly file a city, days by metric, with its own as-of."""

import hashlib
import json
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.indicators import _cells, _metrics, models
from huanxin.indicators.errors import ImportRefused
from huanxin.indicators.types import Aggregate
from huanxin.kernel import audit, clock, ids
from huanxin.kernel.actor import Actor

FORMAT = "huanxin-city-rollup/1"
_FAULTS_SHOWN = 20
_MOST = 2**63 - 1


@transaction.atomic
def export_city(*, actor: Actor, city_code: str) -> bytes:
    """This cell's own file for the province: every additive metric's days, as JSON.

    Refuses while rollups are not complete, and readers who may not see the whole city.
    """
    city = identity.get_region(city_code)
    identity.require(actor, "dashboards.read", region_path=city.path)
    state = _cells.find_state()
    if state is None:
        raise ImportRefused(reason="本市的汇总尚未算完")
    sums = [m.id for m in _metrics.catalogue().values() if m.aggregate is Aggregate.SUM]
    days = models.Cell.objects.filter(
        metric_id__in=sums, region_path=city.path, category_code=_cells.ALL
    ).order_by("metric_id", "fact_on")
    content = {
        "format": FORMAT,
        "city_code": city_code,
        "as_of": state.read_at.isoformat(),
        "days": [
            [row.metric_id, row.fact_on.isoformat(), row.total, row.row_count] for row in days
        ],
    }
    return json.dumps(content, ensure_ascii=False).encode()


@transaction.atomic
def import_city(*, actor: Actor, content: bytes) -> int:
    """Take in another city's file; it replaces what that city handed in before. Answers its days.

    Safe to repeat: the same file changes nothing. Refuses a file of this cell's own city, of a
    city unknown here, of a moment in the future or older than the one in force, and any day or
    metric that is none.
    """
    read = _read(content)
    city = identity.get_region(str(read["city_code"]))
    identity.require(actor, "indicators.import_city", region_path=city.path)
    as_of = _moment(read["as_of"])
    _check_city(city.code, city.level, as_of)
    sha256 = hashlib.sha256(content).hexdigest()
    latest = models.CityImport.objects.filter(city_code=city.code).order_by("-as_of").first()
    if latest and latest.sha256 == sha256:
        return latest.day_count
    if latest and latest.as_of >= as_of:
        raise ImportRefused(reason=f"已有 {latest.as_of:%Y-%m-%d %H:%M} 的文件，不能用更早的替换")
    rows = _days(city.code, read["days"])
    models.CityRollup.objects.filter(city_code=city.code).delete()
    models.CityRollup.objects.bulk_create(rows)
    models.CityImport.objects.create(
        id=ids.new_id(), city_code=city.code, as_of=as_of, sha256=sha256, day_count=len(rows),
        imported_by=actor.name, imported_at=clock.now(),
    )  # fmt: skip
    audit.record(
        actor, "indicators.city_imported", "region", city.code, region_path=city.path,
        as_of=as_of.isoformat(), sha256=sha256, days=len(rows),
    )  # fmt: skip
    return len(rows)


def _read(content: bytes) -> dict[str, Any]:
    try:
        read = json.loads(content)
    except ValueError:
        raise ImportRefused(reason="不是 JSON 文件") from None
    wanted = {"format", "city_code", "as_of", "days"}
    if not isinstance(read, dict) or not wanted <= read.keys() or read["format"] != FORMAT:
        raise ImportRefused(reason=f"应为 {FORMAT} 格式")
    return read


def _moment(text: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise ImportRefused(reason="截至时刻无法识别") from None
    if moment.tzinfo is None:
        raise ImportRefused(reason="截至时刻没有时区")
    return moment


def _check_city(code: str, level: str, as_of: datetime) -> None:
    counties = identity.list_regions(level="county")
    own = {county.path.split("/")[-2] for county in counties}
    if level != "city" or code in own:
        raise ImportRefused(reason="只能导入其他城市的汇总")
    if as_of > clock.now() + timedelta(hours=1):
        raise ImportRefused(reason="截至时刻在未来")


def _days(city_code: str, lines: Any) -> list[models.CityRollup]:
    """Every line as a day, or a refusal that names each bad one: a file is taken whole or not."""
    if not isinstance(lines, list):
        raise ImportRefused(reason="days 应为列表")
    rows, faults, seen = [], [], set()
    for number, line in enumerate(lines, start=1):
        row, fault = _day(city_code, line)
        key = row and (row.metric_id, row.fact_on)
        if key in seen:
            fault = "与前面一行是同一指标的同一天"
        if fault:
            faults.append(f"第 {number} 行{fault}：{json.dumps(line, ensure_ascii=False)[:60]}")
        elif row:
            seen.add(key)
            rows.append(row)
    if faults:
        more = f"……共 {len(faults)} 行有误" if len(faults) > _FAULTS_SHOWN else ""
        raise ImportRefused(reason="；".join(faults[:_FAULTS_SHOWN]) + more)
    return rows


def _day(city_code: str, line: Any) -> tuple[models.CityRollup | None, str]:
    """One day of one metric, or what is wrong with it."""
    try:
        metric_id, on, value, count = line
        day = date.fromisoformat(on)
    except (TypeError, ValueError):
        return None, "应为 [指标, 日期, 合计, 笔数]"
    metric = _metrics.catalogue().get(metric_id) if isinstance(metric_id, str) else None
    if metric is None:
        return None, "没有这项指标"
    if metric.aggregate is not Aggregate.SUM:
        return None, "这项指标不能按城市相加"
    if type(value) is not int or type(count) is not int or count <= 0 or abs(value) > _MOST:
        return None, "合计应为整数，笔数应为正整数"
    row = models.CityRollup(
        city_code=city_code, metric_id=metric_id, fact_on=day, value=value, row_count=count
    )
    return row, ""
