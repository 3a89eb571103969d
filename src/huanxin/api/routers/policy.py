"""Policies, categories and models: public knowledge, so no token is asked for."""

from dataclasses import asdict
from datetime import date

from django.http import HttpRequest
from ninja import Body, Router

from huanxin.catalogue import selectors as catalogue
from huanxin.catalogue.types import Category, Model
from huanxin.identity import selectors as identity
from huanxin.identity.types import Region
from huanxin.kernel.errors import NotFound
from huanxin.policy import selectors as policy
from huanxin.policy.types import Case, Decision, PolicyCard

router = Router(tags=["policy"], auth=None)


@router.get("/regions", response=list[Region], summary="行政区与功能区")
def list_regions(request: HttpRequest, under: str | None = None) -> list[Region]:
    return identity.list_regions(under=under)


@router.get("/categories", response=list[Category], summary="品类目录")
def list_categories(request: HttpRequest) -> list[Category]:
    return catalogue.list_categories()


@router.get("/models/{gtin}", response=Model, summary="按商品条码查型号")
def get_model(request: HttpRequest, gtin: str) -> Model:
    model = catalogue.find_model(gtin)
    if model is None:
        raise NotFound(model="Model", id=gtin)
    return model


@router.get("/policies", response=list[PolicyCard], summary="政策列表；on 给出时只列当日有效的")
def list_policies(request: HttpRequest, on: date | None = None) -> list[PolicyCard]:
    return policy.list_policies(on=on)


@router.get("/policies/{policy_id}", response=PolicyCard, summary="一份政策")
def get_policy(request: HttpRequest, policy_id: str) -> PolicyCard:
    return policy.get_policy(policy_id)


@router.post("/policies/quote", response=Decision, summary="试算补贴：能补多少、依据哪一条")
def quote(request: HttpRequest, case: Body[Case]) -> Decision:
    return policy.quote_subsidy(Case(**{**asdict(case), "facts": dict(case.facts)}))
