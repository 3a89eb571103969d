"""What cashiers type: a scan, a price, the facts of a paper, a reason."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from huanxin.claims.types import EvidenceKind
from huanxin.claims.types.reading import RELATIONS
from huanxin.web.forms import MomentField, PlainForm, RequestForm, YuanField

MAX_FILE_BYTES = 10 * 1024 * 1024
# Going back after a sale must not bring the last customer's price with it.
_AMOUNT = {"inputmode": "decimal", "autocomplete": "off"}
_CODE = {"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}


class ScanForm(PlainForm):
    scan = forms.CharField(
        label=_("扫码或输入"),
        max_length=300,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autofocus": True,
                "enterkeyhint": "done",
                "placeholder": _("付款码、商品条码、序列号或 IMEI"),
            }
        ),
    )


class BasketForm(PlainForm):
    gtin = forms.CharField(
        label=_("商品条码"), max_length=14, required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    serial = forms.CharField(
        label=_("序列号（SN）"), max_length=60, required=False,
        widget=forms.TextInput(attrs=_CODE),
    )  # fmt: skip
    imei = forms.CharField(
        label=_("IMEI"), max_length=20, required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    list_price_fen = YuanField(
        label=_("标价（元）"), required=False, widget=forms.TextInput(attrs=_AMOUNT)
    )
    discount_fen = YuanField(
        label=_("商家优惠（元）"), required=False, widget=forms.TextInput(attrs=_AMOUNT)
    )

    def __init__(
        self,
        *args: Any,
        trade_ins: list[tuple[str, str]],
        consumptions: list[tuple[str, str]],
        has_imei: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if not has_imei:
            del self.fields["imei"]
        if trade_ins:
            options = [*trade_ins, ("", _("这次不用"))]
            self.fields["trade_in_id"] = forms.ChoiceField(
                label=_("焕新券"), required=False, choices=options
            )

        if consumptions:
            self.fields["consumption_ids"] = forms.MultipleChoiceField(
                label=_("消费券"), required=False, choices=consumptions,
                widget=forms.CheckboxSelectMultiple,
            )  # fmt: skip

    def as_changes(self) -> dict[str, Any]:
        """The fields of a basket that were typed."""
        typed = dict(self.cleaned_data)
        if "consumption_ids" in typed:
            typed["consumption_ids"] = tuple(typed["consumption_ids"])
        return {**typed, "discount_fen": typed["discount_fen"] or 0}


class PurchaseForm(RequestForm):
    """Goods without a subsidy, paid in part with consumption vouchers."""

    category_code = forms.ChoiceField(label=_("商品品类"))
    price_fen = YuanField(label=_("金额（元）"), help_text=_("商家优惠之后的价格"))
    voucher_ids = forms.MultipleChoiceField(
        label=_("使用哪些消费券"), widget=forms.CheckboxSelectMultiple
    )
    seen_to_pay_fen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        categories: list[tuple[str, str]],
        vouchers: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, options in (("category_code", categories), ("voucher_ids", vouchers)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = options


class GiveBackForm(RequestForm):
    """Goods of a purchase that come back."""

    returned_fen = YuanField(label=_("退回商品的金额（元）"))
    reason = forms.CharField(label=_("退货原因"), min_length=4, max_length=200)


class SellForm(RequestForm):
    seen_to_pay_fen = forms.IntegerField(widget=forms.HiddenInput)


class DegreesField(forms.CharField):
    """Degrees with a decimal point, in millionths."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal"}))
        super().__init__(max_length=20, **kwargs)

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            degrees = Decimal(text)
        except InvalidOperation as error:
            raise forms.ValidationError(_("请填写十进制度数，例如 36.456789。")) from error
        if not abs(degrees) <= 180:
            raise forms.ValidationError(_("度数应在 -180 与 180 之间。"))
        return round(degrees * 10**6)


_RELATIONS = {
    "配偶": _("配偶"), "父母": _("父母"), "子女": _("子女"), "其他家人": _("其他家人"),
}  # fmt: skip


class RelationField(forms.ChoiceField):
    """Who of the claimant's family paid or received; nothing where she did it herself."""

    def __init__(self) -> None:
        super().__init__(
            label=_("与领取人的关系"), required=False, help_text=_("由家人代付或代收时填写"),
            choices=[("", _("本人")), *((one, _RELATIONS[one]) for one in RELATIONS)],
        )  # fmt: skip


