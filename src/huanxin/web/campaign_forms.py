"""What is typed to open consumption vouchers: tiers as rows, everything else a field."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from huanxin.identity.types import TAG_LEVELS, TagKind
from huanxin.vouchers.types import (
    Audience,
    Circle,
    ConsumptionTerms,
    LimitPer,
    NewPool,
    OnReturn,
    ReleaseMode,
    Tier,
    VoucherKind,
)
from huanxin.web.console.release_forms import LotteryFields, StagesField
from huanxin.web.forms import MomentField, RequestForm, YuanField

Options = Iterable[tuple[str, str]]
ROWS = 5
_TAGS = {
    "elderly_assessed": _("已评估老年人"), "new_car_buyer": _("新购车人"),
    "youth_talent": _("青年人才"), "low_income": _("低收入家庭成员"), "veteran": _("退役军人"),
}  # fmt: skip
_LEVELS = {
    "able": _("能力完好"), "mild": _("轻度失能"), "moderate": _("中度失能"),
    "severe": _("重度失能"), "complete": _("完全失能"),
}  # fmt: skip


def tag_options() -> list[tuple[str, str]]:
    """Every tag, by level where it has levels."""
    found = []
    for tag in TagKind:
        levels = TAG_LEVELS.get(tag, ())
        found += [(f"{tag}/{level}", f"{_TAGS[tag]}·{_LEVELS[level]}") for level in levels]
        found += [] if levels else [(str(tag), str(_TAGS[tag]))]
    return found


class CampaignForm(LotteryFields, RequestForm):
    funder = forms.ChoiceField(label=_("出资方"))
    title = forms.CharField(
        label=_("名称"), max_length=60, help_text=_("居民会看到，例如：青年兴聊消费券第一轮")
    )
    campaign = forms.CharField(
        label=_("活动代号"), max_length=40, help_text=_("小写字母、数字、连字符，例如 youth-2026")
    )
    round = forms.IntegerField(label=_("轮次"), initial=1, min_value=1, max_value=999)
    region_code = forms.ChoiceField(label=_("发放和使用地区"))
    quantity = forms.IntegerField(label=_("份数"), min_value=1, max_value=10_000_000)
    opens_at = MomentField(label=_("开放时间"))
    closes_at = MomentField(label=_("结束时间"))
    stages = StagesField(
        label=_("分批放出"), required=False,
        help_text=_("分钟:百分比，例如 0:40 5:30 10:30；不分批不填"),
    )  # fmt: skip
    lapse_hours = forms.IntegerField(
        label=_("领后有效（小时）"), initial=240, min_value=1, max_value=8760
    )
    limit_per = forms.ChoiceField(
        label=_("每人限领按"), choices=[
            (LimitPer.POOL, _("本期")), (LimitPer.ROUND, _("整个轮次")),
            (LimitPer.VALUE, _("本轮每种面值")),
        ],
    )  # fmt: skip
    limit_count = forms.IntegerField(
        label=_("每人限领（张）"), initial=1, min_value=1, max_value=50
    )
    categories = forms.MultipleChoiceField(
        label=_("适用品类"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("都不选表示不限品类"),
    )  # fmt: skip
    merchant_ids = forms.MultipleChoiceField(
        label=_("指定门店"), required=False, widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=_("不选表示地区内参与门店都可用"),
    )  # fmt: skip
    age_from = forms.IntegerField(label=_("年龄下限"), required=False, min_value=0, max_value=120)
    age_to = forms.IntegerField(label=_("年龄上限"), required=False, min_value=0, max_value=120)
    residence = forms.MultipleChoiceField(
        label=_("只给居住在"), required=False, widget=forms.CheckboxSelectMultiple
    )
    tags = forms.MultipleChoiceField(
        label=_("只给以下人群（任一）"), required=False, choices=tag_options,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("失能等级按 GB/T 42195-2022，须由主管部门登记"),
    )  # fmt: skip
    lat = forms.DecimalField(label=_("活动地点纬度"), required=False, min_value=-90, max_value=90)
    lon = forms.DecimalField(label=_("活动地点经度"), required=False, min_value=-180, max_value=180)
    radius_m = forms.IntegerField(label=_("半径（米）"), required=False, min_value=1)
    with_qualification = forms.BooleanField(
        label=_("可与补贴资格叠加"), required=False, initial=True
    )
    with_huanxin = forms.BooleanField(label=_("可与焕新券叠加"), required=False, initial=True)
    others_max = forms.IntegerField(
        label=_("同单其他消费券（张）"), initial=0, min_value=0, max_value=4
    )
    order = forms.IntegerField(
        label=_("抵扣次序"), initial=50, min_value=1, max_value=99, help_text=_("小的先抵扣")
    )
    lowers_base = forms.BooleanField(
        label=_("先抵扣，补贴按抵扣后的价格计算"), required=False, initial=True
    )
    on_return = forms.ChoiceField(
        label=_("退货时"), choices=[
            (OnReturn.RESTORE, _("券退还给居民")),
            (OnReturn.TO_POOL, _("券额退回活动资金，只退现金部分")),
        ],
    )  # fmt: skip

    def __init__(
        self, *args: Any, regions: Options, categories: Options, merchants: Options,
        funders: Options, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        regions = list(regions)
        options = {"region_code": regions, "residence": regions, "categories": categories,
                   "merchant_ids": merchants, "funder": funders}  # fmt: skip
        for name, choices in options.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = list(choices)
        for name in ("merchant_ids", "funder"):
            if not options[name]:
                del self.fields[name]
        for row in range(1, ROWS + 1):
            self.fields[f"threshold_{row}"] = YuanField(label=_("满（元）"), required=row == 1)
            self.fields[f"discount_{row}"] = YuanField(label=_("减（元）"), required=row == 1)
            self.fields[f"rate_{row}"] = forms.DecimalField(
                label=_("或打几折"), required=False, min_value=0, max_value=10, decimal_places=2
            )

    @property
    def tier_rows(self) -> list[list[forms.BoundField]]:
        """The fields of each step of the ladder, as the page lays them out."""
        parts = ("threshold", "discount", "rate")
        return [[self[f"{part}_{row}"] for part in parts] for row in range(1, ROWS + 1)]

    def as_pool(self, funder_code: str, merchant_ids: tuple[UUID, ...] | None = None) -> NewPool:
        """The pool to open with a funder's money; a shop's own is for itself."""
        typed = self.cleaned_data
        chosen = tuple(UUID(one) for one in typed.get("merchant_ids", ()))
        terms = ConsumptionTerms(
            campaign=typed["campaign"],
            funder_code=funder_code,
            tiers=tuple(self._tiers()),
            round=typed["round"],
            limit_per=LimitPer(typed["limit_per"]),
            limit_count=typed["limit_count"],
            categories=tuple(typed["categories"]),
            merchant_ids=chosen if merchant_ids is None else merchant_ids,
            audience=Audience(
                typed["age_from"], typed["age_to"], tuple(typed["residence"]), tuple(typed["tags"])
            ),
            circle=self._circle(),
            with_qualification=typed["with_qualification"],
            with_huanxin=typed["with_huanxin"],
            others_max=typed["others_max"],
            order=typed["order"],
            lowers_base=typed["lowers_base"],
            on_return=OnReturn(typed["on_return"]),
        )
        return NewPool(
            title=typed["title"],
            programme="",
            region_code=typed["region_code"],
            categories=(),
            quantity=typed["quantity"],
            budget_fen=terms.face_fen * typed["quantity"],
            opens_at=typed["opens_at"],
            closes_at=typed["closes_at"],
            lapse_hours=typed["lapse_hours"],
            kind=VoucherKind.CONSUMPTION,
            mode=ReleaseMode.LOTTERY if self.as_lottery() else ReleaseMode.TIMED,
            stages=typed["stages"],
            lottery=self.as_lottery(),
            consumption=terms,
        )

    def _tiers(self) -> Iterable[Tier]:
        typed = self.cleaned_data
        for row in range(1, ROWS + 1):
            threshold_fen, discount_fen = typed[f"threshold_{row}"], typed[f"discount_{row}"]
            if threshold_fen is None and discount_fen is None:
                continue
            fold = typed[f"rate_{row}"]
            rate_bps = 0 if fold is None else 10_000 - int(fold * 1000)
            yield Tier(threshold_fen or 0, discount_fen or 0, rate_bps)

    def _circle(self) -> Circle | None:
        typed = self.cleaned_data
        lat, lon, radius_m = typed["lat"], typed["lon"], typed["radius_m"]
        if lat is None or lon is None or radius_m is None:
            return None
        return Circle(int(lat * 1_000_000), int(lon * 1_000_000), radius_m)

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        where = [typed.get(name) for name in ("lat", "lon", "radius_m")]
        if any(one is not None for one in where) and None in where:
            self.add_error("radius_m", _("纬度、经度和半径要么都填，要么都不填。"))
        return typed
