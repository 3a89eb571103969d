"""Identity decisions: masks, document checks, what each role may do. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from stdnum.cn import uscc

from huanxin.identity.errors import (
    DocumentInvalid,
    HouseholdInvalid,
    KeyInvalid,
    OpeningInvalid,
    PhoneInvalid,
    RestrictionInvalid,
    TagInvalid,
    USCCInvalid,
)
from huanxin.identity.types import (
    TAG_LEVELS,
    DayHours,
    NewApiKey,
    NewPersonTag,
    NewRestriction,
    OrgKind,
    Role,
)

LOCK_AFTER_FAILURES = 5
LOCK_MINUTES = 15
CODE_MINUTES = 5
CODE_PAUSE_SECONDS = 60
CODE_TRIES = 5
PROOF_MINUTES = 15
ADDRESS_FAILURES = 50  # from one address, whatever login names were tried
FACTOR_STEPS = 1  # of thirty seconds, either way: a phone's clock may be off
RECOVERY_CODES = 8
TICKET_MINUTES = 5
STAFF_IDLE_HOURS, STAFF_HOURS = 2, 12
RESIDENT_IDLE_DAYS, RESIDENT_DAYS = 30, 90
KEY_DAYS, KEY_OVERLAP_HOURS, KEY_PER_MINUTE = 400, 168, 6_000  # at most
PROVISIONAL_DAYS = 7  # the platform's own parameter: no public rule states one
CONSENT_MINUTES = 120
WEEK = 7
MOST_CLOSED_AHEAD = timedelta(days=366)

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"

_READS = frozenset({"trace.read", "dashboards.read", "policy.read"})
ROLE_PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.CONSUMER: frozenset({
        "vouchers.claim", "vouchers.read", "vouchers.show_till_code", "recycling.quote",
        "vouchers.move", "vouchers.give_up",
        "recycling.book", "recycling.cancel",
        "recycling.consent", "recycling.complain", "recycling.keep_address",
        "recycling.read", "claims.read", "claims.pay_order", "trace.read", "policy.read",
        "identity.appeal_restriction",
        "outreach.read", "outreach.set_texts", "outreach.sign_up",
    }),
    Role.CASHIER: frozenset({
        "outreach.read",
        "claims.quote", "claims.sell", "claims.submit", "claims.read", "vouchers.take_till_code",
        "vouchers.redeem", "policy.read",
    }),
    Role.MERCHANT_MANAGER: frozenset({
        "outreach.read",
        "indicators.read_market",
        "claims.quote", "claims.sell", "claims.submit", "claims.return", "claims.appeal",
        "claims.read",
        "vouchers.take_till_code", "vouchers.redeem", "vouchers.cancel_redemption",
        "catalogue.file", "settlement.read", "policy.read", "vouchers.open_campaign",
        "identity.appeal_restriction",
    }),
    Role.COLLECTOR: frozenset({
        "recycling.collect", "recycling.read", "trace.read",
    }),
    Role.RECYCLER_MANAGER: frozenset({
        "outreach.read",
        "recycling.collect", "recycling.plan", "recycling.depot", "recycling.ship",
        "recycling.renew", "recycling.settle_case",
        "recycling.answer_complaint", "recycling.hold_day", "recycling.answer_offer",
        "recycling.read", "trace.read", "trace.capture", "identity.appeal_restriction",
    }),
    Role.DISMANTLER_CLERK: frozenset({
        "outreach.read",
        "recycling.receive", "recycling.dismantle", "recycling.read", "trace.read",
        "recycling.settle_case",
        "trace.capture", "identity.appeal_restriction",
    }),
    Role.STATION_CLERK: frozenset({
        "outreach.read", "outreach.keep_register", "outreach.hold_event",
        "outreach.sign_up_for_others",
        "recycling.quote_for_others", "recycling.book_for_others", "vouchers.claim_for_others",
        "recycling.quote", "recycling.book", "vouchers.claim", "recycling.read",
        "recycling.cancel", "recycling.cancel_for_others", "recycling.complain",
        "recycling.complain_for_others", "recycling.keep_address",
        "recycling.keep_address_for_others", "identity.register", "policy.read",
        "vouchers.show_till_code", "vouchers.show_till_code_for_others", "identity.assist",
    }),
    Role.MAKER_CLERK: frozenset({"catalogue.file", "policy.read", "vouchers.open_campaign"}),
    Role.REVIEWER: _READS | {
        "trace.trace_back",
        "claims.read", "claims.review", "settlement.object", "identity.reveal",
        "claims.settle_stop", "identity.restrict", "supervision.acknowledge",
    },
    Role.FINANCE_OFFICER: _READS | {
        "settlement.read", "settlement.pay", "settlement.reconcile", "claims.read",
        "settlement.prepay", "settlement.close",
        "identity.manage_keys", "ledger.read", "vouchers.fund_funder", "vouchers.agree_credit",
        "supervision.acknowledge",
    },
    Role.POLICY_OFFICER: _READS | {
        "policy.propose", "policy.approve", "catalogue.file", "recycling.propose_standard",
        "recycling.approve_standard", "recycling.publish_price",
        "supervision.set_threshold", "supervision.acknowledge", "dashboards.publish_target",
        "outreach.publish_notice",
    },
    Role.OPERATOR: _READS | {
        "outreach.publish_notice",
        "trace.trace_back",
        "vouchers.give_budget", "vouchers.open_pool", "vouchers.draw", "vouchers.make_right",
        "vouchers.read", "settlement.open",
        "settlement.object", "settlement.publish", "settlement.read", "claims.read",
        "recycling.read", "recycling.plan", "recycling.answer_complaint", "recycling.hold_day",
        "recycling.settle_case",
        "recycling.publish_price", "ledger.read", "identity.restrict", "identity.tag",
        "identity.open_organisation",
        "supervision.set_threshold", "supervision.acknowledge",
        "identity.confirm_restriction", "claims.settle_stop", "claims.waive_check",
        "claims.propose_terms", "claims.approve_terms", "supervision.watch_house",
    },
    Role.OBSERVER: _READS,
    Role.ADMIN: _READS | {
        "identity.register", "identity.open_organisation", "identity.open_account",
        "identity.restrict", "identity.confirm_restriction", "identity.tag", "identity.set_role",
        "identity.manage_keys", "audit.read", "catalogue.file", "supervision.watch_house",
    },
}  # fmt: skip


# What whoever keeps the accounts of her own organisation may do beside her work.
ADMINISTRATOR_PERMISSIONS = frozenset({
    "identity.open_account", "identity.manage_keys", "identity.set_hours",
})  # fmt: skip
KIND_ROLES: dict[OrgKind, frozenset[Role]] = {
    OrgKind.RETAILER: frozenset({Role.CASHIER, Role.MERCHANT_MANAGER}),
    OrgKind.RECYCLER: frozenset({Role.COLLECTOR, Role.RECYCLER_MANAGER}),
    OrgKind.DISMANTLER: frozenset({Role.DISMANTLER_CLERK}),
    OrgKind.STATION: frozenset({Role.STATION_CLERK}),
    OrgKind.MAKER: frozenset({Role.MAKER_CLERK}),
    OrgKind.AGENCY: frozenset({
        Role.REVIEWER, Role.FINANCE_OFFICER, Role.POLICY_OFFICER, Role.OPERATOR, Role.OBSERVER,
        Role.ADMIN,
    }),
}  # fmt: skip
LEADING_ROLES = frozenset({
    Role.MERCHANT_MANAGER, Role.RECYCLER_MANAGER, Role.DISMANTLER_CLERK, Role.STATION_CLERK,
    Role.MAKER_CLERK,
})  # fmt: skip
# Who must show a second factor in production unless an administrator decides otherwise.
SECOND_FACTOR_ROLES = KIND_ROLES[OrgKind.AGENCY] | {Role.MERCHANT_MANAGER, Role.RECYCLER_MANAGER}
# What no key may do: keys are kept by people.
NEVER_BY_KEY = frozenset({
    "identity.open_account", "identity.manage_keys", "identity.set_role", "identity.reveal",
})  # fmt: skip


def permissions_of(role: Role, *, is_administrator: bool) -> frozenset[str]:
    """What an account may do: its role's permissions, and an administrator's on top."""
    held = ROLE_PERMISSIONS[role]
    return held | ADMINISTRATOR_PERMISSIONS if is_administrator else held


def may_give(
    role: Role,
    *,
    kind: OrgKind | None,
    by: Role,
    is_own: bool,
    at: str,
    reach: str,
) -> bool:
    """Whether an administrator may give a role in an organisation of that kind at a region.

    An organisation's administrator gives its own kind's roles, at home. A region's gives every
    staff role at or below her region, and her own role only below it: nobody makes her own peer.

    >>> may_give(Role.CASHIER, kind=OrgKind.RETAILER, by=Role.MERCHANT_MANAGER, is_own=True,
    ...          at="37/3715/371502", reach="37/3715/371502")
    True
    >>> may_give(Role.ADMIN, kind=None, by=Role.ADMIN, is_own=False, at="37/3715", reach="37/3715")
    False
    """
    fits = role in (KIND_ROLES[kind] if kind else KIND_ROLES[OrgKind.AGENCY])
    if by != Role.ADMIN:
        return fits and is_own and kind is not None
    is_below = at.startswith(reach + "/")
    return fits and (is_below or (at == reach and role != Role.ADMIN))


def session_limits(role: Role) -> tuple[timedelta, timedelta]:
    """How long a session may stand unused, and how long it may last at all.

    GB/T 22239-2019 8.1.4.1 asks for an end on time-out. Residents stay signed in on their phone.
    """
    if role == Role.CONSUMER:
        return timedelta(days=RESIDENT_IDLE_DAYS), timedelta(days=RESIDENT_DAYS)
    return timedelta(hours=STAFF_IDLE_HOURS), timedelta(hours=STAFF_HOURS)


def is_session_over(role: Role, *, started_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Whether a session has stood unused, or lasted, longer than its role's limits."""
    idle, absolute = session_limits(role)
    return now - seen_at >= idle or now - started_at >= absolute


