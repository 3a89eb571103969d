"""Passwords: what a new one must be, and the one-time ones that administrators hand out."""

import secrets

from django.contrib.auth import password_validation as kept
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError

from huanxin.identity import models
from huanxin.identity.errors import PasswordWeak

_LENGTH, _ONE_TIME = 10, 14
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_REASONS = {
    "password_too_short": f"至少 {_LENGTH} 位",
    "password_too_common": "过于常见，容易被猜到",
    "password_entirely_numeric": "不能全是数字",
    "password_too_similar": "与登录名或姓名过于相似",
}
_VALIDATORS: "list[kept.PasswordValidator]" = [  # a name of the stubs alone
    kept.MinimumLengthValidator(_LENGTH),
    kept.CommonPasswordValidator(),
    kept.NumericPasswordValidator(),
    kept.UserAttributeSimilarityValidator(user_attributes=("login", "display_name")),
]


def check_new(account: models.Account, password: str) -> None:
    """Refuse a password that is short, common, all digits or like the login name."""
    try:
        kept.validate_password(password, user=account, password_validators=_VALIDATORS)
    except ValidationError as error:
        reasons = [_REASONS.get(one.code or "", "不够安全") for one in error.error_list]
        raise PasswordWeak(reason="、".join(reasons)) from None


def set_own(account: models.Account, password: str) -> None:
    """Store a password that its owner chose."""
    check_new(account, password)
    models.Account.objects.filter(pk=account.pk).update(
        password=make_password(password), must_change_password=False
    )
    account.must_change_password = False


def set_one_time(account: models.Account) -> str:
    """Store and answer a password that its owner must replace at once."""
    password = one_time()
    models.Account.objects.filter(pk=account.pk).update(
        password=make_password(password), must_change_password=True
    )
    return password


def one_time() -> str:
    """Letters and digits that are read aloud without doubt."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_ONE_TIME))
