"""The API's root at /api/v1: OpenAPI 3.1, bearer tokens, problem details, one router a room."""

from datetime import datetime

from django.http import HttpRequest
from ninja import NinjaAPI, Schema

from huanxin.api import security
from huanxin.api.problems import answer_refusals
from huanxin.api.routers import (
    budgets,
    campaigns,
    claims,
    collection,
    desk,
    indicators,
    online_orders,
    plant,
    policy,
    recycling,
    releases,
    restrictions,
    settlement,
    trace,
    vouchers,
)
from huanxin.identity.services import signing_in

api = NinjaAPI(
    title="Huanxin 焕新 API",
    version="1.0",
    description="消费品以旧换新平台接口。金额一律为整数分（*_fen），时间为带时区的 RFC 3339。",
    auth=security.BearerToken(),
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="api-v1",
)
answer_refusals(api)


class SignIn(Schema):
    login: str
    password: str


class Session(Schema):
    token: str
    until: datetime
    role: str


@api.post("/session", auth=None, response=Session, tags=["session"], summary="登录换取令牌")
def sign_in(request: HttpRequest, body: SignIn) -> Session:
    account = signing_in.sign_in(login=body.login, password=body.password)
    token, until = security.issue_token(account.id)
    return Session(token=token, until=until, role=account.role)


for room in (
    policy, vouchers, budgets, releases, campaigns, recycling, collection, plant, claims,
    online_orders, settlement, trace, indicators, desk, restrictions,
):  # fmt: skip
    api.add_router("", room.router)
