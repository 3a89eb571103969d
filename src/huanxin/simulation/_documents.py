"""The papers a shop hands in, drawn: invoices, nameplates, delivery slips, screens. Pure.

Every mark on them is synthetic and valid by its check digit. What is drawn is the truth that the
reading of it is measured against.
"""

import io
import random
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import manimgx_fonts_cjk
import segno
from PIL import Image, ImageDraw, ImageFont

from huanxin.claims.types import EvidenceKind
from huanxin.kernel import clock, pdf
from huanxin.kernel.money import yuan

_FONT = Path(manimgx_fonts_cjk.__file__).parent / "NotoSansCJK-VF.otf.ttc"
_SIMPLIFIED, _REGULAR = 2, 400
_TEMPLATE = Path(__file__).parent / "data" / "invoice.typ"
_DOTS = 9  # pixels a millimetre
_INK, _RED, _LINE = "#1c1c1c", "#8a3324", "#a06a4c"
_OFD = "http://www.ofdspec.org/2016"
_BUYER, _SELLER = "王测试", "聊城测试家电有限公司"
_TAX_BPS = 1_300


@dataclass(frozen=True, slots=True)
class Words:
    """A text on a page of 210 x 140 mm: its left edge, its base line, its height."""

    x: float
    y: float
    size: float
    text: str


def invoice_page(facts: Mapping[str, Any]) -> list[Words]:
    """Every text of a fully digital ordinary invoice."""
    total: int = facts["invoice_total_fen"]
    net, tax = split(total)
    on: date = facts["invoiced_on"]
    label = "统一社会信用代码/纳税人识别号："
    return [
        Words(72, 12, 6.0, "电子发票（普通发票）"),
        Words(150, 14, 3.2, f"发票号码：{facts['invoice_number']}"),
        Words(150, 20, 3.2, f"开票日期：{on.year}年{on.month:02d}月{on.day:02d}日"),
        Words(14, 32, 3.2, f"购买方名称：{_BUYER}"),
        Words(14, 41, 3.0, f"{label}{facts['buyer_document_no']}"),
        Words(112, 32, 3.2, f"销售方名称：{_SELLER}"),
        Words(112, 41, 3.0, f"{label}{facts['seller_uscc']}"),
        *(Words(x, 50, 3.0, text) for x, text in (
            (14, "项目名称"), (62, "规格型号"), (100, "数量"), (118, "单价"), (145, "金额"),
            (165, "税率"), (182, "税额"),
        )),
        Words(14, 57, 3.0, facts["goods_name"]),
        Words(62, 57, 3.0, str(facts.get("model", "HX-260"))),
        Words(102, 57, 3.0, "1"),
        Words(116, 57, 3.0, plain(net)),
        Words(143, 57, 3.0, plain(net)),
        Words(166, 57, 3.0, "13%"),
        Words(180, 57, 3.0, plain(tax)),
        Words(26, 92, 3.2, "合　计"),
        Words(141, 92, 3.2, f"¥{plain(net)}"),
        Words(178, 92, 3.2, f"¥{plain(tax)}"),
        Words(18, 101, 3.2, "价税合计（大写）"),
        Words(62, 101, 3.4, in_words(total)),
        Words(140, 101, 3.2, f"（小写）¥{plain(total)}"),
        Words(14, 112, 3.0, "备注"),
        Words(24, 134, 3.0, "开票人：测试"),
    ]  # fmt: skip


def invoice_code(facts: Mapping[str, Any]) -> str:
    """The text of the invoice's QR code: type 32, no code, the amount with tax."""
    on: date = facts["invoiced_on"]
    number, total = facts["invoice_number"], plain(facts["invoice_total_fen"])
    return f"01,32,,{number},{total},{on:%Y%m%d},,8A2F"


