"""How a consumption pool is opened and ended: who may, whose money, which terms, who is meant."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from huanxin.catalogue import selectors as catalogue
from huanxin.identity import selectors as identity
from huanxin.identity.types import TAG_LEVELS, OrgKind, RestrictionKind, TagKind
from huanxin.kernel import clock, ids
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import NotFound
from huanxin.kernel.money import yuan
from huanxin.ledger import selectors as ledger_reads
from huanxin.ledger import services as ledger
from huanxin.ledger.types import (
    AccountKind,
    Leg,
    NewAccount,
    funder_code,
    pool_code,
    reserve_code,
)
from huanxin.vouchers import _discounts, _plans, _pools, _words, models
from huanxin.vouchers._discounts import Holder
from huanxin.vouchers.errors import (
    AudienceNotMet,
    FunderNotYours,
    FunderUnknown,
    FunderWithoutMoney,
    OutsideCircle,
    PoolInvalid,
    PositionMissing,
    ShopKeptOut,
    TermsInvalid,
)
from huanxin.vouchers.types import (
    ConsumptionTerms,
    NewPool,
    Position,
    VoucherKind,
)

OPEN = "vouchers.open_pool"
OWN = "vouchers.open_campaign"


def require(actor: Actor, region_path: str, funder: str) -> None:
    """An officer opens campaigns of public money in her region, an organisation those of its own.

    Raises NotAllowed without either permission, FunderNotYours for another one's money.
    """
    owner = owner_of(funder)
    if identity.may(actor, OPEN, region_path=region_path):
        if owner is not None and "*" not in actor.permissions:
            raise FunderNotYours(reason="企业的出资账户只能由企业自己使用")
        return
    identity.require(actor, OWN)
    if owner is None or owner != actor.org_id:
        raise FunderNotYours(reason="本单位只能用自己的出资账户开办活动")


def check_not_kept_out(actor: Actor) -> None:
    """Refuse an organisation that the violation library keeps out today."""
    kind, today = RestrictionKind.ORGANISATION, clock.today()
    if actor.org_id and identity.find_restriction(kind, str(actor.org_id), today):
        raise ShopKeptOut


def check(actor: Actor, pool: NewPool, terms: ConsumptionTerms, region_path: str) -> None:
    """Refuse a pool that promises nothing or names what does not exist."""
    _discounts.check_terms(terms)
    _check_frame(pool)
    _check_names(terms, region_path)
    owner = owner_of(terms.funder_code)
    if owner is not None:
        _check_own_shops(owner, terms, region_path)
    need_fen = terms.face_fen * pool.quantity
    if pool.budget_fen != need_fen:
        raise PoolInvalid(reason=f"投入资金应等于面值乘以份数，即 {yuan(need_fen)}")
    _check_money(terms.funder_code, need_fen)


def _check_frame(pool: NewPool) -> None:
    faults = {
        "名额必须大于零": pool.quantity <= 0,
        "结束时间必须晚于开始时间": pool.opens_at >= pool.closes_at,
        "有效期至少一小时": pool.lapse_hours < 1,
        "消费券按面值足额预留": pool.reserve_bps != 10_000,
        "消费券不另选品类和政策": bool(pool.categories or pool.programme),
        "名称不能为空": not pool.title.strip(),
    }
    for reason, is_so in faults.items():
        if is_so:
            raise PoolInvalid(reason=reason)
    _plans.check_stages(pool.stages, pool.quantity, pool.closes_at - pool.opens_at)
    _plans.check_lottery(pool, clock.now())


def _check_names(terms: ConsumptionTerms, region_path: str) -> None:
    known = {category.code for category in catalogue.list_categories()}
    regions = {region.code for region in identity.list_regions()}
    tags = {str(tag) for tag in TagKind} | {
        f"{tag}/{level}" for tag, levels in TAG_LEVELS.items() for level in levels
    }
    for what, asked, existing in (
        ("品类", terms.categories, known),
        ("居住地区", terms.audience.residence, regions),
        ("人群标签", terms.audience.tags, tags),
    ):
        if unknown := [one for one in asked if one not in existing]:
            raise TermsInvalid(reason=f"没有这样的{what}：{'、'.join(unknown)}")
        if len(set(asked)) != len(asked):
            raise TermsInvalid(reason=f"{what}不能重复")
    for org_id in terms.merchant_ids:
        shop = _shop(org_id)
        if shop is None or not _lies_in(shop, region_path):
            raise TermsInvalid(reason="指定的门店不存在，或不在发放地区内")


def _shop(org_id: UUID) -> str | None:
    try:
        org = identity.get_organisation(org_id)
    except NotFound:
        return None
    return org.region_path if org.kind is OrgKind.RETAILER else None


def _check_own_shops(owner: UUID, terms: ConsumptionTerms, region_path: str) -> None:
    org = identity.get_organisation(owner)
    if org.kind is OrgKind.RETAILER and terms.merchant_ids != (owner,):
        raise FunderNotYours(reason="商户活动的券只能在本店使用，请把适用门店设为本店")
    if org.kind is not OrgKind.RETAILER and not terms.merchant_ids:
        raise FunderNotYours(reason="生产企业活动须指明适用的门店")
    if org.kind is OrgKind.RETAILER and not _lies_in(org.region_path, region_path):
        raise FunderNotYours(reason="本店不在所选的发放地区内")


def _lies_in(path: str, region_path: str) -> bool:
    return path == region_path or path.startswith(region_path + "/")


def owner_of(funder: str) -> UUID | None:
    """The organisation whose money a funder account is; None for public ones."""
    try:
        return UUID(funder.removeprefix("funder:"))
    except ValueError:
        return None


def own_funder(org_id: UUID) -> str:
    """An organisation's own account."""
    return funder_code(org_id)


