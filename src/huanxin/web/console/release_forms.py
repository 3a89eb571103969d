"""What officers type to plan, move and draw releases."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huanxin.vouchers.types import (
    DayRule,
    NewLottery,
    NewPlan,
    NewPool,
    ReleaseMode,
    Slot,
    Stage,
)
from huanxin.web.console.forms import CodesField, Options, PoolForm, ReasonField
from huanxin.web.forms import MomentField, RequestForm, YuanField

MOST_SLOTS = 4
_STAGE = re.compile(r"(\d{1,4})\s*分?(?:钟)?\s*[:：]\s*(\d{1,3})\s*%?")
_STAGES_HELP = _("分钟:百分比，例如 0:40 5:30 10:30；不分批不填")


class StagesField(forms.CharField):
    """Minutes after the opening and per cent, a pair each: 0:40 5:30 10:30."""

    def clean(self, value: Any) -> tuple[Stage, ...]:
        text = super().clean(value).strip()
        pairs = [part for part in re.split(r"[\s,，;；、]+", text) if part]
        found = [_STAGE.fullmatch(part) for part in pairs]
        if not all(found):
            raise forms.ValidationError(_("请写成“分钟:百分比”，例如 0:40 5:30 10:30。"))
        numbers = [(int(one[1]), int(one[2])) for one in found if one]
        return tuple(Stage(minutes * 60, percent * 100) for minutes, percent in numbers)


class DaysField(forms.CharField):
    """Several days, separated by blanks or commas."""

    def clean(self, value: Any) -> tuple[date, ...]:
        parts = [part for part in re.split(r"[\s,，、]+", super().clean(value)) if part]
        try:
            return tuple(date.fromisoformat(part) for part in parts)
        except ValueError as error:
            raise forms.ValidationError(_("日期写作 2026-10-01，多个用空格隔开。")) from error


class LotteryFields(forms.Form):
    """Filled for a draw, left empty for first come, first served."""

    registers_until = MomentField(label=_("登记截止"), required=False)
    draws_at = MomentField(label=_("开奖时间"), required=False)
    entropy_source = forms.CharField(
        label=_("公开数来源"), required=False, max_length=120,
        help_text=_("登记截止后才在别处开出的号码，例如：中国福利彩票双色球第 2026101 期开奖号码"),
    )  # fmt: skip

    def as_lottery(self) -> NewLottery | None:
        typed = self.cleaned_data
        names = ("registers_until", "draws_at", "entropy_source")
        if not any(typed.get(name) for name in names):
            return None
        return NewLottery(*(typed[name] for name in names))

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        names = ("registers_until", "draws_at", "entropy_source")
        if any(typed.get(name) for name in names):
            for name in names:
                if not typed.get(name) and name not in self.errors:
                    self.add_error(name, _("摇号发放的三项都要填写。"))
        return typed


class ReleaseForm(PoolForm, LotteryFields):
    """One pool, with its stages or its draw if it has them."""

    stages = StagesField(
        label=_("场内分批"),
        required=False,
        help_text=_("分钟:百分比，例如 0:40 5:30 10:30；不分批不填"),
    )

    def as_pool(self) -> NewPool:
        lottery = self.as_lottery()
        mode = ReleaseMode.LOTTERY if lottery else ReleaseMode.TIMED
        stages = self.cleaned_data["stages"]
        return replace(super().as_pool(), stages=stages, lottery=lottery, mode=mode)


class PlanForm(RequestForm):
    title = forms.CharField(label=_("名称"), max_length=40, help_text=_("每场会加上日期和钟点"))
    programme = forms.ChoiceField(label=_("政策"), widget=forms.HiddenInput)
    regions = CodesField(label=_("地区"))
    categories = CodesField(label=_("品类"))
    first_on = forms.DateField(label=_("从"), widget=forms.DateInput(attrs={"type": "date"}))
    last_on = forms.DateField(label=_("到"), widget=forms.DateInput(attrs={"type": "date"}))
    days = forms.ChoiceField(
        label=_("哪些日子"),
        choices=[
            (DayRule.EVERY_DAY.value, _("每天")),
            (DayRule.WORKDAYS.value, _("周一至周五")),
            (DayRule.WEEKENDS.value, _("周六、周日")),
        ],
    )
    also_on = DaysField(
        label=_("另加的日子（节假日）"), required=False,
        help_text=_("用空格隔开，例如 2026-10-01 2026-10-02"),
    )  # fmt: skip
    not_on = DaysField(
        label=_("不发放的日子"), required=False, help_text=_("写法同左，例如停机维护的日子")
    )
    stages = StagesField(
        label=_("场内分批"),
        required=False,
        help_text=_("分钟:百分比，例如 0:40 5:30 10:30；不分批不填"),
    )
    carries_rest = forms.ChoiceField(
        label=_("每场没领完的"), required=False,
        choices=[("", _("退回预算")), ("on", _("转入同地区下一场"))],
    )  # fmt: skip
    lapse_hours = forms.IntegerField(
        label=_("领后有效（小时）"), initial=48, min_value=1, max_value=8760
    )

    def __init__(
        self, *args: Any, programmes: Options, regions: Options, categories: Options, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        options = {"programme": programmes, "regions": regions, "categories": categories}
        for name, choices in options.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = list(choices)
        for n in range(1, MOST_SLOTS + 1):
            self.fields.update(_slot_fields(n))

    def slots(self) -> list[list[forms.BoundField]]:
        """The rows of the slots' table."""
        names = ("opens", "closes", "quantity", "budget_fen")
        return [[self[f"{name}_{n}"] for name in names] for n in range(1, MOST_SLOTS + 1)]

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        for n in range(1, MOST_SLOTS + 1):
            row = {k: typed.get(f"{k}_{n}") for k in ("opens", "closes", "quantity", "budget_fen")}
            if any(row.values()) and not all(value not in {None, ""} for value in row.values()):
                self.add_error(f"opens_{n}", _("这一时段没有填全。"))
        return typed

    def as_plan(self) -> NewPlan:
        typed = self.cleaned_data
        rows = [
            Slot(
                typed[f"opens_{n}"], typed[f"closes_{n}"], typed[f"quantity_{n}"],
                typed[f"budget_fen_{n}"],
            )
            for n in range(1, MOST_SLOTS + 1)
            if typed.get(f"opens_{n}")
        ]  # fmt: skip
        return NewPlan(
            title=typed["title"], programme=typed["programme"],
            region_codes=tuple(typed["regions"]), categories=tuple(typed["categories"]),
            first_on=typed["first_on"], last_on=typed["last_on"], slots=tuple(rows),
            days=DayRule(typed["days"]), also_on=typed["also_on"], not_on=typed["not_on"],
            stages=typed["stages"], carries_rest=bool(typed["carries_rest"]),
            lapse_hours=typed["lapse_hours"],
        )  # fmt: skip


