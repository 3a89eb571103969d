"""Lists brought in: a trial tells every fault of every row; then all rows or none."""

from collections.abc import Callable, Sequence
from datetime import date
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from django.db import transaction

from huanxin.catalogue import selectors as catalogue_book
from huanxin.catalogue import services as catalogue
from huanxin.catalogue.types import NewModel, NewPrice
from huanxin.exchange import selectors
from huanxin.exchange.errors import CellInvalid, FileUnreadable, ListNotImportable
from huanxin.exchange.types import ImportReport, ListCard, Outcome, RowResult
from huanxin.identity import selectors as identity
from huanxin.identity.services import admitting, staffing
from huanxin.identity.types import NewOrganisation, OrgKind, Role
from huanxin.kernel import requests, tables
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.kernel.money import parse_yuan

Row = dict[str, str]
_Kind = TypeVar("_Kind", bound=StrEnum)


@transaction.atomic
def import_list(
    *, actor: Actor, name: str, content: bytes, request_id: UUID, is_trial: bool
) -> ImportReport:
    """Bring a CSV or Excel file in. All rows or none; a trial writes nothing and says the same.

    Each row goes through the very service that the pages use, with its refusals, so a row that is
    there already changes nothing. Safe to retry: the same request id and file give the first
    report, other content is refused. Refuses files that cannot be read and lists of facts, which
    are made by what happens and never by a file.
    """
    card = selectors.get_list(actor, name)
    if not card.can_import:
        raise ListNotImportable(title=card.title)
    rows = _rows(card, content)
    if not is_trial:
        key = {"list": name, "content": requests.content_digest([*rows]).hex()}
        if earlier := requests.first_answer(actor, "exchange.import", request_id, key):
            return _from_json(earlier)
    results: list[RowResult] = []
    with transaction.atomic():
        for number, row in enumerate(rows, start=2):
            results.append(_one(actor, name, number, row))
        is_whole = all(one.outcome != Outcome.REFUSED for one in results)
        if is_trial or not is_whole:
            transaction.set_rollback(True)
    report = _report(name, results, is_trial=is_trial, is_applied=is_whole and not is_trial)
    if not is_trial:
        requests.remember(actor, "exchange.import", request_id, _as_json(report))
    return report


def _one(actor: Actor, name: str, number: int, row: Row) -> RowResult:
    """One row in a savepoint of its own, so that its refusal lets the next be looked at."""
    key = next(iter(row.values()), "")
    try:
        with transaction.atomic():
            is_new = _IMPORTERS[name](actor, row)
    except DomainError as refusal:
        return RowResult(number, key, Outcome.REFUSED, refusal.code, refusal.message)
    return RowResult(number, key, Outcome.CREATED if is_new else Outcome.UNCHANGED)


def _rows(card: ListCard, content: bytes) -> list[Row]:
    try:
        lines = tables.read(content)
    except tables.Unreadable as fault:
        raise FileUnreadable(reason=str(fault)) from None
    if not lines:
        raise FileUnreadable(reason="文件是空的")
    heads = [_column_of(card, head) for head in lines[0]]
    known = [head for head in heads if head]
    if not known or heads[0] is None:
        raise FileUnreadable(reason=f"第一列应为“{card.columns[0].title}”")
    return [
        {head: cell for head, cell in zip(heads, line, strict=False) if head is not None}
        for line in lines[1:]
    ]


def _column_of(card: ListCard, head: str) -> str | None:
    """The column that a head names, in Chinese or by its key; integer fen beside yuan is left."""
    plain = head.removesuffix("（元）").strip()
    return next((one.key for one in card.columns if plain in {one.key, one.title}), None)


def _model(actor: Actor, row: Row) -> bool:
    before = catalogue_book.find_model(_cell(row, "gtin", "商品条码"))
    new = NewModel(
        gtin=row["gtin"], brand=_cell(row, "brand", "品牌"), name=_cell(row, "name", "型号"),
        category_code=_cell(row, "category_code", "品类"),
        energy_grade=_grade(row), maker_id=_maker(actor),
    )  # fmt: skip
    catalogue.file_models(actor=actor, models=[new])
    return before is None


