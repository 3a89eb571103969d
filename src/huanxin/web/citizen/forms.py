from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huanxin.identity import selectors as identity
from huanxin.recycling.types import AgeBand, Choice, Slot
from huanxin.recycling.types.orders import NewOrder
from huanxin.recycling.types.valuation import UnitAnswers
from huanxin.web import maps
from huanxin.web.forms import PlainForm

YES_NO = (("yes", gettext_lazy("是")), ("no", gettext_lazy("否")))
AGES = (
    (AgeBand.UNDER_3.value, gettext_lazy("不满 3 年")),
    (AgeBand.FROM_3_TO_8.value, gettext_lazy("满 3 年不满 8 年")),
    (AgeBand.OVER_8.value, gettext_lazy("满 8 年")),
)
CHOICES = [(choice.value, choice.label) for choice in Choice]
_COUNTIES = "counties-371500.geojson"


class AnswersForm(PlainForm):
    """The three taps: what it is, how old, in what condition."""

    category = forms.SlugField()
    age = forms.ChoiceField(choices=AGES)
    working = forms.ChoiceField(choices=YES_NO)
    complete = forms.ChoiceField(choices=YES_NO)

    def as_answers(self) -> UnitAnswers:
        said = self.cleaned_data
        return UnitAnswers(
            said["category"],
            AgeBand(said["age"]),
            is_working=said["working"] == "yes",
            is_complete=said["complete"] == "yes",
        )


class VisitForm(PlainForm):
    """Where and when the old unit is collected, and what for."""

    choice = forms.ChoiceField(choices=CHOICES, widget=forms.HiddenInput)
    region = forms.ChoiceField(label=gettext_lazy("县（市、区）"))
    address = forms.CharField(
        label=gettext_lazy("详细地址"),
        help_text=gettext_lazy("小区或村、楼栋、单元、门牌；只有上门人员接单后能看到"),
        min_length=4,
        max_length=120,
        error_messages={"min_length": gettext_lazy("地址太短，上门人员找不到。")},
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    slot = forms.CharField(error_messages={"required": gettext_lazy("请选一个上门时间。")})
    lat_e6 = forms.IntegerField(required=False, widget=forms.HiddenInput)
    lon_e6 = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, regions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"] = forms.ChoiceField(
            label=self.fields["region"].label, choices=regions
        )

    def clean_slot(self) -> tuple[date, Slot]:
        day, _bar, hours = self.cleaned_data["slot"].partition("|")
        try:
            return date.fromisoformat(day), Slot(hours)
        except ValueError:
            raise forms.ValidationError(_("请选一个上门时间。")) from None

    def as_order(self, person_id: UUID, quote_id: UUID) -> NewOrder:
        """The order; without a located door its county's middle stands for it."""
        said = self.cleaned_data
        slot_on, slot = said["slot"]
        lat_e6, lon_e6 = said["lat_e6"], said["lon_e6"]
        if lat_e6 is None or lon_e6 is None:
            lat_e6, lon_e6 = centre_of(said["region"])
        return NewOrder(
            person_id=person_id,
            quote_ids=(quote_id,),
            address=said["address"],
            region_code=said["region"],
            lat_e6=lat_e6,
            lon_e6=lon_e6,
            slot_on=slot_on,
            slot=slot,
            choice=Choice(said["choice"]),
        )


def centre_of(region_code: str) -> tuple[int, int]:
    """The middle of a county; of the county around it for a zone without an outline."""
    centres = maps.centres_e6(_COUNTIES)
    region = identity.get_region(region_code)
    return centres.get(region_code) or centres[region.statutory_code]


class CancelForm(PlainForm):
    """Why an order is given up."""

    REASONS = (
        ("time", gettext_lazy("时间不合适")),
        ("price", gettext_lazy("价格不合适")),
        ("keep", gettext_lazy("暂时不卖了")),
        ("other", gettext_lazy("其他原因")),
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("取消原因"), choices=REASONS, initial="time", widget=forms.RadioSelect
    )

    def as_reason(self) -> str:
        return str(dict(self.REASONS)[self.cleaned_data["reason"]])
