"""Old units in the pages' parts: their names, their lots, what was found, what came out of them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huanxin.catalogue import selectors as catalogue
from huanxin.identity import selectors as identity
from huanxin.kernel.paging import Page
from huanxin.recycling.types import AgeBand
from huanxin.recycling.types.depot import Discrepancy, LotCard
from huanxin.recycling.types.floor import CertificateCard
from huanxin.recycling.types.orders import UnitCard
from huanxin.recycling.types.valuation import UnitAnswers
from huanxin.web import values
from huanxin.web.parts import Column, Empty, Fact, Row, Step, Table

_AGES = {
    AgeBand.UNDER_3: gettext_lazy("不满 3 年"),
    AgeBand.FROM_3_TO_8: gettext_lazy("满 3 年不满 8 年"),
    AgeBand.OVER_8: gettext_lazy("满 8 年"),
}


def class_names() -> dict[str, str]:
    """Waste classes by code, and categories for what the regulated list does not name."""
    known = {one.code: one.name for one in catalogue.list_categories()}
    return known | {one.code: one.name for one in catalogue.list_waste_classes()}


def class_name(class_code: str) -> str:
    """One of them; an unknown code names itself."""
    return class_names().get(class_code, class_code)


def category_names() -> dict[str, str]:
    """Categories by code."""
    return {one.code: one.name for one in catalogue.list_categories()}


def class_of(unit: UnitCard) -> str:
    """The waste class, or the category where there is none."""
    return unit.waste_class_code or unit.category_code


def answers_words(answers: UnitAnswers) -> str:
    """What the owner said of a unit, in one line."""
    works = _("能用") if answers.is_working else _("不能用")
    whole = _("部件齐全") if answers.is_complete else _("部件不全")
    return " · ".join([str(_AGES[answers.age_band]), works, whole])


def org_names(org_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Organisations by id."""
    return {org_id: identity.get_organisation(org_id).name for org_id in set(org_ids)}


def lots_table(found: Page[LotCard], *, detail: str, other: str, empty: Empty) -> Table:
    """A page of lots; `other` is the party to name, "depot" or "receiver"."""
    orgs = {lot.id: getattr(lot, f"{other}_org_id") for lot in found.items}
    names = org_names(list(orgs.values()))
    columns = (
        Column("number", _("批次号"), "number"),
        Column("state", _("状态"), "pill:lot"),
        Column("other", _("送往") if other == "receiver" else _("分拣中心")),
        Column("units", _("台数"), "count"),
        Column("mass_g", _("出库重量"), "mass"),
        Column("packed_at", _("装批时间"), "time"),
        Column("received_at", _("验收时间"), "time"),
        Column("found", _("差异"), "count"),
    )
    rows = [
        Row(
            {
                "number": lot.number, "state": lot.state, "other": names[orgs[lot.id]],
                "units": len(lot.unit_codes), "mass_g": lot.mass_g, "packed_at": lot.packed_at,
                "received_at": lot.received_at,
                "found": len(lot.discrepancies) if lot.received_at else None,
            },
            href=reverse(detail, args=[lot.id]),
            tone="warn" if lot.discrepancies else "",
        )
        for lot in found.items
    ]  # fmt: skip
    return Table(
        "lots", _("批次"), columns, rows, empty=empty, page=found.number, pages=found.pages,
        total_count=found.total,
    )  # fmt: skip


def lot_steps(lot: LotCard, names: Mapping[UUID, str]) -> list[Step]:
    """A lot's way from the depot to the dismantler's floor."""
    depot, dismantler = names[lot.depot_org_id], names[lot.receiver_org_id]
    steps = [Step(_("装批封签"), "done", lot.packed_at, depot)]
    if lot.shipped_at is None:
        return [
            *steps,
            Step(_("发运"), "now", by=depot, note=_("装车后点“确认发运”")),
            Step(_("逐台扫码过磅验收"), "next", by=dismantler),
        ]
    steps.append(Step(_("发运"), "done", lot.shipped_at, depot))
    if lot.received_at is None:
        return [*steps, Step(_("逐台扫码过磅验收"), "now", by=dismantler)]
    note = _("发现 %d 处差异") % len(lot.discrepancies) if lot.discrepancies else _("逐台相符")
    return [*steps, Step(_("逐台扫码过磅验收"), "done", lot.received_at, dismantler, note)]


def discrepancy_table(lines: Sequence[Discrepancy]) -> Table:
    """What a gate scan found against the packing list."""
    columns = (
        Column("unit_code", _("机身码"), "number"),
        Column("kind", _("差异"), "pill:discrepancy"),
        Column("expected_g", _("出库重量"), "mass"),
        Column("found_g", _("验收重量"), "mass"),
    )
    rows = [
        Row(
            {
                "unit_code": one.unit_code, "kind": one.kind, "expected_g": one.expected_g,
                "found_g": one.found_g,
            },
            tone="warn" if one.kind == "weight_off" else "danger",
        )
        for one in lines
    ]  # fmt: skip
    return Table(
        "discrepancies", _("验收差异"), columns, rows, empty=Empty(_("逐台相符"), icon="check")
    )


def certificate_facts(card: CertificateCard) -> list[Fact]:
    """What a certificate attests."""
    share = card.difference_g * 10_000 // card.mass_in_g if card.mass_in_g else 0
    words = {
        "share": values.percent(abs(share)),
        "tolerance": values.percent(card.tolerance_bps),
    }
    difference = _("占投入 %(share)s，允许 %(tolerance)s 以内") % words
    return [
        Fact(_("证明编号"), card.number, "number"),
        Fact(_("拆解企业"), card.dismantler_name),
        Fact(_("拆解时间"), card.dismantled_at, "time"),
        Fact(_("投入"), card.mass_in_g, "mass", _("共 %d 台") % len(card.unit_codes)),
        Fact(_("产出合计"), card.mass_out_g, "mass"),
        Fact(_("其中危险废物"), card.hazardous_g, "mass"),
        Fact(_("差额"), abs(card.difference_g), "mass", difference),
    ]


def outputs_table(card: CertificateCard) -> Table:
    """What came out, and where it must go."""
    columns = (
        Column("name", _("产出物")),
        Column("mass", _("重量"), "mass"),
        Column("kind", _("去向要求")),
    )
    rows = [
        Row(
            {
                "name": one.name,
                "mass": one.mass_g,
                "kind": _("危险废物，交有资质单位") if one.is_hazardous else _("再生利用"),
            },
            tone="warn" if one.is_hazardous else "",
        )
        for one in card.outputs
    ]
    totals: dict[str, Any] = {"mass": card.mass_out_g}
    return Table("outputs", _("拆解产出"), columns, rows, totals=totals)
