"""What every form shares: plain errors, yuan fields, and refusals that keep what was typed."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from huanxin.kernel.errors import HTTP_STATUS, DomainError, Invalid
from huanxin.kernel.money import parse_yuan
from huanxin.web import problems

_KILOGRAMS = re.compile(r"[0-9]{1,7}(\.[0-9]{1,3})?")


class PlainForm(forms.Form):
    """A form whose invalid fields say so to assistive technology."""

    use_required_attribute = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = _("请填写这一项。")


class YuanField(forms.CharField):
    """An amount typed in yuan, handed on in fen."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal"}))
        super().__init__(max_length=20, **kwargs)

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_yuan(text)
        except Invalid as error:
            raise forms.ValidationError(error.what) from error


class KilogramField(forms.CharField):
    """A weight typed in kilograms, handed on in grams."""

    def __init__(self, *, most_g: int = 1_000_000, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        )
        self.most_g = most_g
        super().__init__(max_length=12, **kwargs)

    def clean(self, value: Any) -> int | None:
        text = super().clean(value).replace(",", "").replace(" ", "")
        if not text:
            return None
        if not _KILOGRAMS.fullmatch(text):
            raise forms.ValidationError(_("请填写公斤数，最多三位小数，例如 62.7。"))
        whole, _point, rest = text.partition(".")
        mass_g = int(whole) * 1000 + int(rest.ljust(3, "0"))
        if mass_g > self.most_g:
            raise forms.ValidationError(_("重量过大，请核对单位是否为公斤。"))
        return mass_g


class MomentField(forms.DateTimeField):
    """A day and a time to the minute, picked by the browser's own control."""

    def __init__(self, **kwargs: Any) -> None:
        control = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(**{"widget": control} | kwargs)


class RequestForm(PlainForm):
    """A form that changes something: it carries the id that makes a repeat harmless."""

    request_id = forms.UUIDField(widget=forms.HiddenInput)


def refused(
    request: HttpRequest, template: str, context: Mapping[str, Any], error: DomainError
) -> HttpResponse:
    """The same page again with the refusal on top and everything typed still there.

    htmx gets the alert alone, in the page's own place for alerts.
    """
    status = HTTP_STATUS[error.kind]
    if problems.is_fragment(request):
        return problems.answer(request, error, status)
    return render(request, template, {**context, "refusal": error}, status=status)
