"""What officers type: verdicts, releases, budgets, batches, bank answers, cases to try."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huanxin.claims.types import ReviewVerdict
from huanxin.kernel.errors import Invalid
from huanxin.policy import selectors as policy
from huanxin.settlement.types import BankAnswer
from huanxin.vouchers.types import NewPool
from huanxin.web.forms import MomentField, PlainForm, RequestForm, YuanField

Options = Iterable[tuple[str, str]]


def _codes(joined: Iterable[str]) -> list[str]:
    return [code for item in joined for code in item.split(",") if code]


class CodesField(forms.MultipleChoiceField):
    """Several codes: boxes on the form, joined by commas on the page that confirms."""

    widget = forms.CheckboxSelectMultiple

    def to_python(self, value: Any) -> list[str]:
        return _codes(super().to_python(value))

    def bound_data(self, data: Any, initial: Any) -> list[str]:
        return _codes(super().bound_data(data, initial) or [])


class ReasonField(forms.CharField):
    """Words of a person's own, at least four."""

    def __init__(self, **kwargs: Any) -> None:
        rows = {"rows": kwargs.pop("rows", 3)}
        super().__init__(
            min_length=4, max_length=400, widget=forms.Textarea(attrs=rows), **kwargs
        )  # fmt: skip


class VerdictForm(RequestForm):
    verdict = forms.ChoiceField(
        choices=[(one.value, one.value) for one in ReviewVerdict], widget=forms.HiddenInput
    )
    reason_code = forms.CharField(label=_("理由"), max_length=8, widget=forms.Select)
    note = ReasonField(label=_("具体情况"))
    next_id = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, reasons: Options = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason_code"].widget = forms.Select(choices=list(reasons))


class WhyForm(PlainForm):
    reason = ReasonField(label=_("原因"))


class RevealForm(PlainForm):
    reason = forms.CharField(label=_("查看原因"), min_length=4, max_length=80)


