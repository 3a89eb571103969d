"""What the pick-up page sends, read field by field: JSON in, values of the domain out."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from huanxin.kernel.actor import Actor
from huanxin.recycling.selectors import order_book, quote_book
from huanxin.recycling.types import AgeBand, BatteryKind
from huanxin.recycling.types.door import CollectedUnit, DoorVisit, Pickup, WeighedBattery
from huanxin.recycling.types.orders import OrderCard
from huanxin.recycling.types.valuation import UnitAnswers
from huanxin.web.recycler.forms import read_code
from huanxin.web.recycler.pickup import booked_place

_SHA256 = r"^[0-9a-f]{64}$"
MOST_ORDERS, MOST_LABELS, MOST_UNITS = 40, 60, 20


class IdsField(forms.Field):
    """A list of ids."""

    def clean(self, value: Any) -> list[UUID]:
        listed = value if isinstance(value, list) else []
        if len(listed) > MOST_ORDERS:
            raise forms.ValidationError(_("一次最多 40 单。"))
        try:
            return [UUID(str(one)) for one in listed]
        except ValueError as error:
            raise forms.ValidationError(_("编号不完整。")) from error


class PrepareForm(forms.Form):
    order_ids = IdsField(required=False)
    label_count = forms.IntegerField(min_value=0, max_value=MOST_LABELS)


class FoundField(forms.Field):
    """What the worker found of one unit: three answers, or None where it is as agreed."""

    def clean(self, value: Any) -> dict[str, Any] | None:
        if value is None and not self.required:
            return None
        try:
            return {
                "age_band": AgeBand(value["age_band"]),
                "is_working": value["is_working"] is True,
                "is_complete": value["is_complete"] is True,
            }
        except (KeyError, TypeError, ValueError) as error:
            raise forms.ValidationError(_("请把每一项都选好。")) from error


class WeighedField(forms.Field):
    """An e-bike's battery: kind and grams, or None where none was weighed."""

    def clean(self, value: Any) -> tuple[BatteryKind, int] | None:
        if value is None:
            return None
        try:
            return BatteryKind(value["kind"]), int(value["mass_g"])
        except (KeyError, TypeError, ValueError) as error:
            raise forms.ValidationError(_("电池种类或重量无法读取。")) from error


class UnitForm(forms.Form):
    unit_id = forms.UUIDField()
    unit_code = forms.CharField(max_length=300)
    found = FoundField(required=False)
    battery = WeighedField(required=False)
    serial = forms.CharField(max_length=60, required=False)

    def clean_unit_code(self) -> str:
        return read_code(self.cleaned_data["unit_code"])


class UnitsField(forms.Field):
    """The units of a door, each with its code, its photos and what was found."""

    def clean(self, value: Any) -> list[dict[str, Any]]:
        listed = value if isinstance(value, list) else []
        if not listed or len(listed) > MOST_UNITS:
            raise forms.ValidationError(_("须逐台登记订单内的全部旧机。"))
        return [self._unit(one if isinstance(one, dict) else {}) for one in listed]

    def _unit(self, one: dict[str, Any]) -> dict[str, Any]:
        form = UnitForm(one)
        shas = one.get("photo_sha256s")
        if not form.is_valid():
            raise forms.ValidationError(
                [error for errors in form.errors.values() for error in errors]
            )
        if not isinstance(shas, list) or not all(_is_digest(sha) for sha in shas):
            raise forms.ValidationError(_("照片编号不完整。"))
        return form.cleaned_data | {"photo_sha256s": tuple(shas)}


class PlaceField(forms.Field):
    """Where the phone was, in millionths of a degree."""

    def clean(self, value: Any) -> tuple[int, int] | None:
        if value is None:
            return None
        try:
            lat_e6, lon_e6 = int(value["lat_e6"]), int(value["lon_e6"])
        except (KeyError, TypeError, ValueError) as error:
            raise forms.ValidationError(_("位置无法读取。")) from error
        if abs(lat_e6) > 90_000_000 or abs(lon_e6) > 180_000_000:
            raise forms.ValidationError(_("位置无法读取。"))
        return lat_e6, lon_e6


class HandInForm(forms.Form):
    """One door as the phone recorded it."""

    request_id = forms.UUIDField()
    order_id = forms.UUIDField()
    happened_at = forms.DateTimeField()
    seen_fen = forms.IntegerField(min_value=1)
    units = UnitsField()
    place = PlaceField(required=False)
    signature_sha256 = forms.RegexField(_SHA256, required=False)
    consent_code = forms.RegexField(r"^[0-9]{6}$", required=False)

    def as_visit(self, actor: Actor) -> DoorVisit:
        said = self.cleaned_data
        order = order_book.get_order(said["order_id"], actor.scope)
        units = tuple(
            CollectedUnit(
                one["unit_id"], one["photo_sha256s"], unit_code=one["unit_code"],
                answers=_found(order, one["unit_id"], one["found"], actor),
                serial=one["serial"],
            )
            for one in said["units"]
        )  # fmt: skip
        place = said["place"] or booked_place(order, actor.scope)
        return DoorVisit(
            Pickup(order.id, units, *place), seen_fen=said["seen_fen"],
            happened_at=said["happened_at"], signature_sha256=said["signature_sha256"] or None,
            consent_code=said["consent_code"] or None,
            batteries=tuple(
                WeighedBattery(one["unit_id"], *one["battery"])
                for one in said["units"] if one["battery"]
            ),
        )  # fmt: skip


class DeclineForm(forms.Form):
    request_id = forms.UUIDField()
    order_id = forms.UUIDField()
    happened_at = forms.DateTimeField()


class RequoteForm(forms.Form):
    request_id = forms.UUIDField()
    order_id = forms.UUIDField()
    unit_id = forms.UUIDField()
    found = FoundField()

    def as_answers(self, actor: Actor) -> UnitAnswers:
        said = self.cleaned_data
        order = order_book.get_order(said["order_id"], actor.scope)
        found = _found(order, said["unit_id"], said["found"], actor)
        assert found is not None, "a requote says what was found"
        return found


def _found(
    order: OrderCard, unit_id: UUID, found: dict[str, Any] | None, actor: Actor
) -> UnitAnswers | None:
    """What was agreed, with the three answers as found at the door."""
    unit = next((one for one in order.units if one.id == unit_id), None)
    if unit is None or found is None:
        return None
    return replace(quote_book.get_quote(unit.quote_id, actor.scope).answers, **found)


def _is_digest(text: object) -> bool:
    return isinstance(text, str) and len(text) == 64 and text.isalnum() and text == text.lower()