def invoice_image(facts: Mapping[str, Any], *, has_code: bool = True) -> Image.Image:
    """The invoice as printed on paper."""
    page = Image.new("RGB", (210 * _DOTS, 140 * _DOTS), "white")
    draw = ImageDraw.Draw(page)
    for box in ((10, 26, 200, 126), (10, 45, 200, 45), (10, 86, 200, 86), (10, 95, 200, 95),
                (10, 105, 200, 105), (105, 26, 105, 45)):  # fmt: skip
        draw.rectangle([part * _DOTS for part in box], outline=_LINE, width=2)
    for words in invoice_page(facts):
        colour = _RED if words.size > 5 else _INK
        write(draw, (words.x * _DOTS, words.y * _DOTS), words.text, words.size * _DOTS, colour)
    if has_code:
        page.paste(_qr(invoice_code(facts), 20 * _DOTS), (12 * _DOTS, 4 * _DOTS))
    return page


def invoice_pdf(facts: Mapping[str, Any]) -> bytes:
    """The invoice as a PDF with text."""
    words = [{"x": w.x, "y": w.y, "size": w.size, "text": w.text} for w in invoice_page(facts)]
    drawn = {"words": words, "qr": pdf.qr_svg(invoice_code(facts))}
    return pdf.render(_TEMPLATE, drawn, at=datetime(2026, 7, 1, tzinfo=UTC))


