"""Statements and transfers in words: accounts by name, entries by cause, each with its page."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huanxin.identity import selectors as identity
from huanxin.identity.errors import RegionUnknown
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import NotFound
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import AccountKind, Balance, EntryCard, Statement, TransferKind
from huanxin.policy import selectors as policy
from huanxin.vouchers import selectors as vouchers
from huanxin.web.claim_lists import page_asked
from huanxin.web.claim_parts import FUND_WORDS
from huanxin.web.parts import Column, Empty, Fact, Filter, Row, Table
from huanxin.web.states import FAMILIES

CAUSES: dict[str, Promise] = {
    "budget.given": gettext_lazy("财政下达"),
    "budget.allocated": gettext_lazy("额度下达"),
    "budget.reclaimed": gettext_lazy("额度收回"),
    "pool.opened": gettext_lazy("投入发放"),
    "pool.added": gettext_lazy("发放追加"),
    "pool.moved": gettext_lazy("发放之间调剂"),
    "pool.closed": gettext_lazy("发放余额退回"),
    "voucher.issue": gettext_lazy("领取占用"),
    "sale": gettext_lazy("核销"),
    "sale.cancel": gettext_lazy("退货恢复资格"),
    "funder.funded": gettext_lazy("出资到账"),
    "funder.repaid": gettext_lazy("出资退还"),
    "trade_in.old_unit": gettext_lazy("旧机残值"),
    "settlement.payment": gettext_lazy("付款到账"),
    "settlement.reversal": gettext_lazy("退货冲回"),
    "settlement.claw_back": gettext_lazy("追缴"),
    "settlement.recovery": gettext_lazy("追缴到账"),
    "settlement.prepayment": gettext_lazy("预付款"),
    "settlement.offset": gettext_lazy("预付款抵扣"),
    "settlement.prepaid_back": gettext_lazy("预付款退回"),
}
KINDS: dict[TransferKind, Promise] = {
    TransferKind.POSTED: gettext_lazy("入账"),
    TransferKind.PENDING: gettext_lazy("占用"),
    TransferKind.POST_PENDING: gettext_lazy("占用转入账"),
    TransferKind.VOID_PENDING: gettext_lazy("释放"),
    TransferKind.EXPIRED: gettext_lazy("到期释放"),
}
STATES: dict[str, Promise] = {
    "posted": gettext_lazy("已入账"),
    "pending": gettext_lazy("占用中"),
    "voided": gettext_lazy("已释放"),
    "expired": gettext_lazy("已到期释放"),
}
_PAYABLE, _RESERVE = gettext_lazy("应付"), gettext_lazy("占用对方科目")
_NAMES: dict[str, Promise] = {
    AccountKind.TREASURY: gettext_lazy("国库"),
    AccountKind.BUDGET: gettext_lazy("预算"),
    AccountKind.POOL: gettext_lazy("发放"),
    AccountKind.RESERVE: _RESERVE,
    AccountKind.HUANXIN: _RESERVE,
    AccountKind.PAYABLE: _PAYABLE,
    AccountKind.RECEIVABLE: gettext_lazy("应收"),
    AccountKind.BANK: gettext_lazy("银行"),
    AccountKind.FUNDER: gettext_lazy("出资账户"),
    AccountKind.PREPAID: gettext_lazy("预付"),
}
_LEGS: dict[str, Promise] = {
    "subsidy": gettext_lazy("补贴"),
    "trade_in": gettext_lazy("焕新券"),
    "reserve": gettext_lazy("资格占用"),
    "value": gettext_lazy("焕新券面值"),
    "top_up": gettext_lazy("出资"),
    "pay_back": gettext_lazy("退还"),
    "budget": gettext_lazy("预算"),
    "return": gettext_lazy("退回"),
    "advance": gettext_lazy("预付"),
    "prepaid": gettext_lazy("预付抵扣"),
    "back": gettext_lazy("退回预付"),
}
_PLAIN: dict[str, Promise] = {
    "city": gettext_lazy("市级自有"),
    "trade_in": gettext_lazy("焕新券与消费券"),
    "advance": gettext_lazy("预付周转金"),
}
EXPORTED = 20_000


def account_name(code: str) -> str:
    """An account as people call it: 预算 · 东昌府区 · 2026年家电以旧换新补贴."""
    kind, _colon, rest = code.partition(":")
    word = str(_NAMES[kind]) if kind in _NAMES else kind
    return f"{word} · {_owner_name(kind, rest)}" if rest else word


def _owner_name(kind: str, rest: str) -> str:
    if rest in FUND_WORDS and kind != AccountKind.FUNDER:
        return str(FUND_WORDS[rest])
    if kind == "budget":
        region, _colon, programme = rest.partition(":")
        try:
            return f"{identity.get_region(region).name} · {_programme_title(programme)}"
        except RegionUnknown:
            return rest
    if rest in _PLAIN:
        return str(_PLAIN[rest])
    try:
        if kind in {"pool", "reserve"}:
            return vouchers.get_pool(UUID(rest)).title
        return identity.get_organisation(UUID(rest)).short_name
    except (ValueError, NotFound):
        return rest


def _programme_title(programme: str) -> str:
    try:
        return policy.get_policy(programme).title
    except NotFound:
        return programme


def cause_word(cause: str) -> str:
    """Why money moved, in a word."""
    return str(CAUSES.get(cause, cause))


def leg_word(leg: str) -> str:
    """A part of a business in words: which instrument, or which fund and where it went."""
    name, _at, code = leg.partition("@")
    word = str(FUND_WORDS.get(name) or _LEGS.get(name) or name)
    return f"{word} → {_owner_name('budget', code).partition(' ·')[0]}" if code else word


def entry_word(entry: EntryCard) -> str:
    """What an entry is: its cause, its fund, and for holds what became of them."""
    word, fund = cause_word(entry.key.cause), FUND_WORDS.get(entry.key.leg.partition("@")[0])
    word = f"{word} · {fund}" if fund else word
    return word if entry.kind is TransferKind.POSTED else f"{word} · {KINDS[entry.kind]}"


def period_asked(request: HttpRequest) -> tuple[datetime | None, datetime | None, list[Filter]]:
    """The period of a statement from the address, whole days; and the bar that asks for it."""
    typed = [request.GET.get(name, "") for name in ("from", "until")]
    first, last = (_day(text) for text in typed)
    bar = [
        Filter("from", _("从哪一天"), first.isoformat() if first else "", "day"),
        Filter("until", _("到哪一天（含）"), last.isoformat() if last else "", "day"),
    ]
    return (
        clock.moment(first) if first else None,
        clock.moment(last + timedelta(days=1)) if last else None,
        bar,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def statement_asked(
    request: HttpRequest, code: str, scope: Scope
) -> tuple[Statement, list[Filter]]:
    """The statement an address asks for: a page of it, or all of it for a file."""
    from_at, until_at, bar = period_asked(request)
    wants_file = bool(request.GET.get("export"))
    found = ledger.get_statement(
        code, scope, from_at=from_at, until_at=until_at,
        page=1 if wants_file else page_asked(request.GET.get("page", "1")),
        size=EXPORTED if wants_file else 50,
    )  # fmt: skip
    return found, bar


def statement_table(found: Statement, *, has_pages: bool = True) -> Table:
    """Entries oldest first, each with what was available after it."""
    columns = (
        Column("made_at", _("时间"), "time"),
        Column("what", _("事由")),
        Column("counter", _("对方账户")),
        Column("in_fen", _("收入"), "money"),
        Column("out_fen", _("支出"), "money"),
        Column("held_fen", _("占用变动"), "money"),
        Column("available_fen", _("可用余额"), "money"),
        Column("pending_fen", _("占用中"), "money"),
        Column("number", _("流水号"), "number"),
    )
    names: dict[str, str] = {}
    rows = []
    for entry in found.entries:
        if entry.counter_code not in names:
            names[entry.counter_code] = account_name(entry.counter_code)
        href = reverse("console:transfer", args=[entry.transfer_id]) if has_pages else ""
        rows.append(Row(_values(entry, names[entry.counter_code]), href))
    return Table(
        "entries",
        _("账户流水 %s") % account_name(found.account.code),
        columns,
        rows,
        Empty(_("这段时间没有资金变动"), _("换一个时间范围，或清除条件查看全部。")),
        page=found.page,
        pages=found.pages,
        total_count=found.total,
        can_export=True,
    )


def _values(entry: EntryCard, counter: str) -> dict[str, object]:
    posted = entry.kind in {TransferKind.POSTED, TransferKind.POST_PENDING}
    amount = entry.amount_fen if posted else None
    held = entry.amount_fen if entry.kind is TransferKind.PENDING else None
    if entry.kind in {TransferKind.VOID_PENDING, TransferKind.EXPIRED}:
        held = -entry.amount_fen
    return {
        "made_at": entry.made_at,
        "what": entry_word(entry),
        "counter": counter,
        "in_fen": None if entry.is_debit else amount,
        "out_fen": amount if entry.is_debit else None,
        "held_fen": held,
        "available_fen": entry.after.available_fen,
        "pending_fen": entry.after.debits_pending_fen,
        "number": entry.transfer_id,
    }


def balance_facts(title: str, balance: Balance) -> list[Fact]:
    """What an account stood at, for the head and the foot of a statement."""
    facts = [
        Fact(title, balance.available_fen, "money", is_sum=True),
        Fact(_("其中：累计收入"), balance.credits_posted_fen, "money"),
        Fact(_("累计支出"), balance.debits_posted_fen, "money"),
        Fact(_("占用中"), balance.debits_pending_fen, "money"),
    ]
    if balance.credits_pending_fen:
        facts.append(Fact(_("待入账"), balance.credits_pending_fen, "money"))
    return facts


def closing_url(closing_id: UUID) -> str:
    """The page of one month's closing balances."""
    return reverse("console:month", args=[closing_id])


def order_word(state: str) -> str:
    """A payment order's state as its pill says it."""
    return str(FAMILIES["payment"][state].word)
