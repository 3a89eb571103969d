"""Lists out and in by cursor and file; webhooks, their log, their secrets; the client itself."""

from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Body, File, Router, Schema, Status
from ninja.files import UploadedFile

from huanxin.api import clientmaker
from huanxin.api.parameters import IdempotencyKey, PageNumber
from huanxin.api.security import actor_of
from huanxin.exchange import selectors
from huanxin.exchange.services import hooking, importing
from huanxin.exchange.types import (
    DeliveryCard,
    DeliveryState,
    EndpointCard,
    ImportReport,
    IssuedEndpoint,
    ListCard,
    ListPage,
    NewEndpoint,
    Topic,
)
from huanxin.identity import selectors as identity
from huanxin.kernel.paging import Page

router = Router(tags=["exchange"])


class Overlap(Schema):
    overlap_hours: int = 24


class Activity(Schema):
    is_active: bool


@router.get("/lists", response=list[ListCard], summary="可导出的清单及其列")
def list_lists(request: HttpRequest) -> list[ListCard]:
    return selectors.list_lists(actor_of(request))


@router.get("/lists/{name}", response=ListPage, summary="一个清单的行，按游标翻页")
def read_list(
    request: HttpRequest, name: str, cursor: str | None = None, limit: int = 50
) -> ListPage:
    return selectors.read_list(actor_of(request), name, cursor=cursor, limit=limit)


@router.get("/lists/{name}/file", response=None, summary="整个清单的 CSV 或 Excel 文件")
def list_file(
    request: HttpRequest, name: str, form: Literal["csv", "xlsx", "template"] = "csv"
) -> HttpResponse:
    actor = actor_of(request)
    if form == "template":
        return _file(*selectors.template_file(actor, name))
    return _file(*selectors.list_file(actor, name, form))


@router.post("/lists/{name}/import", response=ImportReport, summary="导入：先试一遍，逐行看结果")
def import_list(
    request: HttpRequest, name: str, key: IdempotencyKey, file: File[UploadedFile],
    is_trial: bool = True,  # noqa: FBT001, FBT002  a query parameter
) -> ImportReport:  # fmt: skip
    return importing.import_list(
        actor=actor_of(request), name=name, content=file.read(), request_id=key,
        is_trial=is_trial,
    )  # fmt: skip


@router.get("/topics", response=list[Topic], auth=None, summary="可推送的事件")
def list_topics(request: HttpRequest) -> list[Topic]:
    del request
    return selectors.list_topics()


@router.get("/webhooks", response=list[EndpointCard], summary="事件推送")
def list_webhooks(request: HttpRequest) -> list[EndpointCard]:
    actor = actor_of(request)
    identity.require(actor, "identity.manage_keys")
    return selectors.list_endpoints(actor)


@router.post("/webhooks", response={201: IssuedEndpoint}, summary="设置推送，签名密钥只答复一次")
def open_webhook(request: HttpRequest, new: Body[NewEndpoint]) -> Status[IssuedEndpoint]:
    return Status(201, hooking.open_endpoint(actor=actor_of(request), new=new))


@router.post("/webhooks/{endpoint_id}/test", response=DeliveryCard, summary="发一条测试消息")
def test_webhook(request: HttpRequest, endpoint_id: UUID) -> DeliveryCard:
    return hooking.send_test(actor=actor_of(request), endpoint_id=endpoint_id)


@router.post(
    "/webhooks/{endpoint_id}/secret", response={201: IssuedEndpoint}, summary="更换签名密钥"
)
def rotate_secret(request: HttpRequest, endpoint_id: UUID, body: Overlap) -> Status[IssuedEndpoint]:
    return Status(201, hooking.rotate_secret(
        actor=actor_of(request), endpoint_id=endpoint_id, overlap_hours=body.overlap_hours
    ))  # fmt: skip


@router.post("/webhooks/{endpoint_id}/activity", response=EndpointCard, summary="暂停或恢复推送")
def set_active(request: HttpRequest, endpoint_id: UUID, body: Activity) -> EndpointCard:
    return hooking.set_active(
        actor=actor_of(request), endpoint_id=endpoint_id, is_active=body.is_active
    )


@router.get("/webhooks/{endpoint_id}/deliveries", response=Page[DeliveryCard], summary="推送记录")
def list_deliveries(
    request: HttpRequest, endpoint_id: UUID, state: DeliveryState | None = None,
    page: PageNumber = 1,
) -> Page[DeliveryCard]:  # fmt: skip
    return selectors.list_deliveries(actor_of(request), endpoint_id, state=state, page=page)


@router.post("/deliveries/{delivery_id}/again", response=DeliveryCard, summary="重发未送达的一条")
def send_again(request: HttpRequest, delivery_id: UUID) -> DeliveryCard:
    return hooking.send_again(actor=actor_of(request), delivery_id=delivery_id)


@router.get("/client.py", auth=None, response=None, summary="Python 客户端，由本接口描述生成")
def client(request: HttpRequest) -> HttpResponse:
    del request
    from huanxin.api.v1 import api

    schema: dict[str, Any] = api.get_openapi_schema()
    text = clientmaker.client_source(schema)
    return _file(text.encode(), "text/x-python; charset=utf-8", "huanxin_client.py")


def _file(body: bytes, content_type: str, name: str) -> HttpResponse:
    from urllib.parse import quote

    response = HttpResponse(body, content_type=content_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response