def invoice_xml(facts: Mapping[str, Any]) -> bytes:
    """The invoice as the tax bureau's XML."""
    net, tax = split(facts["invoice_total_fen"])
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<EInvoice><Header><EIid>{facts["invoice_number"]}</EIid><Version>0.31</Version></Header>
<EInvoiceData><SellerInformation><SellerIdNum>{facts["seller_uscc"]}</SellerIdNum>
<SellerName>{_SELLER}</SellerName></SellerInformation>
<BuyerInformation><BuyerIdNum>{facts["buyer_document_no"]}</BuyerIdNum>
<BuyerName>{_BUYER}</BuyerName></BuyerInformation>
<BasicInformation><TotalAmWithoutTax>{plain(net)}</TotalAmWithoutTax>
<TotalTaxAm>{plain(tax)}</TotalTaxAm>
<TotalTax-includedAmount>{plain(facts["invoice_total_fen"])}</TotalTax-includedAmount>
</BasicInformation><IssuItemInformation><ItemName>{escape(facts["goods_name"])}</ItemName>
<Amount>{plain(net)}</Amount></IssuItemInformation></EInvoiceData>
<TaxSupervisionInfo><InvoiceNumber>{facts["invoice_number"]}</InvoiceNumber>
<IssueTime>{facts["invoiced_on"]:%Y-%m-%d}</IssueTime></TaxSupervisionInfo></EInvoice>
""".encode()


def invoice_ofd(facts: Mapping[str, Any]) -> bytes:
    """The invoice as an OFD container: what producers write beside the document, and its page."""
    on: date = facts["invoiced_on"]
    net, tax = split(facts["invoice_total_fen"])
    beside = {
        "发票号码": facts["invoice_number"],
        "开票日期": f"{on.year}年{on.month:02d}月{on.day:02d}日",
        "合计金额": plain(net), "合计税额": plain(tax),
        "购买方纳税人识别号": facts["buyer_document_no"],
        "销售方纳税人识别号": facts["seller_uscc"],
    }  # fmt: skip
    data = "".join(f'<ofd:CustomData Name="{k}">{v}</ofd:CustomData>' for k, v in beside.items())
    texts = "".join(
        f'<ofd:TextObject ID="{n}" Boundary="{w.x} {w.y} {len(w.text) * w.size} {w.size * 1.4}">'
        f'<ofd:TextCode X="0" Y="{w.size}">{escape(w.text)}</ofd:TextCode></ofd:TextObject>'
        for n, w in enumerate(invoice_page(facts), 10)
    )
    entries = {
        "OFD.xml": f'<ofd:OFD xmlns:ofd="{_OFD}" DocType="OFD" Version="1.1"><ofd:DocBody>'
        f"<ofd:DocInfo><ofd:CustomDatas>{data}</ofd:CustomDatas></ofd:DocInfo>"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f'<ofd:Document xmlns:ofd="{_OFD}"><ofd:Pages>'
        '<ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages></ofd:Document>',
        "Doc_0/Pages/Page_0/Content.xml": f'<ofd:Page xmlns:ofd="{_OFD}"><ofd:Content>'
        f'<ofd:Layer ID="2">{texts}</ofd:Layer></ofd:Content></ofd:Page>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as container:
        for name, text in entries.items():
            container.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)
    return out.getvalue()


def nameplate(facts: Mapping[str, Any]) -> Image.Image:
    """A nameplate with its barcodes, and the energy label beside it where the unit has a grade."""
    plate = Image.new("RGB", (1_500, 900), "#e9e9e4")
    draw = ImageDraw.Draw(plate)
    draw.rounded_rectangle((20, 20, 1_480, 880), 24, outline="#777777", width=4)
    write(draw, (60, 110), f"{facts.get('brand', '测试牌')} 产品铭牌", 56, _INK)
    rows = [("产品型号", facts["model_read"]), ("额定电压", "220V~ 50Hz")]
    rows += [("SN", facts["serial_read"])]
    if "imei_read" in facts:
        rows.append(("IMEI", facts["imei_read"]))
    if "produced_on" in facts:
        rows.append(("生产日期", f"{facts['produced_on']:%Y-%m-%d}"))
    for n, (name, value) in enumerate(rows):
        write(draw, (60, 200 + n * 66), f"{name}: {value}", 40, _INK)
    bars = [("Code128", facts["serial_read"]), ("EAN13", facts["gtin_read"])]
    if "imei_read" in facts:
        bars[1:1] = [("Code128", facts["imei_read"])]
    for n, (kind, value) in enumerate(bars):
        drawn = _bars(kind, value)
        if drawn is not None:
            plate.paste(drawn, (60 + n % 2 * 720, 560 + n // 2 * 160))
    if facts.get("grade_read"):
        plate.paste(_energy_label(facts), (1_060, 60))
    return plate


def delivery_slip(facts: Mapping[str, Any]) -> Image.Image:
    """A signed delivery slip."""
    rows = [
        ("运单号", facts["waybill"]), ("承运商", facts["carrier"]),
        ("发货时间", _moment(facts["shipped_at"])), ("收货人", "王*试"),
        ("收货地址", facts["address"]), ("货物", "家电 1 件"),
        ("签收时间", _moment(facts["signed_at"])), ("签收人", "本人签收"),
    ]  # fmt: skip
    slip = _form("送货签收单", rows)
    drawn = _bars("Code128", facts["waybill"])
    if drawn is not None:
        slip.paste(drawn, (760, 60))
    return slip


def activation_screen(facts: Mapping[str, Any]) -> Image.Image:
    """The page on which a phone tells its numbers and when it was activated."""
    rows = [("型号名称", "HX Phone 5"), ("IMEI", facts["imei_read"]), ("存储", "256 GB"),
            ("激活时间", _moment(facts["activated_at"])), ("保修", "有限保修")]  # fmt: skip
    return _form("关于本机", rows, width=1_080, height=1_500)


def payment_screen(facts: Mapping[str, Any]) -> Image.Image:
    """A payment app's page of one payment."""
    rows = [("商户", _SELLER), ("实付金额", f"¥{yuan(facts['paid_fen']).lstrip('¥')}"),
            ("支付时间", _moment(facts["paid_at"])), ("支付方式", "储蓄卡"),
            ("当前状态", "支付成功")]  # fmt: skip
    return _form("账单详情", rows, width=1_080, height=1_400)


def drawn(kind: EvidenceKind, facts: Mapping[str, Any]) -> Image.Image:
    """The paper of a kind, clean."""
    draw = {
        EvidenceKind.INVOICE: invoice_image, EvidenceKind.LABEL: nameplate,
        EvidenceKind.DELIVERY: delivery_slip, EvidenceKind.ACTIVATION: activation_screen,
        EvidenceKind.PAYMENT: payment_screen, EvidenceKind.OLD_UNIT: old_unit,
    }[kind]  # fmt: skip
    return draw(facts)


