"""Papers of depots and dismantlers as PDF: a lot's label, its manifest, a certificate."""

from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from huanxin.kernel import pdf
from huanxin.recycling.types.depot import LotCard
from huanxin.recycling.types.floor import CertificateCard
from huanxin.trace import selectors as trace
from huanxin.web import barcodes, unit_parts, values

_FOLDER = Path(__file__).parent / "papers"
_LINES_MOST = 2000
_NOTE = "本证明由平台按验收与过磅记录生成，旧机档案已关闭。扫码核验签章；改动一个字就会显示无效。"


def lot_label(lot: LotCard) -> bytes:
    """A label for the truck's seal: GS1-128 and QR of the SSCC, where from, where to."""
    names = unit_parts.org_names([lot.depot_org_id, lot.receiver_org_id])
    facts = {
        "title": _("批次标签 %s") % lot.number,
        "number": lot.number,
        "sscc": lot.sscc,
        "is_hazardous": lot.is_hazardous,
        "hazard_word": _("危废专线"),
        "lines": [
            [_("发出"), names[lot.depot_org_id]],
            [_("送往"), names[lot.receiver_org_id]],
            [_("数量"), _("%d 台") % len(lot.unit_codes)],
            [_("重量"), values.kilograms(lot.mass_g)],
            [_("封签"), values.full_time(lot.packed_at)],
        ],
        "barcode": barcodes.sscc_svg(lot.sscc),
        "qr": pdf.qr_svg(trace.container_link(lot.sscc)),
    }
    return pdf.render(_FOLDER / "lot_label.typ", facts, at=lot.packed_at)


def manifest(lot: LotCard) -> bytes:
    """What is on the truck, unit by unit, with the truck and its seal; both sides sign it."""
    names = unit_parts.org_names([lot.depot_org_id, lot.receiver_org_id])
    kinds, classes = unit_parts.category_names(), unit_parts.class_names()
    truck = lot.carriage
    rows = [
        [
            str(place), one.unit_code, kinds[one.category_code],
            classes.get(one.class_code, one.class_code), one.grade or "—",
            values.kilograms(one.mass_g),
        ]
        for place, one in enumerate(lot.lines[:_LINES_MOST], start=1)
    ]  # fmt: skip
    facts = {
        "title": _("旧机随车清单"),
        "number": lot.number,
        "lines": [
            [_("批次号"), lot.number], [_("SSCC"), lot.sscc],
            [_("发出"), names[lot.depot_org_id]], [_("送往"), names[lot.receiver_org_id]],
            [_("车牌"), truck.plate_no if truck else "—"],
            [_("驾驶员"), truck.driver_name if truck else "—"],
            [_("封签号"), truck.seal_no if truck else "—"],
            [_("发运"), values.full_time(lot.shipped_at) if lot.shipped_at else "—"],
        ],
        "heads": [_("序"), _("机身码"), _("旧机"), _("类别"), _("等级"), _("重量")],
        "rows": rows,
        "total_word": _("合计 %d 台") % len(lot.lines),
        "total": values.kilograms(lot.mass_g),
        "signs": [_("发出人"), _("驾驶员"), _("验收人")],
        "qr": pdf.qr_svg(trace.container_link(lot.sscc)),
    }  # fmt: skip
    return pdf.render(_FOLDER / "manifest.typ", facts, at=lot.shipped_at or lot.packed_at)


def certificate(card: CertificateCard, sealed_url: str) -> bytes:
    """A dismantling certificate; its code opens the public page that checks the seal."""
    share = abs(card.difference_g) * 10_000 // card.mass_in_g if card.mass_in_g else 0
    outputs = [[_("产出物"), _("重量"), _("去向要求")]]
    outputs += [
        [one.name, values.kilograms(one.mass_g),
         _("危险废物，交有资质单位") if one.is_hazardous else _("再生利用")]
        for one in card.outputs
    ]  # fmt: skip
    parts = [[_("关键部件"), _("应有"), _("实有")]]
    parts += [[one.name, str(one.expected), str(one.found)] for one in card.parts]
    facts: dict[str, Any] = {
        "title": _("废弃电器电子产品拆解证明"),
        "number": card.number,
        "issuer": card.dismantler_name,
        "lines": [
            [_("证明编号"), card.number],
            [_("拆解批号"), card.run_number],
            [_("类别"), unit_parts.class_name(card.waste_class_code)],
            [_("拆解时间"), values.full_time(card.dismantled_at)],
            [_("投入"), _("%(mass)s，%(units)d 台") % {
                "mass": values.kilograms(card.mass_in_g), "units": len(card.unit_codes)}],
            [_("产出合计"), values.kilograms(card.mass_out_g)],
            [_("其中危险废物"), values.kilograms(card.hazardous_g)],
            [_("差额"), _("%(mass)s，占 %(share)s，允许 %(tolerance)s 以内") % {
                "mass": values.kilograms(abs(card.difference_g)),
                "share": values.percent(share), "tolerance": values.percent(card.tolerance_bps)}],
        ],
        "outputs_word": _("拆出了什么"),
        "outputs": outputs,
        "parts_word": _("关键部件计数"),
        "parts": parts if card.parts else [],
        "units_word": _("包含旧机 %d 台") % len(card.unit_codes),
        "units": list(card.unit_codes),
        "note": _NOTE,
        "qr": pdf.qr_svg(sealed_url),
    }  # fmt: skip
    return pdf.render(_FOLDER / "certificate.typ", facts, at=card.dismantled_at)


def pdf_file(body: bytes, name: str) -> HttpResponse:
    """A PDF to look at in the browser, named for saving."""
    response = HttpResponse(body, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
