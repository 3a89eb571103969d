"""Every part with sample values, on three sheets, to look at the language as a whole."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from huanxin.kernel import clock
from huanxin.web import maps, parts
from huanxin.web.forms import PlainForm
from huanxin.web.parts import Column, Empty, Fact, Row, Step, Table
from huanxin.web.states import FAMILIES

SHEETS = {"phone": "phone", "console": "console", "wall": "wall"}
CATEGORIES = (
    ("refrigerator", "冰箱"), ("washing_machine", "洗衣机"), ("television", "电视"),
    ("air_conditioner", "空调"), ("water_heater", "热水器"), ("computer", "电脑"),
    ("household_stove", "灶具"), ("range_hood", "油烟机"), ("water_purifier", "净水器"),
    ("dishwasher", "洗碗机"), ("rice_cooker", "电饭煲"), ("microwave_oven", "微波炉"),
    ("phone", "手机"), ("tablet", "平板"), ("smart_watch", "手表"), ("smart_glasses", "眼镜"),
)  # fmt: skip


class SampleForm(PlainForm):
    model = forms.CharField(label="型号条码", help_text="扫描包装上的 69 码，或手工输入 13 位数字")
    channel = forms.ChoiceField(label="销售渠道", choices=[("shop", "门店"), ("online", "线上")])
    note = forms.CharField(label="备注", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    photos = forms.FileField(label="发票与铭牌照片", required=False)


@require_safe
def gallery(request: HttpRequest, sheet: str = "phone") -> HttpResponse:
    if sheet not in SHEETS:
        raise Http404
    return render(request, f"public/gallery_{sheet}.html", _samples())


def _samples() -> dict[str, Any]:
    now = clock.now()
    form = SampleForm({"channel": "shop"})
    form.errors  # noqa: B018 - the gallery shows how an error looks
    return {
        "now": now,
        "long_ago": now - timedelta(minutes=9),
        "soon": now + timedelta(days=1, hours=3),
        "steps": _steps(now),
        "refusal": parts.Reason(
            title="未通过",
            code="R201",
            what="该机型能效为 2 级，本轮仅一级能效（水效）产品可享受补贴。",
            basis="商办流通函〔2025〕469号 第二条",
            todo="可改选同类一级能效机型；系统已列出 6 款在售型号。",
            tone="danger",
        ),
        "explanation": parts.Reason(
            what="成交价 4,939.00 元的 15%，未超过 1,500 元上限。",
            basis="发改环资〔2025〕1745号；2026 年家电以旧换新",
            tone="good",
            title="补贴 740.85 元",
        ),
        "facts": _facts(now),
        "empty": Empty(
            "还没有旧家电订单", "三步得到报价：选品类、说年限、答两问。", "#", "卖旧家电", "sell"
        ),
        "tiles": _tiles(),
        "table": _table(now),
        "filters": _filters(),
        "chart": parts.Chart(
            "by-county", "各县市区已核销补贴", _counties(), "region", "redeemed_fen"
        ),
        "map": _map(),
        "evidence": _evidence(),
        "card": parts.CodeCard(
            "向收银员出示", "HX1:0192F3A67C8B", now + timedelta(seconds=60), "#", "3715 0260 9011"
        ),
        "categories": CATEGORIES,
        "step_names": ["旧机", "价格", "时间"],
        "money_facts": [
            Fact("预算", 5_000_000_000, "wan"), Fact("已领取", 3_812_400_000, "wan"),
            Fact("已核销", 3_040_000_000, "wan"), Fact("已支付", 2_118_730_000, "wan"),
        ],
        "form": form,
        "results": [
            parts.FileResult("发票.pdf", "accepted", "数电发票，20 位号码校验通过"),
            parts.FileResult("铭牌.jpg", "refused", "序列号不清晰，请靠近重拍"),
            parts.FileResult("送货单", "missing"),
        ],
        "families": [
            (family, list(states))
            for family, states in FAMILIES.items()
        ],
        "confirmation": _confirmation(),
    }  # fmt: skip


def _steps(now: Any) -> list[Step]:
    return [
        Step(
            "已预约",
            "done",
            now - timedelta(days=1, hours=5),
            "王*英",
            "冰箱 1 台，换焕新券 60.00 元",
        ),
        Step("已派单", "done", now - timedelta(hours=20), "润泰回收 · 李师傅"),
        Step("上门中", "now", note="预计 9:40 到达，前面还有 1 户"),
        Step("验机付款", "next", note="当场称重验机；与预约不符会先征得您同意再改价"),
        Step("拆解完成", "next", note="30 天内出具拆解证明"),
    ]


def _facts(now: Any) -> list[Fact]:
    return [
        Fact("单号", "HS260901-1502-0000042-9", "number"),
        Fact("状态", "usable", "pill:voucher"),
        Fact("标价", 4_999_00, "money"),
        Fact("焕新券", -60_00, "money", "旧冰箱 45.00 元，商户加补 15.00 元"),
        Fact("补贴", -740_85, "money"),
        Fact("您应付", 4_198_15, "money", is_sum=True),
        Fact("有效至", now + timedelta(days=2), "time"),
        Fact("退货时间", None, "time"),
    ]


def _tiles() -> list[parts.Tile]:
    up = [31, 28, 40, 37, 52, 49, 61, 58, 66]
    return [
        parts.Tile("今日交旧", 1_284, unit="台", change_bps=830, change_words="比昨日", trend=up),
        parts.Tile(
            "已核销补贴", 304_000_000, "wan", change_words="比上周", change_bps=-120, trend=up[::-1]
        ),
        parts.Tile("旧换新转化率", 6_938, "percent", target="目标 70%", href="#"),
        parts.Tile("平均核验用时", timedelta(seconds=48), "duration", target="目标 1 分钟内"),
    ]  # fmt: skip


def _table(now: Any) -> Table:
    columns = (
        Column("number", "单号", "number"),
        Column("merchant", "商户"),
        Column("state", "核验", "pill:verify"),
        Column("sold_at", "成交时间", "time", is_sortable=True),
        Column("price_fen", "成交价", "money", is_sortable=True),
        Column("subsidy_fen", "补贴", "money", is_sortable=True),
    )
    states = ("held", "waiting", "passed", "refused", "passed", "passed")
    rows = [
        Row(
            {
                "number": f"XS260901-1502-00001{n:02d}-{n}", "merchant": f"示例家电商场 {n} 店",
                "state": state, "sold_at": now - timedelta(hours=n * 7),
                "price_fen": 329_900 + n * 41_010, "subsidy_fen": 49_485 + n * 6_151,
            },
            href="#", tone="warn" if state == "held" else "danger" if state == "refused" else "",
        )
        for n, state in enumerate(states, 1)
    ]  # fmt: skip
    totals = {
        key: sum(int(str(row.values[key])) for row in rows) for key in ("price_fen", "subsidy_fen")
    }
    return Table(
        "claims", "补贴申请", columns, rows, totals=totals, sort="-sold_at", page=2, pages=9,
        total_count=431, can_export=True,
    )  # fmt: skip


def _filters() -> list[parts.Filter]:
    states = [("", "全部状态"), ("held", "待复核"), ("passed", "已通过")]
    return [
        parts.Filter("q", "单号或商户", kind="search"),
        parts.Filter("state", "核验状态", "held", options=states),
        parts.Filter("on", "成交日期", kind="day"),
    ]


def _counties() -> Table:
    columns = (
        Column("region", "县市区"),
        Column("redeemed_fen", "已核销", "wan"),
        Column("count", "笔数", "count"),
    )
    names = ("东昌府区", "茌平区", "阳谷县", "莘县", "东阿县", "冠县", "高唐县", "临清市")
    rows = [
        Row(
            {"region": name, "redeemed_fen": 9_240_00 * (97 - 11 * n) * 10, "count": 1460 - 170 * n}
        )
        for n, name in enumerate(names)
    ]
    return Table("counties", "各县市区已核销补贴", columns, rows)


def _map() -> parts.Map:
    width, height, outlines = maps.outlines("counties-371500.geojson")
    shapes = [
        parts.Shape(
            s.code, s.name, s.outline, s.label_x, s.label_y, f"{(n * 37) % 90 + 8} 台",
            n % 6, reverse("public:gallery"),
        )
        for n, s in enumerate(outlines)
    ]  # fmt: skip
    zones = ("经济技术开发区", "高新技术产业开发区", "江北水城旅游度假区")
    return parts.Map(
        "今日交旧台数", width, height, shapes,
        crumbs=[("#", "山东省"), ("#", "聊城市")],
        beside=[parts.Shape(name, name, "", 0, 0, "12 台", 2) for name in zones],
        legend=list(enumerate(("未接入", "1–20", "21–40", "41–60", "61–80", "81 以上"))),
    )  # fmt: skip


def _evidence() -> parts.Evidence:
    return parts.Evidence(
        "铭牌照片", static("huanxin/sample_label.svg"), 800, 500,
        [
            parts.Reading("型号", "BCD-520WGHTD", (60, 120, 420, 48), 9_900),
            parts.Reading("商品条码", "6901234567892", (60, 200, 360, 48), 9_960, is_checked=True),
            parts.Reading("序列号", "BC9K2Q4W00713", (60, 280, 380, 48), 8_720, is_bad=True,
                          note="与 8 月 14 日另一笔申请的序列号相同"),
            parts.Reading("能效等级", "1 级", (560, 150, 160, 200), 9_400),
        ],
    )  # fmt: skip


def _confirmation() -> parts.Confirmation:
    return parts.Confirmation(
        title="本批应付", amount_fen=1_284_306_85, sentence="付给 42 家商户，共 1,731 笔补贴。",
        facts=[
            Fact("批次", "JS260901-1502-0000003-1", "number"),
            Fact("中央资金", 1_091_660_82, "money"),
            Fact("省级资金", 128_430_69, "money"),
            Fact("市级资金", 64_215_34, "money"),
        ],
        action="#", button="确认支付", back="#",
        warning="确认后支付文件随即送往银行，不能撤回；有误须走追回流程。",
    )  # fmt: skip
