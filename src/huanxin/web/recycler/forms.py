from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from huanxin.kernel.errors import DomainError
from huanxin.recycling.types import NextStep
from huanxin.recycling.types.depot import Grade, NewLot
from huanxin.recycling.types.valuation import UnitAnswers
from huanxin.trace import selectors as trace
from huanxin.web.citizen.forms import AnswersForm
from huanxin.web.forms import KilogramField, PlainForm, RequestForm

MAX_PHOTO_BYTES = 10 * 1024 * 1024
MAX_PHOTOS = 6
UNIT_MOST_G = 500_000
GRADES = (("", _("未定")), ("A", _("A 完好可用")), ("B", _("B 可修")), ("C", _("C 报废")))
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


class GradesForm(RequestForm):
    """A grade and a next step for every unit of a page; those left open are skipped."""

    def __init__(self, *args: Any, codes: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code in codes:
            self.fields[f"grade-{code}"] = forms.ChoiceField(choices=GRADES, required=False)
            self.fields[f"step-{code}"] = forms.ChoiceField(
                choices=[(NextStep.DISMANTLE.value, _("送拆解")),
                         (NextStep.REFURBISH.value, _("翻新再用"))],
                required=False,
            )  # fmt: skip
        self.codes = codes

    def as_grades(self) -> list[Grade]:
        said = self.cleaned_data
        return [
            Grade(code, grade, NextStep(said[f"step-{code}"] or NextStep.DISMANTLE))
            for code in self.codes
            if (grade := said[f"grade-{code}"])
        ]

    @property
    def lines(self) -> list[tuple[str, Any, Any]]:
        """Per unit its code and its two fields, for the template."""
        return [(code, self[f"grade-{code}"], self[f"step-{code}"]) for code in self.codes]


class PackForm(RequestForm):
    """Units ticked on the page and units scanned onto the truck, to one dismantler."""

    dismantler = forms.ChoiceField(label=_("送往拆解企业"))
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
        dismantlers: Sequence[tuple[str, str]],
        codes: Sequence[str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dismantler"].choices = dismantlers  # type: ignore[attr-defined]
        self.fields["units"].choices = [(code, code) for code in codes]  # type: ignore[attr-defined]

    def clean_scans(self) -> list[str]:
        return [read_code(line) for line in self.cleaned_data["scans"].split()]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.errors and not self._codes():
            self.add_error("scans", _("请扫码或勾选要装车的旧机。"))
        return said

    def as_lot(self, depot_org_id: UUID) -> NewLot:
        return NewLot(depot_org_id, UUID(self.cleaned_data["dismantler"]), self._codes())

    def _codes(self) -> tuple[str, ...]:
        said = self.cleaned_data
        return tuple(dict.fromkeys([*said.get("scans", []), *said.get("units", [])]))
