"""The mechanics of a lottery: its window, its ranks, places given in their order."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from huanxin.kernel import clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import NotFound
from huanxin.vouchers import _claims, models, rules
from huanxin.vouchers.errors import DrawDone, DrawNotDue, NotEligible, RegistrationRefused
from huanxin.vouchers.types import Claim, ClaimOutcome, HolderKind

MOST_AT_ONCE = 2_000


def share_lottery(pool_id: UUID) -> models.Lottery:
    """A lottery, held against its list being published while someone registers or withdraws."""
    rows = _claims.execute("share_lottery", pool_id=pool_id)
    if not rows:
        raise NotFound(model="Lottery", id=pool_id)
    return models.Lottery.objects.select_related("pool").get(pk=pool_id)


def check_window(lottery: models.Lottery, now: datetime) -> None:
    """Refuse before the window opens, from its end on, and once the list is public."""
    if now < lottery.pool.opens_at:
        raise RegistrationRefused(reason=f"登记于 {_said(lottery.pool.opens_at)} 开始")
    if now >= lottery.registers_until or lottery.listed_at is not None:
        raise RegistrationRefused(reason=f"登记已于 {_said(lottery.registers_until)} 截止")


def holder_key(pool_id: UUID, category_code: str, person_id: UUID) -> str:
    """Under which key a registration counts once; refused where no registration can name it."""
    [(_, person_key, household_key, _verified)] = _claims.execute("holders", person_ids=[person_id])
    line = models.PoolLine.objects.get(pool_id=pool_id, category_code=category_code)
    kind = HolderKind(line.holder)
    known = {HolderKind.PERSON: person_key, HolderKind.HOUSEHOLD: household_key}
    if not (key := known.get(kind)):
        raise NotEligible(reason=rules.holder_sentence(kind).rstrip("。"))
    return str(key)


def check_draw_due(lottery: models.Lottery, now: datetime) -> None:
    """Refuse a draw that was, and one before the list is public or before its announced time."""
    if lottery.drawn_at is not None:
        raise DrawDone(drawn_at=_said(lottery.drawn_at))
    if lottery.listed_at is None:
        raise DrawNotDue(reason="登记名单还没有公布")
    if now < lottery.draws_at:
        raise DrawNotDue(reason=f"开奖时间为 {_said(lottery.draws_at)}，种子此前不能揭示")


def normalise_number(value: str) -> str:
    """A public number as it is compared and hashed: digits and plus signs, single blanks between.

    >>> normalise_number(" 03 07，11  19 22 30 + 08 ")
    '03 07 11 19 22 30 + 08'
    """
    kept = "".join(letter if letter.isascii() and letter.isdigit() else f" {letter} "
                   if letter == "+" else " " for letter in value)  # fmt: skip
    number = " ".join(kept.split())
    if not any(letter.isdigit() for letter in number):
        raise DrawNotDue(reason="公开数须为公布的开奖号码，至少含一位数字")
    return number


def hashes_of(pool_id: UUID) -> list[str]:
    """The entries of the list: registrations that were not withdrawn."""
    rows = models.Registration.objects.filter(pool_id=pool_id, withdrawn_at=None)
    return sorted(rows.values_list("hash", flat=True))


def write_ranks(pool_id: UUID, ranking: Sequence[str]) -> None:
    """Every registration's rank, in one statement."""
    rows = [{"hash": one, "rank": rank} for rank, one in enumerate(ranking, start=1)]
    _claims.execute("write_ranks", pool_id=pool_id, rows=rows)


def give_places(actor: Actor, pool_id: UUID, places: int, at: datetime) -> int:
    """Give places to the next in rank until none is left or nobody waits; returns how many won.

    Who is reached but not entitled any more (a right of the same kind, a restriction) is passed
    over with the reason; nobody behind loses anything by it.
    """
    won = 0
    while won < places:
        waiting = models.Registration.objects.filter(
            pool_id=pool_id, rank__isnull=False, outcome=""
        )
        rows = list(waiting.order_by("rank")[: min(places - won, MOST_AT_ONCE)])
        if not rows:
            break
        answers = _claims.Batch(actor, [_claim(row) for row in rows], is_drawn=True).decide()
        reached = [
            {
                "id": row.id,
                "outcome": answer.outcome,
                "voucher_id": answer.voucher_id if answer.outcome is ClaimOutcome.WON else None,
            }
            for row, answer in zip(rows, answers, strict=True)
            if answer.outcome is not ClaimOutcome.SOLD_OUT
        ]
        _claims.execute("write_outcomes", at=at, rows=reached)
        won += sum(one["voucher_id"] is not None for one in reached)
        if len(reached) < len(rows):  # no money behind a place: whoever is next stays next
            break
    return won


def _claim(row: models.Registration) -> Claim:
    """A registration's claim; its id is the request id, so that a repeat gives nothing twice.

    Where a pool has a circle, whoever registered was inside it then: that is what decides.
    """
    return Claim(row.id, row.pool_id, row.person_id, row.category_code, is_near=True)


def _said(at: datetime) -> str:
    local = at.astimezone(clock.SHANGHAI)
    return f"{local.month}月{local.day}日 {local:%H:%M}"