def _check_money(funder: str, need_fen: int) -> None:
    """Hold the funder's account and refuse if it does not reach: nobody opens on credit."""
    if ledger_reads.find_balance(funder) is None:
        raise FunderUnknown(funder_code=funder)
    available_fen = ledger.lock_accounts(codes=[funder])[funder].available_fen
    if available_fen < need_fen:
        raise FunderWithoutMoney(available=yuan(max(available_fen, 0)), wanted=yuan(need_fen))


def write(pool: NewPool, terms: ConsumptionTerms, region_path: str) -> models.Pool:
    """The pool with its line, terms and tiers, and the funder's money in it."""
    now = clock.now()
    row = models.Pool(
        id=ids.new_id(),
        title=pool.title.strip(),
        kind=VoucherKind.CONSUMPTION,
        programme=terms.programme,
        region_code=pool.region_code,
        region_path=region_path,
        quantity=pool.quantity,
        remaining=pool.quantity,
        opens_at=pool.opens_at,
        closes_at=pool.closes_at,
        lapse_hours=pool.lapse_hours,
        reserve_bps=pool.reserve_bps,
        mode=pool.mode,
        funder_code=terms.funder_code,
        opened_at=now,
        opened_on=clock.business_day(now),
    )
    row.save(force_insert=True)
    models.PoolLine.objects.create(
        pool=row,
        category_code=_discounts.right_code(terms, row.id.hex),
        cap_fen=terms.face_fen,
        reserve_fen=terms.face_fen,
        limit_count=terms.limit_count,
    )
    models.PoolTier.objects.bulk_create(
        models.PoolTier(
            pool=row,
            threshold_fen=tier.threshold_fen,
            discount_fen=tier.discount_fen,
            rate_bps=tier.rate_bps,
        )
        for tier in terms.tiers
    )
    _terms_row(row, terms).save(force_insert=True)
    models.PoolStageRow.objects.bulk_create(_pools.stage_rows(row, pool))
    if pool.lottery:
        _pools.lottery_row(row, pool).save(force_insert=True)
    _fund(row, pool.budget_fen)
    return row


def _terms_row(row: models.Pool, terms: ConsumptionTerms) -> models.PoolTerms:
    circle = terms.circle
    return models.PoolTerms(
        pool=row,
        campaign=terms.campaign,
        round=terms.round,
        limit_per=terms.limit_per,
        limit_count=terms.limit_count,
        categories=list(terms.categories),
        merchant_ids=[str(one) for one in terms.merchant_ids],
        residence=list(terms.audience.residence),
        tags=list(terms.audience.tags),
        age_from=terms.audience.age_from,
        age_to=terms.audience.age_to,
        lat_e6=circle.lat_e6 if circle else None,
        lon_e6=circle.lon_e6 if circle else None,
        radius_m=circle.radius_m if circle else None,
        with_qualification=terms.with_qualification,
        with_huanxin=terms.with_huanxin,
        others_max=terms.others_max,
        order=terms.order,
        lowers_base=terms.lowers_base,
        on_return=terms.on_return,
        is_synthetic=terms.is_synthetic,
    )


