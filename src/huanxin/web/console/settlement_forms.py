"""What officers type about money: answer files, differences, objections, prepayment, months."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from huanxin.settlement.types import NewTerms, PrepaymentBasis
from huanxin.web.console.forms import Options, ReasonField
from huanxin.web.forms import PlainForm, RequestForm, YuanField


class AnswerFileForm(PlainForm):
    file = forms.FileField(label=_("银行回执文件（CSV）"))


class NoteForm(RequestForm):
    note = ReasonField(label=_("怎么了结的"))


class DecideForm(RequestForm):
    is_upheld = forms.TypedChoiceField(
        label=_("结论"),
        coerce=lambda value: value == "yes",
        choices=[("no", _("不成立，保留在批次中")), ("yes", _("成立，移出批次并转人工复核"))],
        widget=forms.RadioSelect,
    )
    answer = ReasonField(label=_("答复（异议人可查）"))


class ReceiveForm(RequestForm):
    reference = forms.CharField(label=_("银行回单号"), max_length=80)


class TermsForm(RequestForm):
    org_id = forms.ChoiceField(label=_("商户"))
    basis = forms.ChoiceField(
        label=_("预付依据"),
        choices=[
            (PrepaymentBasis.CLAIMS.value, _("核验通过、尚未结算的申报")),
            (PrepaymentBasis.LINE.value, _("约定额度")),
        ],
    )
    share_percent = forms.IntegerField(
        label=_("按依据的百分之几预付"), min_value=1, max_value=80, initial=50
    )
    line_fen = YuanField(label=_("约定额度（元，按约定额度时填）"), required=False)
    most_fen = YuanField(label=_("任何时候未抵扣的预付不超过（元）"))
    title = forms.CharField(label=_("协议名称或文号"), max_length=100)

    def __init__(self, *args: Any, orgs: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org_id"].choices = list(orgs)  # type: ignore[attr-defined]

    def as_terms(self) -> NewTerms:
        said = self.cleaned_data
        return NewTerms(
            org_id=UUID(said["org_id"]), basis=PrepaymentBasis(said["basis"]),
            share_bps=said["share_percent"] * 100, most_fen=said["most_fen"],
            title=said["title"], line_fen=said["line_fen"] or 0,
        )  # fmt: skip


class AheadForm(RequestForm):
    amount_fen = YuanField(label=_("本次预付（元）"))


class BackForm(RequestForm):
    amount_fen = YuanField(label=_("退回金额（元）"))
    reference = forms.CharField(label=_("银行回单号"), max_length=80)


class MonthForm(PlainForm):
    month_on = forms.DateField(
        label=_("月结到哪个月"), input_formats=["%Y-%m"],
        widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m"),
    )  # fmt: skip


class ReopenForm(PlainForm):
    reason = ReasonField(label=_("为什么要反结账"))
