from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huanxin.recycling.types.floor import MaterialOut, RunOutput
from huanxin.web.forms import KilogramField, PlainForm
from huanxin.web.recycler.forms import UNIT_MOST_G, UnitCodeField

RUN_MOST_G = 1_000_000_000


class GateForm(PlainForm):
    """One unit at the gate: its label and what the scale says."""

    scan = UnitCodeField(
        label=_("扫机身码"),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "autofocus": True}
        ),
    )
    mass_g = KilogramField(label=_("磅秤读数（公斤）"), most_g=UNIT_MOST_G)


class ChooseForm(PlainForm):
    """The units that go into one run."""

    units = forms.MultipleChoiceField(
        error_messages={"required": _("请至少勾选一台旧机。")}
    )  # fmt: skip

    def __init__(self, *args: Any, codes: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["units"].choices = [(code, code) for code in codes]  # type: ignore[attr-defined]


class OutputsForm(PlainForm):
    """What came out, material by material, in kilograms."""

    def __init__(self, *args: Any, materials: Sequence[RunOutput], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in materials:
            self.fields[one.material_code] = KilogramField(label=one.name, most_g=RUN_MOST_G)
        self.materials = materials

    def as_outputs(self) -> tuple[MaterialOut, ...]:
        """What could be read so far; a complete form has every material."""
        said: Mapping[str, Any] = getattr(self, "cleaned_data", {})
        return tuple(
            MaterialOut(one.material_code, said[one.material_code])
            for one in self.materials
            if said.get(one.material_code) is not None
        )

    @property
    def lines(self) -> list[tuple[Any, RunOutput]]:
        """Each field with what the class lets expect, for the template."""
        return [(self[one.material_code], one) for one in self.materials]
