from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huanxin.catalogue import selectors as catalogue
from huanxin.recycling.types.floor import (
    MaterialOut,
    PartCount,
    PartShare,
    RunOutput,
    StockCount,
    StockTakeLine,
)
from huanxin.web.forms import KilogramField, PlainForm, RequestForm
from huanxin.web.recycler.forms import UNIT_MOST_G, UnitCodeField

RUN_MOST_G = 1_000_000_000
_DIFFERENCES = (("", _("相符，或原因写在旁边")), ("case", _("说不清，转为案件")))


class GateForm(PlainForm):
    """One unit at the gate: its label and what the scale says."""

    scan = UnitCodeField(
        label=_("扫机身码"),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "autofocus": True}
        ),
    )
    mass_g = KilogramField(label=_("磅秤读数（公斤）"), most_g=UNIT_MOST_G)
    seen_class = forms.ChoiceField(label=_("实物与标签不是同一类时选"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        classes = [(one.code, one.name) for one in catalogue.list_waste_classes()]
        self.fields["seen_class"].choices = [("", _("与标签相符")), *classes]  # type: ignore[attr-defined]

    def clean_mass_g(self) -> int:
        mass_g: int = self.cleaned_data["mass_g"]
        if mass_g == 0:
            raise forms.ValidationError(_("重量须大于零。"))
        return mass_g


class ChooseForm(PlainForm):
    """The units that go into one run."""

    units = forms.MultipleChoiceField(
        error_messages={"required": _("请至少勾选一台旧机。")}
    )  # fmt: skip

    def __init__(self, *args: Any, codes: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["units"].choices = [(code, code) for code in codes]  # type: ignore[attr-defined]


class OutputsForm(PlainForm):
    """What came out: materials in kilograms, key parts by count."""

    def __init__(
        self,
        *args: Any,
        materials: Sequence[RunOutput],
        parts: Sequence[PartShare] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for one in materials:
            self.fields[one.material_code] = KilogramField(label=one.name, most_g=RUN_MOST_G)
        for part in parts:
            self.fields[f"part-{part.code}"] = forms.IntegerField(
                label=part.name, min_value=0, max_value=100_000, required=False
            )
        self.materials, self.parts = materials, parts

    def as_outputs(self) -> tuple[MaterialOut, ...]:
        """What could be read so far; a complete form has every material."""
        said: Mapping[str, Any] = getattr(self, "cleaned_data", {})
        return tuple(
            MaterialOut(one.material_code, said[one.material_code])
            for one in self.materials
            if said.get(one.material_code) is not None
        )

    def as_parts(self) -> tuple[PartCount, ...]:
        """Key parts as counted."""
        said: Mapping[str, Any] = getattr(self, "cleaned_data", {})
        return tuple(
            PartCount(one.code, said[f"part-{one.code}"])
            for one in self.parts
            if said.get(f"part-{one.code}") is not None
        )

    @property
    def part_lines(self) -> list[tuple[Any, PartShare]]:
        """Each count with what one unit holds, for the template."""
        return [(self[f"part-{one.code}"], one) for one in self.parts]

    @property
    def lines(self) -> list[tuple[Any, RunOutput]]:
        """Each field with what the class lets expect, for the template."""
        return [(self[one.material_code], one) for one in self.materials]


class CountForm(RequestForm):
    """What stands on the floor, class by class; a difference has a reason or becomes a case."""

    def __init__(self, *args: Any, lines: Sequence[StockTakeLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.book = lines
        for line in lines:
            code = line.class_code
            self.fields[f"units-{code}"] = forms.IntegerField(min_value=0, max_value=1_000_000)
            self.fields[f"mass-{code}"] = KilogramField(most_g=RUN_MOST_G)
            self.fields[f"why-{code}"] = forms.CharField(max_length=400, required=False)
            self.fields[f"case-{code}"] = forms.ChoiceField(choices=_DIFFERENCES, required=False)

    def as_counts(self) -> list[StockCount]:
        said = self.cleaned_data
        return [
            StockCount(
                line.class_code, said[f"units-{line.class_code}"],
                said[f"mass-{line.class_code}"], said[f"why-{line.class_code}"],
                is_case=said[f"case-{line.class_code}"] == "case",
            )
            for line in self.book
        ]  # fmt: skip

    @property
    def lines(self) -> list[tuple[Any, ...]]:
        """Each class's book with its four fields, for the template."""
        names = ("units", "mass", "why", "case")
        return [
            (line, *(self[f"{name}-{line.class_code}"] for name in names)) for line in self.book
        ]