def check_key(new: NewApiKey, held: frozenset[str]) -> None:
    """Refuse a key without name or end, faster than any, or that could do more than its maker."""
    allowed = (ROLE_PERMISSIONS[new.role] & held) - NEVER_BY_KEY
    beyond = sorted(set(new.permissions) - allowed)
    faults = {
        "须写明用途，二至六十个字": not 2 <= len(new.name.strip()) <= 60,
        "须至少选一项权限": not new.permissions,
        "超出本人或该角色的权限：" + "、".join(beyond): bool(beyond),
        f"有效期应为 1 至 {KEY_DAYS} 天": not 1 <= new.days <= KEY_DAYS,
        f"每分钟次数应为 1 至 {KEY_PER_MINUTE}": not 1 <= new.per_minute <= KEY_PER_MINUTE,
    }
    for reason, is_so in faults.items():
        if is_so:
            raise KeyInvalid(reason=reason)


def check_document(document_no: str) -> date:
    """Check digit and birth date of a resident id (GB 11643); returns the date of birth.

    Only these two: area codes of real residents include ones that tables no longer list.

    >>> check_document("371502195003070029")
    datetime.date(1950, 3, 7)
    """
    if len(document_no) != 18 or not document_no[:17].isdigit():
        raise DocumentInvalid(reason="居民身份证应为 18 位，前 17 位为数字")
    if document_check_digit(document_no[:17]) != document_no[17].upper():
        raise DocumentInvalid(reason="最后一位校验码不符")
    try:
        return date(int(document_no[6:10]), int(document_no[10:12]), int(document_no[12:14]))
    except ValueError:
        raise DocumentInvalid(reason="第 7 至 14 位不是有效的出生日期") from None


