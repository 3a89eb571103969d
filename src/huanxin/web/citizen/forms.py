from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huanxin.identity import selectors as identity
from huanxin.recycling.types import AgeBand, Choice, ComplaintKind, Slot
from huanxin.recycling.types.care import NewAddress
from huanxin.recycling.types.orders import NewOrder, OrderMove
from huanxin.recycling.types.valuation import CategoryGuide, UnitAnswers
from huanxin.web import maps
from huanxin.web.forms import PlainForm, RequestForm

YES_NO = (("yes", gettext_lazy("是")), ("no", gettext_lazy("否")))
AGES = (
    (AgeBand.UNDER_3.value, gettext_lazy("不满 3 年")),
    (AgeBand.FROM_3_TO_8.value, gettext_lazy("满 3 年不满 8 年")),
    (AgeBand.OVER_8.value, gettext_lazy("满 8 年")),
)
CHOICES = [(choice.value, choice.label) for choice in Choice]
_COUNTIES = "counties-371500.geojson"


class AnswersForm(PlainForm):
    """What it is, how old, in what condition; the category's own questions where it has some."""

    category = forms.SlugField()
    age = forms.ChoiceField(choices=AGES)
    working = forms.ChoiceField(choices=YES_NO)
    complete = forms.ChoiceField(choices=YES_NO)
    variant = forms.CharField(required=False, max_length=40)
    model_name = forms.CharField(required=False, max_length=60)

    def __init__(self, *args: Any, guide: CategoryGuide | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asked = [one.id for one in guide.questions] if guide else []
        for question_id in self._asked:
            self.fields[f"q_{question_id}"] = forms.CharField(required=False, max_length=40)

    def as_answers(self) -> UnitAnswers:
        said = self.cleaned_data
        given = {one: said[f"q_{one}"] for one in self._asked if said[f"q_{one}"]}
        return UnitAnswers(
            said["category"],
            AgeBand(said["age"]),
            is_working=said["working"] == "yes",
            is_complete=said["complete"] == "yes",
            variant=said["variant"],
            model_name=said["model_name"].strip(),
            details=tuple(sorted(given.items())),
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
    keep = forms.BooleanField(
        label=gettext_lazy("存到我的地址簿"), required=False, widget=forms.CheckboxInput
    )

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

    def place(self) -> tuple[int, int]:
        """The door; without a located one its county's middle stands for it."""
        said = self.cleaned_data
        if said["lat_e6"] is None or said["lon_e6"] is None:
            return centre_of(said["region"])
        return said["lat_e6"], said["lon_e6"]

    def as_address(self) -> NewAddress:
        """The door, for the address book."""
        said = self.cleaned_data
        lat_e6, lon_e6 = self.place()
        return NewAddress(_("家"), said["address"], said["region"], lat_e6, lon_e6)

    def as_move(self) -> OrderMove:
        """Where and when instead."""
        said = self.cleaned_data
        slot_on, slot = said["slot"]
        lat_e6, lon_e6 = self.place()
        return OrderMove(slot_on, slot, said["address"], said["region"], lat_e6, lon_e6)

    def as_order(self, person_id: UUID, quote_ids: tuple[UUID, ...]) -> NewOrder:
        """The order of all units named."""
        said = self.cleaned_data
        slot_on, slot = said["slot"]
        lat_e6, lon_e6 = self.place()
        return NewOrder(
            person_id=person_id,
            quote_ids=quote_ids,
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


class SlotForm(PlainForm):
    """Another slot, after a visit that did not happen."""

    slot = forms.CharField()

    clean_slot = VisitForm.clean_slot


class ComplaintForm(RequestForm):
    """What went wrong with an order."""

    kind = forms.ChoiceField(
        label=gettext_lazy("投诉什么"),
        choices=[(kind.value, kind.label) for kind in ComplaintKind],
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=gettext_lazy("经过和诉求"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class RatingForm(PlainForm):
    """Her word on an answer."""

    satisfaction = forms.TypedChoiceField(
        label=gettext_lazy("您对答复满意吗"),
        coerce=int,
        choices=[
            ("5", gettext_lazy("很满意")), ("4", gettext_lazy("满意")), ("3", gettext_lazy("一般")),
            ("2", gettext_lazy("不满意，转城市运营方")),
            ("1", gettext_lazy("很不满意，转城市运营方")),
        ],
        widget=forms.RadioSelect,
    )  # fmt: skip
