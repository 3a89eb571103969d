"""What everyone may know without signing in: hand over safely, to whom, and what is a fraud."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from huanxin.identity import selectors as identity
from huanxin.identity.types import Licence, Organisation, OrgKind, OrgStatus, RestrictionKind
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.recycling.selectors import plant_book
from huanxin.web.opening_parts import OpeningWords, words_of

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Lesson:
    """What to do before a kind of old thing is handed over, in order, and what never to do."""

    name: Words
    icon: str
    steps: tuple[Words, ...]
    never: Words


LESSONS = (
    Lesson(
        _("冰箱、冷柜"), "refrigerator",
        (
            _("提前一天断电，取出食物，开门化霜，倒净接水盘"),
            _("固定或拆下门，防止儿童躲入"),
            _("搬运时保持直立；需要放倒的，请告诉上门人员"),
        ),
        _("不要剪断铜管：制冷剂会泄漏，有的可燃"),
    ),
    Lesson(
        _("空调"), "box",
        (
            _("请上门人员或有资质的人拆机，先收氟再断开管路"),
            _("室内机、室外机、遥控器一起交"),
            _("高处外机不要自己动手"),
        ),
        _("不要自己放氟或锯管"),
    ),
    Lesson(
        _("洗衣机、洗碗机"), "dishwasher",
        (_("关水、断电，拔下进水管"), _("从排水口放净余水"), _("装回运输螺栓或固定滚筒")),
        _("不要带水搬运"),
    ),
    Lesson(
        _("电视、显示器"), "television",
        (
            _("断电后放置半小时再搬"),
            _("屏幕碎裂的先用胶带粘住，告诉上门人员"),
            _("显像管电视两人搬，屏面朝身体"),
        ),
        _("不要敲击或拆开显像管：内部有真空和含铅玻璃"),
    ),
    Lesson(
        _("电脑、打印机、路由器"), "computer",
        (
            _("先备份，再退出账号并解除设备绑定"),
            _("用系统自带的“重置并清除数据”，有硬盘的选择彻底清除"),
            _("也可以拆下硬盘自己保管，交机时说明"),
            _("打印机取出墨盒、硒鼓，单独装袋"),
        ),
        _("只删除文件或格式化不算清除"),
    ),
    Lesson(
        _("手机、平板、手表"), "phone",
        (
            _("备份后，退出账号、关闭“查找我的设备”、解绑支付和门禁"),
            _("恢复出厂设置，再检查一遍是否需要登录原账号"),
            _("取出 SIM 卡和存储卡"),
            _("鼓包或破损的不要充电，单独装入不燃容器并先说明"),
        ),
        _("不要把锁屏密码写在机身上或告诉任何人"),
    ),
    Lesson(
        _("燃气热水器、燃气灶"), "warn",
        (
            _("先关燃气阀；拆接气管由燃气公司或有资质的人来做"),
            _("用肥皂水检查阀口不漏气，装上堵头"),
            _("热水器放净余水，灶具取出电池"),
        ),
        _("闻到燃气味：开窗、关阀，不开关电器，到室外拨打燃气抢修电话"),
    ),
    Lesson(
        _("电动自行车和电池"), "scale",
        (
            _("停在室外断开电池，称重后随车交"),
            _("鼓包、漏液、泡过水的电池先说明，单独运输"),
            _("带上车辆的登记凭证，办理注销"),
        ),
        _("不要拆解、刺穿、水泡电池，也不要随生活垃圾丢弃"),
    ),
)  # fmt: skip
SCAMS: tuple[tuple[Words, Words], ...] = (
    (
        _("要您先交钱"),
        _("领取资格、预约上门、查询补贴都不收费。要“手续费”“保证金”“激活费”的都是骗局。"),
    ),
    (
        _("发链接、二维码或让您装软件"),
        _("我们的短信没有链接。补贴在付款时立减，不需要下载“补贴 App”，不需要共享屏幕。"),
    ),
    (_("要验证码、银行卡密码"), _("工作人员从不索要。现金当场付，券进您自己的账号。")),
    (
        _("高价收购或代用资格"),
        _("资格限本人使用。出租、买卖资格或配合虚假交易，要退回补贴并受处理。"),
    ),
    (
        _("上门的人说不出订单号"),
        _("先核对订单号和证件；报价低于约定的，您可以不同意，不收费。"),
    ),
)
KINDS: tuple[tuple[OrgKind, Words, str], ...] = (
    (OrgKind.STATION, _("社区服务站"), "station"),
    (OrgKind.RECYCLER, _("备案回收企业"), "truck"),
    (OrgKind.DISMANTLER, _("有资格的拆解企业"), "factory"),
)


@dataclass(frozen=True, slots=True)
class Channel:
    org: Organisation
    licence: Licence | None
    opening: OpeningWords | None


@require_safe
def learn(request: HttpRequest) -> HttpResponse:
    context = {"lessons": LESSONS, "scams": SCAMS}
    return render(request, "public/learn.html", context)


@require_safe
def channels(request: HttpRequest) -> HttpResponse:
    """Who may take old units, by county: admitted, and the paper they need valid today."""
    city = identity.get_region(settings.HUANXIN_CITY)
    counties = identity.list_regions(under=city.path)
    chosen = next((one for one in counties if one.code == request.GET.get("county")), city)
    groups = [(name, icon, list_channels(kind, chosen.path)) for kind, name, icon in KINDS]
    context = {"counties": counties, "chosen": chosen, "groups": groups, "city": city}
    return render(request, "public/channels.html", context)


def list_channels(kind: OrgKind, region_path: str) -> list[Channel]:
    """Admitted parties of a kind in a region, not kept out, whose paper is valid today, by name."""
    needed, _warn_days = plant_book.licence_needed(kind.value)
    today, found = clock.today(), []
    parties = identity.list_organisations(Scope(region_path=region_path), kind=kind)
    keys = [str(org.id) for org in parties if org.status is OrgStatus.ADMITTED]
    open_keys = set(keys) - identity.restricted_keys(RestrictionKind.ORGANISATION, keys, today)
    openings = identity.openings_of(org.id for org in parties)
    local = clock.now().astimezone(clock.SHANGHAI)
    for org in parties:
        valid = [
            one for one in org.licences if one.kind == needed and one.from_on <= today < one.to_on
        ]
        last = max(valid, key=lambda one: one.to_on, default=None)
        if str(org.id) in open_keys and (needed is None or last is not None):
            found.append(Channel(org, last, words_of(openings.get(org.id), local)))
    return sorted(found, key=lambda one: one.org.name)
