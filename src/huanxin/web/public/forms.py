"""What visitors type: a staff sign-in, a phone, a code."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from huanxin.identity import selectors as identity
from huanxin.web.forms import PlainForm


class StaffForm(PlainForm):
    login = forms.CharField(
        label=_("登录名"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_("密码"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class DigitsForm(PlainForm):
    """Six digits of an authenticator, or a recovery code of ten letters."""

    code = forms.CharField(
        label=_("动态码"),
        max_length=14,
        help_text=_("验证器上的 6 位数字；手机不在身边时可填一个恢复码"),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "none"}),
    )


class NewPasswordForm(PlainForm):
    """A password of one's own, typed twice."""

    password = forms.CharField(
        label=_("新密码"),
        help_text=_("至少 10 位，不要用常见密码或登录名"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("再输一次"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("password") != cleaned.get("again"):
            self.add_error("again", _("两次输入不一致。"))
        return cleaned


class PhoneForm(PlainForm):
    phone = forms.CharField(
        label=_("手机号"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "tel-national", "type": "tel"}
        ),
    )


class CodeForm(PlainForm):
    phone = forms.CharField(max_length=20, widget=forms.HiddenInput)
    code = forms.RegexField(
        label=_("短信验证码"),
        regex=r"^\s*\d{6}\s*$",
        error_messages={"invalid": _("验证码是 6 位数字。")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class RegisterForm(PlainForm):
    """Who one is, as the document says it; the phone is in the proof."""

    proof = forms.CharField(max_length=400, widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("姓名"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    document_no = forms.CharField(
        label=_("居民身份证号"),
        help_text=_("18 位，末位可能是 X"),
        max_length=18,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    region_code = forms.ChoiceField(label=_("居住的县（市、区）"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        city = identity.get_region(settings.HUANXIN_CITY)
        counties = identity.list_regions(level="county", under=city.path)
        self.fields["region_code"] = forms.ChoiceField(
            label=self.fields["region_code"].label, choices=[(r.code, r.name) for r in counties]
        )