class PoolForm(RequestForm):
    title = forms.CharField(
        label=_("名称"), max_length=60, help_text=_("居民会看到，例如：9 月第一批冰箱补贴")
    )
    programme = forms.ChoiceField(label=_("政策"), widget=forms.HiddenInput)
    region_code = forms.ChoiceField(label=_("地区"))
    categories = CodesField(label=_("品类"))
    quantity = forms.IntegerField(label=_("名额"), min_value=1, max_value=10_000_000)
    budget_fen = YuanField(
        label=_("投入资金（元）"), help_text=_("从该地区该政策的预算划入，用完即止")
    )
    opens_at = MomentField(label=_("开放时间"))
    closes_at = MomentField(label=_("结束时间"))
    lapse_hours = forms.IntegerField(
        label=_("领后有效（小时）"), initial=48, min_value=1, max_value=8760
    )
    reserve_percent = forms.IntegerField(
        label=_("每份预留（上限的百分比）"), initial=100, min_value=1, max_value=100,
        help_text=_("100 表示每份资格都按最高补贴留足资金"),
    )  # fmt: skip

    def __init__(
        self, *args: Any, programmes: Options, regions: Options, categories: Options, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        options = {"programme": programmes, "region_code": regions, "categories": categories}
        for name, choices in options.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = list(choices)

    def as_pool(self) -> NewPool:
        typed = self.cleaned_data
        return NewPool(
            title=typed["title"],
            programme=typed["programme"],
            region_code=typed["region_code"],
            categories=tuple(typed["categories"]),
            quantity=typed["quantity"],
            budget_fen=typed["budget_fen"],
            opens_at=typed["opens_at"],
            closes_at=typed["closes_at"],
            lapse_hours=typed["lapse_hours"],
            reserve_bps=typed["reserve_percent"] * 100,
        )


class PlaceForm(RequestForm):
    """A programme in a region."""

    programme = forms.ChoiceField(label=_("政策"))
    region_code = forms.ChoiceField(label=_("地区"))

    def __init__(self, *args: Any, programmes: Options, regions: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("programme", programmes), ("region_code", regions)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = list(choices)


_DOCUMENT = _("下达文号（提交复核时填写）")


class BudgetForm(PlaceForm):
    central = YuanField(label=_("中央资金（元）"), required=False)
    province = YuanField(label=_("省级资金（元）"), required=False)
    city = YuanField(label=_("市级资金（元）"), required=False)
    document = forms.CharField(label=_DOCUMENT, max_length=120, required=False)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if not self.errors and not self.shares_fen():
            self.add_error("central", _("至少填写一项资金。"))
        return typed

    def shares_fen(self) -> dict[str, int]:
        """What each fund gives; funds that give nothing are left out."""
        funds = {name: self.cleaned_data.get(name) for name in ("central", "province", "city")}
        return {fund: fen for fund, fen in funds.items() if fen}


class MoveForm(PlaceForm):
    """Money one level down or up; no fund named is every fund in proportion."""

    amount_fen = YuanField(label=_("金额（元）"))
    fund = forms.ChoiceField(
        label=_("资金"),
        required=False,
        choices=[
            ("", _("各项资金按比例")),
            ("central", _("只动中央资金")),
            ("province", _("只动省级资金")),
            ("city", _("只动市级资金")),
        ],
    )
    document = forms.CharField(label=_DOCUMENT, max_length=120, required=False)


class TopUpForm(RequestForm):
    owner = forms.ChoiceField(label=_("出资方"))
    amount_fen = YuanField(label=_("到账金额（元）"))
    reference = forms.CharField(label=_("银行回单号或文件号"), max_length=60)

    def __init__(self, *args: Any, owners: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"] = forms.ChoiceField(label=_("出资方"), choices=list(owners))


class CreditForm(RequestForm):
    owner = forms.ChoiceField(label=_("出资方"))
    limit_fen = YuanField(label=_("最多可垫付（元），0 表示取消"))
    title = forms.CharField(label=_("依据：协议名称或文号"), max_length=100)

    def __init__(self, *args: Any, owners: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"] = forms.ChoiceField(label=_("出资方"), choices=list(owners))


class PublishForm(PlainForm):
    days = forms.IntegerField(label=_("公示天数（含今天）"), initial=5, min_value=1, max_value=30)


class ObjectionForm(RequestForm):
    number = forms.CharField(label=_("被异议的销售单号"), max_length=40)
    note = ReasonField(label=_("异议内容"))


class AnswerForm(RequestForm):
    order_number = forms.CharField(max_length=40, widget=forms.HiddenInput)
    answer = forms.ChoiceField(
        label=_("银行结果"),
        choices=[
            (BankAnswer.ACCEPTED.value, _("已到账")),
            (BankAnswer.REFUSED.value, _("退回")),
            (BankAnswer.UNKNOWN.value, _("结果不明")),
        ],
    )
    reference = forms.CharField(label=_("回单号"), max_length=60)


class RetryForm(RequestForm):
    order_number = forms.CharField(max_length=40, widget=forms.HiddenInput)


class DayForm(PlainForm):
    on = forms.DateField(
        label=_("对到哪一天"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class CaseForm(PlainForm):
    on = forms.DateField(
        label=_("付款日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    region_code = forms.ChoiceField(label=_("地区"))
    category_code = forms.ChoiceField(label=_("品类"))
    energy_grade = forms.TypedChoiceField(
        label=_("能效等级"), coerce=int, required=False, empty_value=None,
        choices=[("", _("没有标识")), *((n, _("%d 级") % n) for n in range(1, 6))],
    )  # fmt: skip
    price_fen = YuanField(label=_("成交价（元）"), help_text=_("减去商家优惠和焕新券之后"))
    facts = forms.CharField(
        label=_("其他事实"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("汽车、电动自行车、家装、养老等政策另外要问的，每行一项，如 交售旧机=是"),
    )  # fmt: skip

    def clean_facts(self) -> dict[str, object]:
        try:
            return dict(policy.typed_facts(self.cleaned_data["facts"]))
        except Invalid as error:
            raise forms.ValidationError(error.what) from error

    def __init__(self, *args: Any, regions: Options, categories: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("region_code", regions), ("category_code", categories)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = list(choices)
