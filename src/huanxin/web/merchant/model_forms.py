"""A product model as its maker or a shop files it."""

from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from stdnum import ean

from huanxin.catalogue.types import NewModel
from huanxin.web.forms import PlainForm

GRADES = (("", _("没有等级标识")), *((str(n), str(n)) for n in range(1, 6)))


class ModelForm(PlainForm):
    """What the label of the goods says."""

    gtin = forms.CharField(
        label=_("商品条码"), max_length=14, help_text=_("包装上的 69 码，13 位"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    category_code = forms.ChoiceField(label=_("品类"))
    brand = forms.CharField(label=_("品牌"), max_length=40)
    name = forms.CharField(label=_("型号"), max_length=80, help_text=_("与铭牌一致"))
    energy_grade = forms.ChoiceField(label=_("能效（水效）等级"), required=False, choices=GRADES)
    efficiency_record_no = forms.CharField(
        label=_("能效标识备案号"), max_length=40, required=False,
        help_text=_("能效标识上的备案号，没有标识的留空"),
    )  # fmt: skip

    def __init__(self, *args: object, categories: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["category_code"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = categories

    def clean_gtin(self) -> str:
        digits = str(self.cleaned_data["gtin"]).replace(" ", "")
        if not ean.is_valid(digits):
            raise forms.ValidationError(_("条码的校验位不对，请照包装逐位核对。"))
        return digits

    def as_model(self, maker_id: UUID | None) -> NewModel:
        said = self.cleaned_data
        return NewModel(
            gtin=said["gtin"], brand=said["brand"].strip(), name=said["name"].strip(),
            category_code=said["category_code"], maker_id=maker_id,
            energy_grade=int(said["energy_grade"]) if said["energy_grade"] else None,
            efficiency_record_no=said["efficiency_record_no"].strip(),
        )  # fmt: skip