def _price(actor: Actor, row: Row) -> bool:
    model = catalogue_book.find_model(_cell(row, "gtin", "商品条码"))
    if model is None:
        raise CellInvalid(column="商品条码", reason="没有备案")
    price = NewPrice(
        model_id=model.id, price_fen=_fen(row), from_on=_day(row, "from_on", "起始日"),
        to_on=_day(row, "to_on", "截止日") if row.get("to_on") else None, org_id=actor.org_id,
    )  # fmt: skip
    return catalogue.file_prices(actor=actor, prices=[price]) > 0


def _organisation(kind: OrgKind | None) -> Callable[[Actor, Row], bool]:
    def take(actor: Actor, row: Row) -> bool:
        code = _cell(row, "uscc", "统一社会信用代码")
        asked = kind or _choice(OrgKind, row, "kind", "类型")
        new = NewOrganisation(
            kind=asked, name=_cell(row, "name", "名称"), short_name=row["name"][:40], uscc=code,
            region_code=_cell(row, "region_code", "地区代码"), address=row.get("address", ""),
            phone=row.get("phone", ""),
        )  # fmt: skip
        before = identity.find_organisation(code)
        admitting.open_organisation(actor=actor, organisation=new)
        return before is None

    return take


def _account(actor: Actor, row: Row) -> bool:
    """Without a password: its administrator resets it to hand one over."""
    login = _cell(row, "login", "登录名")
    if identity.find_account(login) is not None:
        return False
    organisation = identity.find_organisation(row["uscc"]) if row.get("uscc") else None
    if row.get("uscc") and organisation is None:
        raise CellInvalid(column="统一社会信用代码", reason="没有对应的单位")
    staffing.open_account(
        actor=actor, login=login, display_name=_cell(row, "display_name", "姓名"),
        role=_choice(Role, row, "role", "角色"), password=None,
        org_id=organisation.id if organisation else None,
        region_path=None if organisation else actor.scope.region_path, is_administrator=False,
    )  # fmt: skip
    return True


_IMPORTERS: dict[str, Callable[[Actor, Row], bool]] = {
    "models": _model,
    "prices": _price,
    "organisations": _organisation(None),
    "shops": _organisation(OrgKind.RETAILER),
    "stations": _organisation(OrgKind.STATION),
    "accounts": _account,
}


def _cell(row: Row, key: str, title: str) -> str:
    if not row.get(key):
        raise CellInvalid(column=title, reason="必须填写")
    return row[key]


def _choice(kind: type[_Kind], row: Row, key: str, title: str) -> _Kind:
    text = _cell(row, key, title)
    if text not in set(kind):
        raise CellInvalid(column=title, reason="应为 " + "、".join(kind))
    return kind(text)


def _grade(row: Row) -> int | None:
    text = row.get("energy_grade", "")
    if text and not text.isdigit():
        raise CellInvalid(column="能效等级", reason="应为整数或留空")
    return int(text) if text else None


def _fen(row: Row) -> int:
    return parse_yuan(_cell(row, "price_fen", "备案价（元）"))


def _day(row: Row, key: str, title: str) -> date:
    try:
        return date.fromisoformat(_cell(row, key, title)[:10].replace("/", "-"))
    except ValueError:
        raise CellInvalid(column=title, reason="应为日期，例如 2026-09-01") from None


def _maker(actor: Actor) -> UUID | None:
    return actor.org_id if actor.role == Role.MAKER_CLERK else None


def _report(
    name: str, rows: Sequence[RowResult], *, is_trial: bool, is_applied: bool
) -> ImportReport:
    counts = {kind: sum(row.outcome == kind for row in rows) for kind in Outcome}
    return ImportReport(
        name, is_applied, is_trial, counts[Outcome.CREATED], counts[Outcome.UNCHANGED],
        counts[Outcome.REFUSED], tuple(rows),
    )  # fmt: skip


def _as_json(report: ImportReport) -> dict[str, object]:
    rows = [[row.number, row.key, row.outcome, row.code, row.message] for row in report.rows]
    return {"name": report.name, "is_applied": report.is_applied, "rows": rows}


def _from_json(kept: dict[str, object]) -> ImportReport:
    found = kept["rows"]
    assert isinstance(found, list)
    rows = [RowResult(n, key, Outcome(outcome), code, say) for n, key, outcome, code, say in found]
    return _report(str(kept["name"]), rows, is_trial=False, is_applied=bool(kept["is_applied"]))
