"""The API's root at /api/v1: OpenAPI 3.1, bearer tokens, problem details, one router a room."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Schema

from huanxin.api import security
from huanxin.api.described import Api
from huanxin.api.problems import answer_refusals
from huanxin.api.routers import (
    accounts,
    budgets,
    campaigns,
    claims,
    collection,
    desk,
    door,
    exchange,
    indicators,
    office,
    online_orders,
    outreach,
    plant,
    policy,
    recycling,
    releases,
    restrictions,
    settlement,
    shop,
    trace,
    treasury,
    vouchers,
)
from huanxin.identity.services import signing_in

api = Api(
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
    code: str = ""  # of the authenticator, where the account has one


class Session(Schema):
    token: str
    until: datetime
    role: str


@api.post("/session", auth=None, response=Session, tags=["session"], summary="登录换取令牌")
def sign_in(request: HttpRequest, body: SignIn) -> Session:
    account = signing_in.sign_in(
        login=body.login, password=body.password, code=body.code,
        address=security.address_of(request),
    )  # fmt: skip
    token, until = security.issue_token(account.id)
    return Session(token=token, until=until, role=account.role)


for room in (
    accounts, exchange, policy, vouchers, budgets, releases, campaigns, recycling, collection,
    plant, claims, online_orders, settlement, trace, shop, door, office, indicators, desk,
    outreach, restrictions, treasury,
):  # fmt: skip
    api.add_router("", room.router)
