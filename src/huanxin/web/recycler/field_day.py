"""A worker's day as the phone carries it: stops, what was agreed, what else it would be worth."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import segno
from django.utils.translation import gettext as _

from huanxin.identity import selectors as identity
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.recycling.selectors import order_book, quote_book
from huanxin.recycling.types import AgeBand, Choice
from huanxin.recycling.types.orders import UnitCard
from huanxin.recycling.types.routes import JobCard
from huanxin.recycling.types.valuation import UnitAnswers
from huanxin.web import unit_parts
from huanxin.web.recycler.jobs import OPEN

_BIKE = "e_bike"


def jobs(found: Sequence[JobCard], scope: Scope) -> list[dict[str, Any]]:
    """Stops in driving order. Names are masked; the address is asked for one by one."""
    names = unit_parts.category_names()
    orders = {one.id: one for one in order_book.cards([job.order_id for job in found])}
    people = identity.cards([order.person_id for order in orders.values()])
    lines = []
    for job in found:
        person = people[orders[job.order_id].person_id]
        units = [_unit(unit, names, job.choice, scope) for unit in job.units]
        if any(unit.category_code == _BIKE for unit in job.units):
            _add_batteries(units, job, scope)
        lines.append(
            {
                "order_id": job.order_id, "number": job.number, "position": job.position,
                "arrive_at": f"{job.arrive_at.astimezone(clock.SHANGHAI):%H:%M}",
                "county": identity.get_region(job.region_code).name, "choice": job.choice,
                "choice_word": job.choice.label, "quoted_fen": job.quoted_fen,
                "state": job.state, "state_word": job.state.label, "is_open": job.state in OPEN,
                "name_masked": person.name_masked, "phone_masked": person.phone_masked,
                "title": "、".join(unit["name"] for unit in units), "units": units,
                "requote": _requote(job, scope),
            }
        )  # fmt: skip
    return lines


def picture_of(text: str) -> str:
    """A QR code as an address that an image shows without a network."""
    return str(segno.make(text, error="m", micro=False).svg_data_uri(scale=8, border=4))


def words() -> list[tuple[str, str]]:
    """What the page's scripts say, in one place with the rest of the words."""
    return [
        ("online", _("在线")),
        ("offline", _("离线，照常收件，联网后自动发送")),
        ("offline_saved", _("离线，已保存 {waiting} 条、{photos} 张照片")),
        ("sending", _("正在发送 {waiting} 条")),
        ("refused", _("{refused} 条没有被接受，请处理")),
        ("signed_out", _("登录已过期，记录都在手机上；请重新登录后自动发送")),
        ("full", _("手机存储已满，刚才这一步没有保存。请先联网发送，或清理手机空间后再试。")),
        ("needs_network", _("现在没有网络，这一步要联网才能办。")),
        ("lacking", _("还有 {count} 户没有带上地址；没有网络时就看不到门牌。")),
        ("done", _("已完成 {done} / {all} 户")),
        ("as_of", _("{at} 更新")),
        ("kept", _("已保存，待发送")),
        ("over", _("已完成")),
        ("not_taken", _("没有被接受")),
        ("message_line", _("{number} · {amount} · 照片 {files} 张")),
        ("promise", _("承诺 {at} 到")),
        ("posted", _("这一单已记下，正等联网发送。")),
        ("closed", _("这一单已经办结或改派，不用取件。")),
        ("declined", _("消费者不同意新价，旧机留下。")),
        ("promise_kept", _("已记下，联网后付款")),
        ("no_address", _("{county}。没有带上门牌地址：联网时在清单页点“带上地址和标签”。")),
        ("pay_cash", _("付款取走")),
        ("pay_voucher", _("激活焕新券并取走")),
        ("to_owner", _("付给消费者现金")),
        ("voucher_worth", _("焕新券面值")),
        ("take_cash", _("确认取走并付款")),
        ("take_voucher", _("确认取走并激活")),
        ("place", _("记下现在的位置")),
        ("placed", _("已记下现在的位置")),
        ("no_place", _("没有取到位置，按预约地址记录。")),
        ("still", _("还差：")),
        ("comma", _("、")),
        ("missing_code", _("机身码")),
        ("missing_photos", _("照片")),
        ("missing_check", _("验机")),
        ("missing_battery", _("电池称重")),
        ("battery_bounds", _("{kind}应在 {least} 至 {most} 公斤之间，请核对后再记。")),
        ("missing_consent", _("消费者同意新价")),
        ("photo_first", _("拍整机和铭牌")),
        ("photo_more", _("再拍一张")),
        ("statement", _("本人同意按 {new} 交出 {units}（原价 {old}）。")),
    ]


def _unit(unit: UnitCard, names: dict[str, str], choice: Choice, scope: Scope) -> dict[str, Any]:
    answers = quote_book.get_quote(unit.quote_id, scope).answers
    return {
        "unit_id": unit.id,
        "name": names[unit.category_code],
        "said": unit_parts.answers_words(answers),
        "answers": {
            "age_band": answers.age_band, "is_working": answers.is_working,
            "is_complete": answers.is_complete,
        },
        "price_fen": unit.cash_fen if choice is Choice.CASH else unit.voucher_fen,
        "prices": _prices(answers, choice),
    }  # fmt: skip


def _add_batteries(units: list[dict[str, Any]], job: JobCard, scope: Scope) -> None:
    """The bounds of a battery for the bikes of a door that have none weighed yet."""
    bounds = {
        kind.value: {"word": kind.label, "least_g": least_g, "most_g": most_g}
        for kind, least_g, most_g in quote_book.list_battery_bounds()
    }
    weighed = {one.unit_id for one in order_book.list_batteries(job.order_id, scope)}
    for card, unit in zip(job.units, units, strict=True):
        if bounds and card.category_code == _BIKE and card.id not in weighed:
            unit["battery"] = bounds


def _prices(agreed: UnitAnswers, choice: Choice) -> dict[str, int]:
    """The platform's own price for everything that may be found at the door, so that the phone
    needs no copy of the standard."""
    found = {}
    for age, works, whole in product(AgeBand, (True, False), (True, False)):
        value = quote_book.value_old_unit(
            replace(agreed, age_band=age, is_working=works, is_complete=whole)
        )
        key = f"{age}|{'yes' if works else 'no'}|{'yes' if whole else 'no'}"
        found[key] = value.cash_fen if choice is Choice.CASH else value.voucher_fen
    return found


def _requote(job: JobCard, scope: Scope) -> dict[str, Any] | None:
    waiting = order_book.find_pending_requote(job.order_id, scope)
    if waiting is None:
        return None
    is_cash = job.choice is Choice.CASH
    new_fen = waiting.new.cash_fen if is_cash else waiting.new.voucher_fen
    return {"id": waiting.id, "new_fen": new_fen}
