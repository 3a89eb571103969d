from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from huanxin.kernel.errors import DomainError
from huanxin.recycling.types import BatteryKind, LotPurpose, PaperKind
from huanxin.recycling.types.depot import (
    Carriage,
    GradingQuestion,
    Inspection,
    NewLot,
    WeighIn,
)
from huanxin.recycling.types.orders import NewVehiclePaper
from huanxin.recycling.types.renewal import NewSale, NewWork, WorkItem
from huanxin.recycling.types.valuation import UnitAnswers
from huanxin.trace import selectors as trace
from huanxin.web.citizen.forms import AnswersForm
from huanxin.web.forms import KilogramField, PlainForm, RequestForm, YuanField

MAX_PHOTO_BYTES = 10 * 1024 * 1024
MAX_PHOTOS = 6
UNIT_MOST_G = 500_000
_SCAN = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}


class UnitCodeField(forms.CharField):
    """Whatever a scanner read of a unit's label, handed on as its code."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs=dict(_SCAN)))
        super().__init__(max_length=300, **kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        return read_code(text) if text else ""


def read_code(text: str) -> str:
    """The code in a scan; the domain's own words where there is none."""
    try:
        return trace.read_scanned(text)
    except DomainError as refusal:
        raise forms.ValidationError(refusal.message) from refusal


class CodeForm(PlainForm):
    """A label that was scanned, or none yet: then one is issued when the unit is taken."""

    scan = UnitCodeField(label=_("扫机身码标签"), required=False)
    is_issued = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.errors and not said.get("scan") and not said.get("is_issued"):
            self.add_error("scan", _("请扫描标签，或选择取走时发码。"))
        return said