def document_check_digit(first17: str) -> str:
    """The last character of a resident id.

    >>> document_check_digit("37150219500307002")
    '9'
    """
    return _CHECK[sum(w * int(d) for w, d in zip(_WEIGHTS, first17, strict=True)) % 11]


def check_tag(new: NewPersonTag) -> None:
    """Refuse a fact without proof, without an end, or of a level its kind does not have."""
    levels = TAG_LEVELS.get(new.tag, ("",))
    faults = {
        "须写明依据的证明或登记，至少四个字": len(new.source.strip()) < 4,
        "有效期的结束日期应晚于开始日期": new.from_on >= new.to_on,
        "等级应为：" + "、".join(levels) if levels != ("",) else "该类信息不分等级": (
            new.level not in levels
        ),
    }
    for reason, is_so in faults.items():
        if is_so:
            raise TagInvalid(reason=reason)


def check_restriction(new: NewRestriction, today: date) -> None:
    """Refuse a restriction without a decision, of nobody, or that would reach back."""
    faults = {
        "须写明原因，至少四个字": len(new.reason.strip()) < 4,
        "须写明所依据的处理决定或文件": len(new.document.strip()) < 4,
        "须写明限制对象": not new.key.strip(),
        "开始日期不能早于今天": new.from_on < today,
        "结束日期应晚于开始日期": new.until_on is not None and new.until_on <= new.from_on,
    }
    for reason, is_so in faults.items():
        if is_so:
            raise RestrictionInvalid(reason=reason)


