from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from stdnum.iso7064 import mod_11_2

from huanxin.identity import selectors as identity
from huanxin.identity.types import ConsentMeans, NewPerson
from huanxin.web.forms import PlainForm

_DIGITS = 18
MEANS = (
    (ConsentMeans.SIGNED.value, _("本人已在纸质同意书上签字或按手印")),
    (ConsentMeans.SPOKEN.value, _("本人口头同意，另有一名工作人员在场见证")),
    (ConsentMeans.GUARDIAN.value, _("监护人代为同意，已核对监护关系")),
    (ConsentMeans.PHONE.value, _("本人来电同意，已核对登记手机号，通话有录音")),
)


class DocumentForm(PlainForm):
    document_no = forms.CharField(
        label=_("居民身份证号"),
        help_text=_("当面核对证件原件后输入，或用读卡器读取"),
        max_length=18,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )

    def clean_document_no(self) -> str:
        """A number mistyped must not look like a resident who is not registered."""
        number = str(self.cleaned_data["document_no"]).strip().upper()
        if len(number) != _DIGITS or not mod_11_2.is_valid(number):
            raise forms.ValidationError(_("身份证号应为 18 位，请对照原件逐位核对。"))
        return number


class ResidentForm(PlainForm):
    """A resident who is not registered yet."""

    name = forms.CharField(label=_("姓名"), max_length=40)
    document_no = forms.CharField(label=_("居民身份证号"), max_length=18)
    phone = forms.CharField(
        label=_("联系电话"),
        help_text=_("上门时联系用；本人没有手机的填家人或本站手机"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "type": "tel"}),
    )
    region = forms.ChoiceField(label=_("县（市、区）"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        city = identity.get_region(settings.HUANXIN_CITY)
        counties = identity.list_regions(level="county", under=city.path)
        self.fields["region"] = forms.ChoiceField(
            label=self.fields["region"].label, choices=[(r.code, r.name) for r in counties]
        )

    def as_person(self) -> NewPerson:
        said = self.cleaned_data
        return NewPerson(
            name=said["name"],
            document_no=said["document_no"],
            phone=said["phone"],
            region_code=said["region"],
        )


class ConsentForm(PlainForm):
    means = forms.ChoiceField(label=_("同意方式"), choices=MEANS, widget=forms.RadioSelect)
    is_read = forms.BooleanField(
        label=_("已向本人读出上面的内容，本人听清并同意"),
        error_messages={"required": _("请先向本人读出内容并征得同意。")},
    )

    def as_means(self) -> ConsentMeans:
        return ConsentMeans(self.cleaned_data["means"])
