"""A unit's passport and its story."""

from django.http import HttpRequest
from ninja import Router

from huanxin.api.security import actor_of
from huanxin.trace import selectors
from huanxin.trace.types import Passport, Stop

router = Router(tags=["trace"])


@router.get("/units/{unit_code}", response=Passport, summary="一台旧机的产品护照")
def get_passport(request: HttpRequest, unit_code: str) -> Passport:
    return selectors.get_passport(selectors.read_scanned(unit_code), actor_of(request).scope)


@router.get("/units/{unit_code}/story", response=list[Stop], summary="一台旧机的全程经过")
def story(request: HttpRequest, unit_code: str) -> list[Stop]:
    return list(selectors.story(selectors.read_scanned(unit_code), actor_of(request).scope))