def provisional_end(new: NewRestriction) -> date:
    """How long one officer's word is good: the shorter of a week and what was asked for."""
    week = new.from_on + timedelta(days=PROVISIONAL_DAYS)
    return min(week, new.until_on) if new.until_on else week


def place_key(lat_e6: int, lon_e6: int) -> str:
    """An address as it is compared: its place to a ten-thousandth of a degree, some ten metres.

    >>> place_key(36_456_789, 115_985_012)
    '36456700,115985000'
    """
    return f"{lat_e6 - lat_e6 % 100},{lon_e6 - lon_e6 % 100}"


def place_of(words: str) -> str:
    """An address typed as 纬度,经度 in degrees, as it is compared.

    >>> place_of("36.456789，115.985012")
    '36456700,115985000'
    """
    found = re.fullmatch(r"(\d{1,2})\.(\d{4,6}) *[,，] *(\d{1,3})\.(\d{4,6})", words)
    if found is None:
        raise RestrictionInvalid(reason="地址请填写“纬度,经度”，至少四位小数")
    lat, lat_rest, lon, lon_rest = found.groups()
    return place_key(int(lat + lat_rest.ljust(6, "0")), int(lon + lon_rest.ljust(6, "0")))


def unit_key(words: str) -> str:
    """A device as it is compared: 品牌|序列号 or an IMEI of goods, else a phone's own key.

    >>> unit_key("海尔 | sn-2026 01"), unit_key("490154203237518")
    ('海尔|SN202601', 'imei:490154203237518')
    """
    brand, bar, serial = words.partition("|")
    if bar:
        return f"{_letters(brand)}|{_letters(serial)}"
    return f"imei:{words}" if re.fullmatch(r"\d{15}", words) else words


def _letters(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c.isalnum())


def check_phone(phone: str) -> str:
    """A mainland mobile number: eleven digits that begin with 1."""
    digits = phone.replace(" ", "").replace("-", "")
    if len(digits) != 11 or not digits.isdigit() or digits[0] != "1":
        raise PhoneInvalid
    return digits


def check_household(number: str) -> str:
    """A household register's number as it is compared.

    >>> check_household(" 3715-0200 1234 ")
    '371502001234'
    """
    plain = "".join(letter for letter in number.upper() if letter.isascii() and letter.isalnum())
    if not 6 <= len(plain) <= 20:
        raise HouseholdInvalid
    return plain


def check_uscc(code: str) -> str:
    """A unified social credit code (GB 32100), check character included."""
    if not uscc.is_valid(code):
        raise USCCInvalid(uscc=code)
    return str(uscc.compact(code))


def mask_name(name: str) -> str:
    """The first and, in longer names, the last character; at most three stars between them.

    >>> mask_name("王小英"), mask_name("王英"), mask_name("阿依古丽·买买提")
    ('王*英', '王*', '阿***提')
    """
    if len(name) <= 2:
        return name[:1] + "*"
    return name[0] + "*" * min(len(name) - 2, 3) + name[-1]


def mask_document(document_no: str) -> str:
    """First six and last four.

    >>> mask_document("371502195003070029")
    '371502********0029'
    """
    return document_no[:6] + "*" * max(len(document_no) - 10, 0) + document_no[-4:]


def mask_phone(phone: str) -> str:
    """First three and last four.

    >>> mask_phone("13812345678")
    '138****5678'
    """
    return phone[:3] + "****" + phone[-4:]


def permits(held: frozenset[str], permission: str) -> bool:
    """Whether a permission is held, directly or by '*'."""
    return permission in held or "*" in held


def check_week(week: Iterable[DayHours]) -> list[DayHours]:
    """A week's hours in order; refuses a day named twice or unknown, and an end before its start.

    >>> from datetime import time
    >>> [one.weekday for one in check_week([DayHours(2, time(9), time(17))])]
    [2]
    """
    days = sorted(week, key=lambda one: one.weekday)
    faults = {
        "没有这一天": any(not 1 <= one.weekday <= WEEK for one in days),
        "同一天填了两次": len({one.weekday for one in days}) != len(days),
        "开始时间不早于结束时间": any(one.opens >= one.closes for one in days),
    }
    for reason, is_so in faults.items():
        if is_so:
            raise OpeningInvalid(reason=reason)
    return days
