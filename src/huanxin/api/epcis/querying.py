"""Events out: ad-hoc queries, one event, and the resources that events are found by."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from huanxin.api.epcis import door, paging
from huanxin.api.epcis.problems import Refused
from huanxin.identity import selectors as identity
from huanxin.kernel.actor import Actor
from huanxin.trace import selectors as trace
from huanxin.trace.errors import QueryParameterInvalid, ResourceUnknown

RESOURCES = (
    "eventTypes", "epcs", "bizSteps", "bizLocations", "readPoints", "dispositions", "events",
    "capture", "queries",
)  # fmt: skip
_FIXED = {
    "eventTypes": "eventType", "epcs": "MATCH_anyEPC", "bizSteps": "EQ_bizStep",
    "bizLocations": "EQ_bizLocation", "readPoints": "EQ_readPoint",
    "dispositions": "EQ_disposition",
}  # fmt: skip


def top(request: HttpRequest, actor: Actor) -> HttpResponse:
    del request, actor
    return door.answer_json(_collection(list(RESOURCES)))


def events(request: HttpRequest, actor: Actor) -> HttpResponse:
    return answered(request, actor, dict(door.parameters(request)))


def event(request: HttpRequest, actor: Actor, event_id: str) -> HttpResponse:
    """Every event of this id: the event and what declares it wrong."""
    identity.require(actor, "trace.read")
    page = trace.query_events(
        params={"EQ_eventID": [event_id], "perPage": "1000"},
        names=door.extensions(request), scope=actor.scope, as_links=door.as_links(request),
    )  # fmt: skip
    if not page.document["epcisBody"]["queryResults"]["resultsBody"]["eventList"]:
        raise ResourceUnknown(name=event_id)
    return door.answer_json(page.document)


def values(request: HttpRequest, actor: Actor, resource: str) -> HttpResponse:
    identity.require(actor, "trace.read")
    for name in request.GET:
        if name not in {"perPage", "nextPageToken"}:
            raise QueryParameterInvalid(name=name, reason="不认识的查询参数")
    page = trace.list_values(
        resource, actor.scope, size=paging.size_of(request.GET.get("perPage")),
        token=request.GET.get("nextPageToken"),
    )  # fmt: skip
    answer = door.answer_json(_collection(list(page.values)))
    return door.link_next(request, answer, page.next_token, page.token_until)


def value(request: HttpRequest, actor: Actor, resource: str, value: str) -> HttpResponse:
    identity.require(actor, "trace.read")
    _check_known(request, actor, resource, value)
    return door.answer_json(_collection(["events"]))


def value_events(request: HttpRequest, actor: Actor, resource: str, value: str) -> HttpResponse:
    params: dict[str, Any] = dict(door.parameters(request))
    if _FIXED[resource] in params:
        raise QueryParameterInvalid(name=_FIXED[resource], reason="该条件已由网址给出")
    identity.require(actor, "trace.read")
    _check_known(request, actor, resource, value)
    return answered(request, actor, {_FIXED[resource]: [value], **params})


def answered(
    request: HttpRequest, actor: Actor, params: dict[str, Any], name: str = "SimpleEventQuery"
) -> HttpResponse:
    """A page of a query, with the way to the next."""
    identity.require(actor, "trace.read")
    if request.headers.get("Upgrade", "").lower() == "websocket":
        raise Refused(501, "ImplementationException", "不提供 WebSocket，请用 webhook 订阅。")
    page = trace.query_events(
        params=params, names=door.extensions(request), scope=actor.scope,
        as_links=door.as_links(request), query_name=name,
    )  # fmt: skip
    answer = door.answer_json(page.document)
    return door.link_next(request, answer, page.next_token, page.token_until)


def _check_known(request: HttpRequest, actor: Actor, resource: str, value: str) -> None:
    names = door.extensions(request)
    if not trace.is_used(resource, value, names, actor.scope):
        raise ResourceUnknown(name=value)


def _collection(members: list[str]) -> dict[str, Any]:
    return {"@context": trace.STANDARD_CONTEXT, "type": "Collection", "member": members}