def _fund(row: models.Pool, amount_fen: int) -> None:
    code, reserve = pool_code(row.id), reserve_code(row.id)
    ledger.open_accounts(
        accounts=[
            NewAccount(code, AccountKind.POOL, row.region_path, str(row.id)),
            NewAccount(reserve, AccountKind.RESERVE, row.region_path, str(row.id)),
        ]
    )
    leg = Leg("pool.opened", row.id, "funder", row.funder_code, code, amount_fen)
    ledger.post_transfers(legs=[leg])


def pool_of(voucher: models.Voucher) -> UUID:
    """The pool a consumption voucher was claimed from."""
    assert voucher.pool_id is not None, "a consumption voucher has a pool"
    return voucher.pool_id


def terms_of(pool_ids: Iterable[UUID]) -> dict[UUID, ConsumptionTerms]:
    """The terms of several consumption pools; others are left out."""
    rows = models.Pool.objects.filter(pk__in=set(pool_ids), kind=VoucherKind.CONSUMPTION)
    return {
        row.id: row.as_terms() for row in rows.select_related("terms").prefetch_related("tiers")
    }


def holders(person_ids: Iterable[UUID]) -> dict[UUID, Holder]:
    """What is known of people when their eligibility is decided, on this day."""
    wanted = list(set(person_ids))
    tags = identity.person_tags(wanted, clock.today())
    return {
        person_id: Holder(
            card.birth_year,
            card.region_path,
            frozenset(
                name
                for one in tags.get(person_id, ())
                for name in (str(one.tag), f"{one.tag}/{one.level}")
            ),
        )
        for person_id, card in identity.cards(wanted).items()
    }


def check_audience(terms: ConsumptionTerms, holder: Holder | None) -> None:
    """Refuse a person whom the voucher is not meant for: why, and what to do."""
    part = _discounts.unmet(terms.audience, holder, clock.today().year)
    if part:
        raise AudienceNotMet(**_words.unmet(terms.audience, part))


def check_position(terms: ConsumptionTerms, position: Position | None) -> None:
    """Refuse a phone outside the circle, or one that does not say where it is."""
    if terms.circle is None:
        return
    if position is None:
        raise PositionMissing(radius=terms.circle.radius_m)
    metres = _discounts.distance_m(terms.circle, position.lat_e6, position.lon_e6)
    if metres > terms.circle.radius_m:
        raise OutsideCircle(metres=metres, radius=terms.circle.radius_m)


def refusals(
    terms: Mapping[UUID, ConsumptionTerms], asking: Sequence[tuple[int, UUID, UUID, bool]]
) -> dict[int, str]:
    """Which claims of a batch are not meant, and the sentence each gets.

    A claim is (position, pool, person, whether its phone was inside). Reads nothing when the
    batch has no consumption pool.
    """
    mine = [claim for claim in asking if claim[1] in terms]
    known = holders(person for _, _, person, _ in mine) if mine else {}
    found = {}
    for position, pool_id, person_id, is_near in mine:
        one = terms[pool_id]
        part = _discounts.unmet(one.audience, known.get(person_id), clock.today().year)
        if part:
            found[position] = _words.sentence(_words.unmet(one.audience, part))
        elif one.circle is not None and not is_near:
            found[position] = PositionMissing(radius=one.circle.radius_m).message
    return found


def admit(pool: models.Pool, person_id: UUID, position: Position | None) -> bool:
    """Refuse a person or phone the pool is not meant for; True if the phone was inside a circle."""
    if pool.kind != VoucherKind.CONSUMPTION:
        return False
    terms = pool.as_terms()
    check_audience(terms, holders([person_id]).get(person_id))
    check_position(terms, position)
    return terms.circle is not None