class PaperForm(RequestForm):
    """One paper: its file, and the facts typed from it."""

    file = forms.FileField(
        label=_("照片或文件"),
        widget=forms.FileInput(attrs={"accept": "image/*,.heic,.heif,.pdf,.ofd,.xml"}),
    )

    def __init__(self, *args: Any, is_read: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_read:
            for name in self.fields.keys() - {"file", "request_id"}:
                self.fields[name].required = False

    def clean_file(self) -> "UploadedFile[Any]":
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MAX_FILE_BYTES:
            raise forms.ValidationError(_("文件超过 10 MB，请压缩后重新上传。"))
        return file

    def as_facts(self) -> Mapping[str, Any]:
        """What was typed; empty fields are facts nobody knows."""
        typed = {k: v for k, v in self.cleaned_data.items() if k not in {"file", "request_id"}}
        return {name: value for name, value in typed.items() if value not in (None, "")}


class InvoiceForm(PaperForm):
    invoice_number = forms.CharField(
        label=_("发票号码"), max_length=20, help_text=_("数电发票 20 位；旧版 8 位另填发票代码"),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    invoice_code = forms.CharField(
        label=_("发票代码"), max_length=12, required=False, help_text=_("仅旧版发票填写"),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    invoice_total_fen = YuanField(label=_("价税合计（元）"), help_text=_("等于顾客实付加补贴"))
    invoiced_on = forms.DateField(
        label=_("开票日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    buyer_document_no = forms.CharField(
        label=_("购买人证件号"), max_length=18, help_text=_("只用于比对是否本人，加密后不可还原")
    )


class LabelForm(PaperForm):
    serial_read = forms.CharField(
        label=_("铭牌上的序列号"), max_length=60, widget=forms.TextInput(attrs=_CODE)
    )
    grade_read = forms.TypedChoiceField(
        label=_("能效等级"), coerce=int, required=False, empty_value=None,
        choices=[("", _("没有标识")), *((n, _("%d 级") % n) for n in range(1, 6))],
    )  # fmt: skip
    imei_read = forms.CharField(label=_("机身 IMEI"), max_length=20, required=False)
    lat_e6 = DegreesField(label=_("拍摄位置 · 纬度"), required=False)
    lon_e6 = DegreesField(label=_("拍摄位置 · 经度"), required=False)


class DeliveryForm(PaperForm):
    signed_at = MomentField(label=_("签收时间"))
    receiver_document_no = forms.CharField(
        label=_("收货人证件号"), max_length=18, required=False,
        help_text=_("与购买人同为一人；只用于比对，加密后不可还原"),
    )  # fmt: skip
    shipped_at = MomentField(label=_("发货时间"), required=False)
    receiver_relation = RelationField()
    waybill = forms.CharField(label=_("运单号"), max_length=40, required=False)
    lat_e6 = DegreesField(label=_("拍摄位置 · 纬度"), required=False)
    lon_e6 = DegreesField(label=_("拍摄位置 · 经度"), required=False)


class ActivationForm(PaperForm):
    activated_at = MomentField(label=_("激活时间"))
    imei_read = forms.CharField(label=_("屏幕上的 IMEI"), max_length=20, required=False)


class PaymentForm(PaperForm):
    paid_fen = YuanField(label=_("实付金额（元）"))
    paid_at = MomentField(label=_("付款时间"))
    payer_document_no = forms.CharField(label=_("付款人证件号"), max_length=18, required=False)
    payer_relation = RelationField()


class OldUnitForm(PaperForm):
    pass


PAPER_FORMS: dict[EvidenceKind, type[PaperForm]] = {
    EvidenceKind.INVOICE: InvoiceForm,
    EvidenceKind.LABEL: LabelForm,
    EvidenceKind.DELIVERY: DeliveryForm,
    EvidenceKind.ACTIVATION: ActivationForm,
    EvidenceKind.PAYMENT: PaymentForm,
    EvidenceKind.OLD_UNIT: OldUnitForm,
}


class NoteForm(RequestForm):
    note = forms.CharField(
        label=_("说明"), min_length=4, max_length=400, widget=forms.Textarea(attrs={"rows": 4})
    )


class ReturnForm(RequestForm):
    reason = forms.CharField(
        label=_("退货原因"), min_length=4, max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class ReduceForm(RequestForm):
    """A price lowered after the sale; `seen_price_fen` is the price that was confirmed."""

    off_fen = YuanField(label=_("降价多少（元）"), help_text=_("含税；不是退给顾客的金额"))
    reason = forms.CharField(
        label=_("原因"), min_length=4, max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("例如：七天保价、配件缺失部分退款"),
    )  # fmt: skip
    seen_price_fen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class UploadForm(PlainForm):
    file = forms.FileField(
        label=_("申报表"), widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"})
    )


class PriceForm(PlainForm):
    gtin = forms.CharField(
        label=_("商品条码"), max_length=14,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    price_fen = YuanField(label=_("备案价（元）"))
    from_on = forms.DateField(
        label=_("从哪天起"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