def _slot_fields(n: int) -> dict[str, forms.Field]:
    is_first = n == 1
    clock = {"inputmode": "numeric", "placeholder": "10:00"}
    return {
        f"opens_{n}": forms.CharField(
            label=_("开放"), max_length=5, required=is_first, widget=forms.TextInput(attrs=clock)
        ),
        f"closes_{n}": forms.CharField(
            label=_("结束"), max_length=5, required=is_first,
            widget=forms.TextInput(attrs={**clock, "placeholder": "20:00"}),
        ),
        f"quantity_{n}": forms.IntegerField(
            label=_("每县名额"), required=is_first, max_value=10_000_000
        ),
        f"budget_fen_{n}": YuanField(label=_("每县资金（元）"), required=is_first),
    }  # fmt: skip


class AddForm(RequestForm):
    places = forms.IntegerField(label=_("增加名额"), min_value=0, max_value=10_000_000, initial=0)
    amount_fen = YuanField(label=_("增加资金（元）"), help_text=_("从同一预算划入；不增加资金填 0"))
    reason = ReasonField(label=_("原因"))


class MoveForm(AddForm):
    places = forms.IntegerField(label=_("转出名额"), min_value=0, max_value=10_000_000, initial=0)
    amount_fen = YuanField(label=_("转出资金（元）"), help_text=_("只能转出没有被领走的部分"))
    to_pool = forms.ChoiceField(label=_("转入哪一期"))

    def __init__(self, *args: Any, pools: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to_pool"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(pools)


class NumberForm(RequestForm):
    value = forms.CharField(
        label=_("公开数"), max_length=120,
        help_text=_("照公布的顺序逐个输入，例如 01 05 09 18 22 33 + 12"),
    )  # fmt: skip
