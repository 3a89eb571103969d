from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from huanxin.exchange import selectors as exchange
from huanxin.exchange.types import NewEndpoint
from huanxin.identity import selectors as identity
from huanxin.identity.types import NewApiKey, NewStaff, Role
from huanxin.kernel.actor import Actor
from huanxin.web.forms import PlainForm, RequestForm
from huanxin.web.public.forms import NewPasswordForm

_SECRET = forms.PasswordInput(attrs={"autocomplete": "current-password"})


class PasswordForm(NewPasswordForm):
    old = forms.CharField(label=_("当前密码"), max_length=128, strip=False, widget=_SECRET)
    field_order = ("old", "password", "again")


class ProveForm(PlainForm):
    """The password once more, before something that a borrowed browser must not do."""

    password = forms.CharField(label=_("当前密码"), max_length=128, strip=False, widget=_SECRET)


class ReasonForm(PlainForm):
    reason = forms.CharField(
        label=_("原因"), max_length=200, help_text=_("会记入审计，例如“本人已离职”")
    )


class HireForm(PlainForm):
    """A colleague's account: a login name, who it is, what she does."""

    login = forms.CharField(
        label=_("登录名"),
        max_length=60,
        help_text=_("字母开头，可含数字、点和横线，开立后不能更改"),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off"}),
    )
    display_name = forms.CharField(label=_("姓名"), max_length=60)
    role = forms.ChoiceField(label=_("角色"))
    place = forms.ChoiceField(label=_("单位或地区"))
    is_administrator = forms.BooleanField(
        label=_("同时是本单位管理员"),
        required=False,
        help_text=_("可开立与停用本单位账号、签发接口密钥"),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        places = _places(actor)
        self.fields["place"].choices = places  # type: ignore[attr-defined]
        given = _roles(actor)
        self.fields["role"].choices = given  # type: ignore[attr-defined]

    def as_staff(self) -> NewStaff:
        typed = self.cleaned_data
        kind, _colon, key = typed["place"].partition(":")
        return NewStaff(
            login=typed["login"], display_name=typed["display_name"], role=Role(typed["role"]),
            org_id=UUID(key) if kind == "org" else None,
            region_path=key if kind == "region" else None,
            is_administrator=typed["is_administrator"],
        )  # fmt: skip


def _places(actor: Actor) -> list[tuple[str, str]]:
    """The actor's own organisation; for a region's administrator its regions and firms."""
    if actor.role != Role.ADMIN:
        own = identity.get_organisation(actor.org_id) if actor.org_id else None
        return [(f"org:{own.id}", own.name)] if own else []
    here = actor.scope.region_path
    regions = [identity.get_region(here.rpartition("/")[2])] if here else []
    regions += identity.list_regions(under=here) if here else identity.list_regions()
    firms = identity.list_organisations(actor.scope)
    return [
        *((f"region:{one.path}", one.name) for one in regions),
        *((f"org:{one.id}", one.name) for one in firms),
    ]


def _roles(actor: Actor) -> list[tuple[str, str]]:
    if actor.role != Role.ADMIN:
        given = identity.givable_roles(actor, actor.org_id, actor.scope.region_path)
    else:
        given = [role for role in Role if role != Role.CONSUMER]
    return [(role.value, identity.role_title(role)) for role in given]


class KeyForm(PlainForm):
    name = forms.CharField(
        label=_("用途"), max_length=60, help_text=_("让同事认得出，例如“进销存系统”")
    )
    permissions = forms.MultipleChoiceField(
        label=_("权限"), widget=forms.CheckboxSelectMultiple,
        help_text=_("只勾选对接系统真正要用的"),
    )  # fmt: skip
    days = forms.IntegerField(label=_("有效期（天）"), min_value=1, max_value=400, initial=180)
    per_minute = forms.IntegerField(
        label=_("每分钟最多次数"), min_value=1, max_value=6000, initial=600
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        titles = identity.permission_titles()
        held = identity.key_permissions(actor)
        self.fields["permissions"].choices = [  # type: ignore[attr-defined]
            (code, titles.get(code, code)) for code in held
        ]

    def as_key(self, actor: Actor) -> NewApiKey:
        typed = self.cleaned_data
        return NewApiKey(
            name=typed["name"], role=Role(actor.role), permissions=tuple(typed["permissions"]),
            days=typed["days"], org_id=actor.org_id, per_minute=typed["per_minute"],
        )  # fmt: skip


class RotateForm(PlainForm):
    overlap_hours = forms.TypedChoiceField(
        label=_("旧密钥还能用多久"), coerce=int, initial=24,
        choices=[(0, _("立即停用")), (1, _("1 小时")), (24, _("1 天")), (168, _("7 天"))],
    )  # fmt: skip
    days = forms.IntegerField(
        label=_("新密钥有效期（天）"), min_value=1, max_value=400, initial=180
    )


class WebhookForm(PlainForm):
    name = forms.CharField(label=_("用途"), max_length=60)
    url = forms.CharField(
        label=_("接收网址"), max_length=500, help_text=_("公网可达的 https:// 地址"),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocapitalize": "none"}),
    )  # fmt: skip
    topics = forms.MultipleChoiceField(label=_("要推送的事件"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topics"].choices = [  # type: ignore[attr-defined]
            (topic.code, topic.title) for topic in exchange.list_topics()
        ]

    def as_endpoint(self) -> NewEndpoint:
        typed = self.cleaned_data
        return NewEndpoint(typed["name"], typed["url"], tuple(typed["topics"]))


class ImportForm(RequestForm):
    file = forms.FileField(label=_("CSV 或 Excel 文件"), help_text=_("至多 5000 行，2 MB"))
    is_trial = forms.TypedChoiceField(
        label=_("方式"), coerce=lambda text: text == "1", initial="1",
        choices=[("1", _("只试一遍，不写入")), ("0", _("正式导入，有一行有误则全部不写入"))],
        widget=forms.RadioSelect,
    )  # fmt: skip