def old_unit(facts: Mapping[str, Any]) -> Image.Image:
    """A picture of an old unit: shapes of its own, so that no two have one fingerprint."""
    rng = random.Random(str(sorted(facts.items())))
    picture = Image.new("RGB", (1_200, 900), "#8d8778")
    draw = ImageDraw.Draw(picture)
    for _ in range(24):
        x, y = rng.randrange(1_100), rng.randrange(800)
        shade = tuple(rng.randrange(60, 230) for _ in range(3))
        draw.rectangle((x, y, x + rng.randrange(40, 500), y + rng.randrange(40, 400)), fill=shade)
    return picture


def split(total_fen: int) -> tuple[int, int]:
    """Amount without tax and tax of a total at 13 %, adding up to the fen."""
    net = round(total_fen * 10_000 / (10_000 + _TAX_BPS))
    return net, total_fen - net


def plain(amount_fen: int) -> str:
    """Yuan with two decimals and no thousands, as invoices print them."""
    return f"{amount_fen // 100}.{amount_fen % 100:02d}"


def in_words(amount_fen: int) -> str:
    """An amount in capital characters.

    >>> in_words(493_900), in_words(1_000_503), in_words(200_010)
    ('肆仟玖佰叁拾玖圆整', '壹万零伍圆零叁分', '贰仟圆壹角整')
    """
    digits = "零壹贰叁肆伍陆柒捌玖"
    whole, jiao, fen = amount_fen // 100, amount_fen // 10 % 10, amount_fen % 10
    text, gap = "", False
    for place in range(len(str(whole)) - 1, -1, -1):
        digit = whole // 10**place % 10
        if digit:
            text += (
                ("零" if gap and text else "") + digits[digit] + ("", "拾", "佰", "仟")[place % 4]
            )
        gap = not digit
        if place == 4:
            text, gap = text + "万", False
    text += "圆"
    if not jiao and not fen:
        return text + "整"
    if not fen:
        return text + digits[jiao] + "角整"
    return text + (digits[jiao] + "角" if jiao else "零") + digits[fen] + "分"


def write(
    draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: float, ink: str
) -> None:
    """Text with its base line there."""
    draw.text(at, text, ink, _font(round(size)), anchor="ls")


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(str(_FONT), size, index=_SIMPLIFIED)
    font.set_variation_by_axes([_REGULAR])
    return font


def _form(
    title: str, rows: Sequence[tuple[str, str]], *, width: int = 1_400, height: int = 1_000
) -> Image.Image:
    page = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(page)
    write(draw, (60, 120), title, 60, _INK)
    for n, (name, value) in enumerate(rows):
        y = 280 + n * 92
        write(draw, (60, y), f"{name}：{value}", 38, _INK)
        draw.line((60, y + 24, width - 60, y + 24), fill="#dddddd", width=2)
    return page


def _energy_label(facts: Mapping[str, Any]) -> Image.Image:
    label = Image.new("RGB", (380, 460), "white")
    draw = ImageDraw.Draw(label)
    write(draw, (30, 60), "中国能效标识", 40, "#0b4da2")
    for n in range(1, 6):
        colour = ("#00843d", "#7ab800", "#ffd100", "#f28c00", "#d6001c")[n - 1]
        draw.rectangle((30, 60 + n * 44, 90 + n * 34, 94 + n * 44), fill=colour)
    write(draw, (30, 350), f"能效等级 {facts['grade_read']}级", 44, _INK)
    write(draw, (30, 420), str(facts["model_read"]), 34, _INK)
    return label


def _bars(kind: str, text: str) -> Image.Image | None:
    """A barcode with its digits below, where the library that draws them is installed."""
    if find_spec("zxingcpp") is None:
        return None
    import numpy as np
    import zxingcpp

    code = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
    bars = Image.fromarray(np.array(code.to_image(scale=3, add_quiet_zones=True))).convert("RGB")
    bars = bars.crop((0, bars.height // 4, bars.width, bars.height))
    strip = Image.new("RGB", (bars.width, bars.height + 36), "white")
    strip.paste(bars, (0, 0))
    write(ImageDraw.Draw(strip), (20, bars.height + 28), text, 26, _INK)
    return strip


def _qr(text: str, side: int) -> Image.Image:
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", scale=4, border=2)
    return Image.open(out).convert("RGB").resize((side, side), Image.Resampling.NEAREST)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}"
