"""The side list of a desk: what each audience may open, in the order of the day's work."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huanxin.identity import selectors as identity
from huanxin.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Way:
    """A line of the list. `permission` is what the page asks for; '' is open to the audience."""

    page: str
    word: str | Promise
    icon: str
    permission: str = ""


_OWN: tuple[str | Promise, tuple[Way, ...]] = (
    _("账号与对接"),
    (
        Way("accounts:me", _("我的账号"), "user"),
        Way("accounts:staff", _("单位账号"), "people", "identity.open_account"),
        Way("accounts:roles", _("角色与权限"), "rules", "identity.set_role"),
        Way("accounts:keys", _("接口密钥"), "lock", "identity.manage_keys"),
        Way("accounts:webhooks", _("事件推送"), "refresh", "identity.manage_keys"),
        Way("accounts:lists", _("导入导出"), "download"),
    ),
)
_APPEAL = "identity.appeal_restriction"
SIDES: dict[str, tuple[tuple[str | Promise, tuple[Way, ...]], ...]] = {
    "station": (
        (
            _("柜台"),
            (
                Way("station:home", _("找居民"), "search"),
                Way("station:register", _("登记居民"), "user", "identity.register"),
            ),
        ),
    ),
    "screen": ((_("大屏"), (Way("screen:home", _("数据大屏"), "screen"),)),),
    "merchant": (
        (
            _("收银"),
            (
                Way("merchant:home", _("核销补贴"), "scan", "claims.sell"),
                Way("merchant:online_orders", _("线上订单"), "buy", "claims.sell"),
                Way("merchant:claims", _("补贴申报"), "list", "claims.read"),
                Way("merchant:precheck", _("申报表预审"), "file", "claims.submit"),
                Way("merchant:uploads", _("批量交材料"), "list", "claims.submit"),
            ),
        ),
        (
            _("经营"),
            (
                Way("merchant:statement", _("到账与对账"), "bank", "settlement.read"),
                Way("merchant:calendar", _("结算日历"), "clock", "settlement.read"),
                Way("merchant:models", _("型号与备案价"), "box"),
                Way("merchant:market", _("周边市场"), "chart", "indicators.read_market"),
                Way("merchant:funding", _("我的出资"), "money", "vouchers.open_campaign"),
                Way("merchant:campaigns", _("自办消费券"), "voucher", "vouchers.open_campaign"),
                Way("merchant:restrictions", _("限制与申诉"), "lock", _APPEAL),
            ),
        ),
    ),
    "recycler": (
        (
            _("上门"),
            (
                Way("recycler:routes", _("路线"), "truck", "recycling.plan"),
                Way("recycler:waiting", _("待派订单"), "clock", "recycling.plan"),
                Way("recycler:offers", _("派单"), "scan", "recycling.answer_offer"),
                Way("recycler:villages", _("村口回收"), "pin", "recycling.hold_day"),
                Way("recycler:complaints", _("投诉"), "warn", "recycling.answer_complaint"),
            ),
        ),
        (
            _("分拣中心"),
            (
                Way("recycler:weigh", _("过磅入库"), "scale", "recycling.depot"),
                Way("recycler:grading", _("检测分级"), "list", "recycling.depot"),
                Way("recycler:stock", _("库存"), "box", "recycling.depot"),
                Way("recycler:renewals", _("翻新再用"), "refresh", "recycling.renew"),
            ),
        ),
        (
            _("送拆解"),
            (
                Way("recycler:pack", _("装批封签"), "recycle", "recycling.ship"),
                Way("recycler:lots", _("批次"), "list", "recycling.ship"),
                Way("recycler:cases", _("差异案件"), "warn", "recycling.settle_case"),
                Way("recycler:restrictions", _("限制与申诉"), "lock", _APPEAL),
            ),
        ),
    ),
    "dismantler": (
        (
            _("收货"),
            (
                Way("dismantler:lots", _("批次验收"), "truck", "recycling.receive"),
                Way("dismantler:cases", _("差异案件"), "warn", "recycling.settle_case"),
            ),
        ),
        (
            _("拆解"),
            (Way("dismantler:floor", _("拆解作业"), "recycle", "recycling.dismantle"),),
        ),
        (
            _("台账"),
            (
                Way("dismantler:certificates", _("拆解证明"), "seal", "recycling.read"),
                Way("dismantler:months", _("月度汇总"), "chart", "recycling.read"),
                Way("dismantler:balance_book", _("物料核算"), "scale", "recycling.read"),
                Way("dismantler:counts", _("盘点"), "list", "recycling.dismantle"),
                Way("dismantler:fund", _("补贴申报"), "money", "recycling.dismantle"),
                Way("dismantler:restrictions", _("限制与申诉"), "lock", _APPEAL),
            ),
        ),
    ),
    "console": (
        (
            _("核验"),
            (
                Way("console:desk", _("待复核"), "scan", "claims.review"),
                Way("console:claims", _("补贴申报"), "list", "claims.read"),
                Way("console:watch", _("核验运行"), "hold", "claims.settle_stop"),
                Way("console:restrictions", _("违规名单"), "lock", "identity.restrict"),
            ),
        ),
        (
            _("资金"),
            (
                Way("console:pools", _("资格发放"), "voucher", "vouchers.open_pool"),
                Way("console:campaigns", _("消费券活动"), "buy", "vouchers.open_pool"),
                Way("console:tags", _("人群身份信息"), "user", "identity.tag"),
                Way("console:budgets", _("预算与资金"), "money", "ledger.read"),
                Way("console:funders", _("出资账户"), "bank", "ledger.read"),
                Way("console:batches", _("结算批次"), "bank", "settlement.read"),
                Way("console:objections", _("公示异议"), "warn", "settlement.object"),
                Way("console:answer_files", _("银行回执"), "file", "settlement.pay"),
                Way("console:reconciliation", _("日终对账"), "scale", "settlement.reconcile"),
                Way("console:money_gaps", _("对账差异"), "warn", "settlement.reconcile"),
                Way("console:claw_backs", _("追缴"), "refresh", "settlement.read"),
                Way("console:prepayments", _("预付"), "clock", "settlement.read"),
                Way("console:months", _("月结"), "seal", "ledger.read"),
            ),
        ),
        (
            _("规则与监管"),
            (
                Way("console:policies", _("补贴政策"), "rules", "policy.read"),
                Way("console:valuation", _("估价标准"), "sell", "policy.read"),
                Way("console:complaints", _("投诉"), "warn", "recycling.answer_complaint"),
                Way("console:differences", _("差异案件"), "scale", "recycling.settle_case"),
                Way("console:organisations", _("企业与资质"), "government"),
                Way("console:notices", _("公告"), "list", "outreach.publish_notice"),
                Way("console:health", _("运行状况"), "refresh", "supervision.watch_house"),
                Way("console:audit", _("存证与审计"), "seal", "audit.read"),
                Way("console:trace_back", _("倒查材料来源"), "recycle", "trace.trace_back"),
                Way("screen:home", _("数据大屏"), "screen", "dashboards.read"),
            ),
        ),
    ),
}


def side_of(actor: Actor, audience: str) -> list[tuple[str | Promise, list[Way]]]:
    """The groups with the lines this actor may open; empty groups are left out."""
    groups = [
        (title, [w for w in ways if not w.permission or identity.may(actor, w.permission)])
        for title, ways in (*SIDES.get(audience, ()), _OWN)
    ]
    return [(title, ways) for title, ways in groups if ways]


def first_page(actor: Actor, audience: str) -> str:
    """Where this actor's work begins."""
    return reverse(side_of(actor, audience)[0][1][0].page)
