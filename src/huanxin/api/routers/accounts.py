"""Who I am; colleagues' accounts, roles and keys; residents registered at a counter."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Body, Router, Schema, Status

from huanxin.api.parameters import PageNumber
from huanxin.api.security import actor_of
from huanxin.identity import selectors
from huanxin.identity.services import admitting, keying, registering, staffing
from huanxin.identity.types import (
    AccountCard,
    ApiKeyCard,
    Consent,
    ConsentMeans,
    IssuedKey,
    Licence,
    NewApiKey,
    NewOrganisation,
    NewPerson,
    NewStaff,
    OpenedAccount,
    Organisation,
    OrgKind,
    OrgStatus,
    PersonFacts,
    Role,
    RoleCard,
    StaffAccount,
)
from huanxin.kernel.paging import Page

router = Router(tags=["accounts"])


class Me(Schema):
    account_id: UUID
    name: str
    role: str
    org_id: UUID | None
    region_path: str
    permissions: list[str]


class Reason(Schema):
    reason: str


class Activity(Schema):
    is_active: bool
    reason: str


class Administrator(Schema):
    is_administrator: bool


class Factor(Schema):
    needs_second_factor: bool


class Rotation(Schema):
    overlap_hours: int = 24
    days: int = 180


class Ended(Schema):
    count: int


class Made(Schema):
    id: UUID


class Standing(Schema):
    status: OrgStatus
    reason: str


class Word(Schema):
    means: ConsentMeans
    statement: str


@router.get("/me", response=Me, summary="我是谁、能办什么：接通后的第一个调用")
def me(request: HttpRequest) -> Me:
    actor = actor_of(request)
    return Me(
        account_id=actor.account_id, name=actor.name, role=actor.role, org_id=actor.org_id,
        region_path=actor.scope.region_path, permissions=sorted(actor.permissions),
    )  # fmt: skip


@router.get("/roles", response=list[RoleCard], summary="角色目录：各角色的权限")
def list_roles(request: HttpRequest) -> list[RoleCard]:
    actor_of(request)
    return selectors.list_roles()


@router.put("/roles/{role}", response={204: None}, summary="设置角色登录是否须动态码")
def set_role(request: HttpRequest, role: Role, body: Factor) -> Status[None]:
    staffing.set_role(
        actor=actor_of(request), role=role, needs_second_factor=body.needs_second_factor
    )
    return Status(204, None)


@router.get("/staff", response=Page[StaffAccount], summary="本单位或辖区的工作人员账号")
def list_staff(
    request: HttpRequest, words: str = "", role: Role | None = None, page: PageNumber = 1
) -> Page[StaffAccount]:
    actor = actor_of(request)
    selectors.require(actor, "identity.open_account")
    return selectors.list_accounts(actor, words=words, role=role, page=page)


@router.post("/staff", response={201: OpenedAccount}, summary="开立账号，答复一次性密码")
def hire(request: HttpRequest, new: Body[NewStaff]) -> Status[OpenedAccount]:
    return Status(201, staffing.hire(actor=actor_of(request), new=new))


@router.post("/staff/{account_id}/activity", response=AccountCard, summary="停用或恢复账号")
def set_active(request: HttpRequest, account_id: UUID, body: Activity) -> AccountCard:
    return staffing.set_active(
        actor=actor_of(request), account_id=account_id, is_active=body.is_active,
        reason=body.reason,
    )  # fmt: skip


@router.post("/staff/{account_id}/password", response=OpenedAccount, summary="重置密码")
def reset_password(request: HttpRequest, account_id: UUID) -> OpenedAccount:
    return staffing.reset_password(actor=actor_of(request), account_id=account_id)


@router.post("/staff/{account_id}/factor/clear", response={204: None}, summary="解除动态码")
def clear_factor(request: HttpRequest, account_id: UUID, body: Reason) -> Status[None]:
    staffing.clear_second_factor(actor=actor_of(request), account_id=account_id, reason=body.reason)
    return Status(204, None)


@router.post("/staff/{account_id}/administrator", response=AccountCard, summary="设为单位管理员")
def set_administrator(request: HttpRequest, account_id: UUID, body: Administrator) -> AccountCard:
    return staffing.set_administrator(
        actor=actor_of(request), account_id=account_id, is_administrator=body.is_administrator
    )


@router.post("/staff/{account_id}/sessions/end", response=Ended, summary="退出其所有设备")
def end_sessions(request: HttpRequest, account_id: UUID) -> Ended:
    return Ended(count=staffing.end_sessions(actor=actor_of(request), account_id=account_id))


@router.get("/keys", response=list[ApiKeyCard], summary="接口密钥")
def list_keys(request: HttpRequest) -> list[ApiKeyCard]:
    actor = actor_of(request)
    selectors.require(actor, "identity.manage_keys")
    return selectors.list_keys(actor)


@router.post("/keys", response={201: IssuedKey}, summary="签发接口密钥，只答复一次")
def issue_key(request: HttpRequest, new: Body[NewApiKey]) -> Status[IssuedKey]:
    return Status(201, keying.issue_key(actor=actor_of(request), new=new))


@router.post("/keys/{key_id}/rotate", response={201: IssuedKey}, summary="轮换密钥，可并行一段时间")
def rotate_key(request: HttpRequest, key_id: UUID, body: Rotation) -> Status[IssuedKey]:
    return Status(201, keying.rotate_key(
        actor=actor_of(request), key_id=key_id, overlap_hours=body.overlap_hours, days=body.days
    ))  # fmt: skip


@router.post("/keys/{key_id}/revoke", response=ApiKeyCard, summary="停用密钥，立即生效")
def revoke_key(request: HttpRequest, key_id: UUID, body: Reason) -> ApiKeyCard:
    return keying.revoke_key(actor=actor_of(request), key_id=key_id, reason=body.reason)


@router.get("/organisations", response=list[Organisation], summary="辖区内的企业与单位")
def list_organisations(request: HttpRequest, kind: OrgKind | None = None) -> list[Organisation]:
    return selectors.list_organisations(actor_of(request).scope, kind=kind)


@router.post(
    "/organisations", response={201: Made}, summary="准入一家企业，信用代码相同则答复原编号"
)
def open_organisation(request: HttpRequest, organisation: Body[NewOrganisation]) -> Status[Made]:
    made = admitting.open_organisation(actor=actor_of(request), organisation=organisation)
    return Status(201, Made(id=made))


@router.put("/organisations/{org_id}/status", response=Organisation, summary="暂停、退出或恢复准入")
def set_organisation_status(
    request: HttpRequest, org_id: UUID, standing: Body[Standing]
) -> Organisation:
    admitting.set_organisation_status(
        actor=actor_of(request), org_id=org_id, status=standing.status, reason=standing.reason
    )
    return selectors.get_organisation(org_id)


@router.put("/organisations/{org_id}/licences", response=Organisation, summary="登记或续期一份资质")
def record_licence(request: HttpRequest, org_id: UUID, licence: Body[Licence]) -> Organisation:
    admitting.record_licence(actor=actor_of(request), org_id=org_id, licence=licence)
    return selectors.get_organisation(org_id)


@router.post("/people", response={201: Made}, summary="为居民登记并实名核验")
def enrol(request: HttpRequest, person: Body[NewPerson]) -> Status[Made]:
    return Status(201, Made(id=registering.enrol_resident(actor=actor_of(request), person=person)))


@router.post("/people/{person_id}/consents", response={201: Consent}, summary="记录居民的代办同意")
def record_consent(request: HttpRequest, person_id: UUID, body: Word) -> Status[Consent]:
    return Status(201, registering.record_consent(
        actor=actor_of(request), person_id=person_id, means=body.means, statement=body.statement
    ))  # fmt: skip


@router.post("/people/{person_id}/reveal", response=PersonFacts, summary="查看完整个人信息，留痕")
def reveal(request: HttpRequest, person_id: UUID, body: Reason) -> PersonFacts:
    return registering.reveal_person(
        actor=actor_of(request), person_id=person_id, reason=body.reason
    )