class _ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several photos at once."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"accept": "image/*", "multiple": True}
        super().__init__(widget=_ManyFiles(attrs=attrs), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list) else [data]
        if len(files) > MAX_PHOTOS:
            raise forms.ValidationError(_("一次最多 6 张。"))
        return [self._photo(super(PhotosField, self).clean(one, initial)) for one in files]

    def _photo(self, file: Any) -> Any:
        if (file.size or 0) > MAX_PHOTO_BYTES:
            raise forms.ValidationError(_("照片超过 10 MB，请压缩后重新上传。"))
        return file


class PhotosForm(PlainForm):
    photos = PhotosField(label=_("旧机照片"), error_messages={"required": _("请先拍照。")})


class FoundForm(AnswersForm):
    """What the worker finds at the door, in the owner's own three questions."""

    request_id = forms.UUIDField(widget=forms.HiddenInput)

    def as_found(self, agreed: UnitAnswers) -> UnitAnswers:
        """The new answers; the brand's tier stays as quoted."""
        return replace(self.as_answers(), brand_tier=agreed.brand_tier)


class ConsentForm(PlainForm):
    consent_code = forms.RegexField(
        r"^\s*[0-9]{6}\s*$",
        label=_("消费者念出的六位确认码"),
        error_messages={"invalid": _("确认码是六位数字。")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class CollectForm(RequestForm):
    seen_fen = forms.IntegerField(widget=forms.HiddenInput)
    lat_e6 = forms.IntegerField(required=False, widget=forms.HiddenInput)
    lon_e6 = forms.IntegerField(required=False, widget=forms.HiddenInput)


class WeighForm(RequestForm):
    scan = UnitCodeField(
        label=_("扫机身码"), widget=forms.TextInput(attrs={**_SCAN, "autofocus": True})
    )
    mass_g = KilogramField(label=_("磅秤读数（公斤）"), most_g=UNIT_MOST_G)

    def clean_mass_g(self) -> int:
        mass_g: int = self.cleaned_data["mass_g"]
        if mass_g == 0:
            raise forms.ValidationError(_("重量须大于零。"))
        return mass_g


class GradeForm(RequestForm):
    """What the grading standard asks about one unit; the standard decides, not the inspector."""

    def __init__(
        self, *args: Any, questions: Sequence[GradingQuestion], codes: Sequence[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"] = forms.ChoiceField(
            choices=[(code, code) for code in codes], widget=forms.HiddenInput
        )
        self.questions = questions
        for question in questions:
            self.fields[question.id] = forms.ChoiceField(
                label=question.say, choices=question.answers, widget=forms.RadioSelect,
                error_messages={"required": _("请选一项。")},
            )  # fmt: skip

    def as_inspection(self) -> Inspection:
        said = self.cleaned_data
        return Inspection(said["unit"], {one.id: said[one.id] for one in self.questions})

    @property
    def lines(self) -> list[tuple[GradingQuestion, Any]]:
        """Each question with its field, for the template."""
        return [(one, self[one.id]) for one in self.questions]


class PackForm(RequestForm):
    """Units ticked on the page and units scanned onto the truck, to one receiver."""

    receiver = forms.ChoiceField(label=_("送往"))
    scans = forms.CharField(
        label=_("扫码装车"),
        help_text=_("逐台扫码，每台一行；与勾选的合在一起"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={**_SCAN, "rows": 4}),
    )
    units = forms.MultipleChoiceField(required=False)

    def __init__(
        self,
        *args: Any,
        receivers: Sequence[tuple[str, str]],
        codes: Sequence[str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["receiver"].choices = receivers  # type: ignore[attr-defined]
        self.fields["units"].choices = [(code, code) for code in codes]  # type: ignore[attr-defined]

    def clean_scans(self) -> list[str]:
        return [read_code(line) for line in self.cleaned_data["scans"].split()]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.errors and not self._codes():
            self.add_error("scans", _("请扫码或勾选要装车的旧机。"))
        return said

    def as_lot(self, depot_org_id: UUID) -> NewLot:
        purpose, _bar, receiver = self.cleaned_data["receiver"].partition("|")
        return NewLot(depot_org_id, UUID(receiver), self._codes(), LotPurpose(purpose))

    def _codes(self) -> tuple[str, ...]:
        said = self.cleaned_data
        return tuple(dict.fromkeys([*said.get("scans", []), *said.get("units", [])]))


class CarriageForm(PlainForm):
    """The truck that a lot leaves on."""

    plate_no = forms.CharField(
        label=_("车牌号"), max_length=12, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    driver_name = forms.CharField(label=_("驾驶员"), max_length=40)
    seal_no = forms.CharField(
        label=_("封签号"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def as_carriage(self) -> Carriage:
        return Carriage(**self.cleaned_data)


class TransferForm(RequestForm):
    """A weight for each unit of a lot that came; units that are on no list are scanned below."""

    extra = forms.CharField(
        label=_("清单外的机身码"), required=False, max_length=4000,
        help_text=_("每台一行：机身码 公斤数"), widget=forms.Textarea(attrs={**_SCAN, "rows": 3}),
    )  # fmt: skip

    def __init__(self, *args: Any, codes: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = codes
        for code in codes:
            self.fields[f"mass-{code}"] = KilogramField(most_g=UNIT_MOST_G, required=False)

    def field_of(self, code: str) -> Any:
        return self[f"mass-{code}"]

    def clean_extra(self) -> list[WeighIn]:
        found = []
        for line in self.cleaned_data["extra"].splitlines():
            if line.strip():
                code, _gap, mass = line.strip().rpartition(" ")
                mass_g = KilogramField(most_g=UNIT_MOST_G).clean(mass)
                found.append(WeighIn(read_code(code or mass), mass_g or 0))
        return found

    def as_weights(self) -> tuple[WeighIn, ...]:
        said = self.cleaned_data
        listed = [WeighIn(c, said[f"mass-{c}"]) for c in self.codes if said[f"mass-{c}"]]
        return (*listed, *said["extra"])


class WorkForm(RequestForm):
    """What was done to a unit, and its safety test."""

    done = forms.CharField(label=_("做了什么"), max_length=200)
    part = forms.CharField(label=_("换上的部件"), max_length=60, required=False)
    cost = YuanField(label=_("费用（元）"), required=False)
    is_safe = forms.ChoiceField(
        label=_("安全检测（GB 4706.1）"), widget=forms.RadioSelect,
        choices=(("yes", _("合格")), ("no", _("不合格"))),
    )  # fmt: skip
    tester = forms.CharField(label=_("检测人"), max_length=40)

    def as_work(self, unit_code: str) -> NewWork:
        said = self.cleaned_data
        item = WorkItem(said["done"], said["part"], said["cost"] or 0)
        return NewWork(unit_code, (item,), is_safe=said["is_safe"] == "yes", tester=said["tester"])


class OfferForm(RequestForm):
    price = YuanField(label=_("标价（元）"))
    warranty_months = forms.IntegerField(label=_("保修（月）"), min_value=1, max_value=60)


class ResaleForm(RequestForm):
    price = YuanField(label=_("成交价（元）"))
    invoice_no = forms.CharField(label=_("二手销售发票号码（20 位）"), max_length=20)
    warranty_months = forms.IntegerField(label=_("保修（月）"), min_value=1, max_value=60)

    def as_sale(self, unit_code: str) -> NewSale:
        said = self.cleaned_data
        invoice_no = said["invoice_no"].strip()
        return NewSale(unit_code, said["price"], invoice_no, said["warranty_months"])


class GiveUpForm(RequestForm):
    reason = forms.CharField(label=_("改送拆解的原因"), max_length=200)


class BatteryForm(PlainForm):
    """An e-bike's battery, taken out and weighed apart."""

    kind = forms.ChoiceField(
        label=_("电池种类"), choices=[(one.value, one.label) for one in BatteryKind]
    )
    mass_g = KilogramField(label=_("电池重量（公斤）"))


class AbsentForm(PlainForm):
    note = forms.CharField(label=_("现场情况"), max_length=200, min_length=2)


class VehiclePaperForm(PlainForm):
    """A scrapped car's certificate or de-registration, as printed."""

    kind = forms.ChoiceField(
        label=_("凭证"), choices=[(one.value, one.label) for one in PaperKind]
    )  # fmt: skip
    number = forms.CharField(label=_("凭证编号"), max_length=40)
    vin = forms.CharField(
        label=_("车辆识别代号（17 位）"), max_length=17, widget=forms.TextInput(attrs=dict(_SCAN))
    )
    issuer = forms.CharField(label=_("出具单位"), max_length=80)
    issued_on = forms.DateField(
        label=_("出具日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def as_paper(self, unit_id: UUID) -> NewVehiclePaper:
        said = self.cleaned_data
        return NewVehiclePaper(
            unit_id, PaperKind(said["kind"]), said["number"], said["vin"], said["issuer"],
            said["issued_on"],
        )  # fmt: skip
