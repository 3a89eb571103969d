"""Named queries and their webhooks."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from huanxin.api.epcis import door, paging, querying
from huanxin.identity import selectors as identity
from huanxin.kernel.actor import Actor
from huanxin.trace import selectors as trace
from huanxin.trace import services
from huanxin.trace.errors import QueryParameterInvalid, ResourceUnknown, SubscriptionControlsInvalid
from huanxin.trace.types import NamedQuery, NewSubscription, Subscription

_MEMBERS = {
    "dest", "signatureToken", "secret", "stream", "schedule", "reportIfEmpty",
    "initialRecordTime", "@context",
}  # fmt: skip


def create(request: HttpRequest, actor: Actor) -> HttpResponse:
    body = door.body_of(request)
    if not isinstance(body, dict) or not isinstance(body.get("name"), str):
        raise QueryParameterInvalid(name="name", reason="应为文字")
    if not isinstance(body.get("query"), dict):
        raise QueryParameterInvalid(name="query", reason="应为对象")
    found = services.create_query(
        actor=actor, name=body["name"], query=body["query"], names=door.extensions(request)
    )
    answer = door.answer_json(_query(found), 201)
    answer.headers["Location"] = f"{request.path.rstrip('/')}/{quote(found.name, safe='')}"
    return answer


def queries(request: HttpRequest, actor: Actor) -> HttpResponse:
    page = paging.asked(request, "queries")
    found = trace.list_queries(actor, size=page.size + 1, after=page.after)
    return paging.listed(request, page, [(_query(one), one.name) for one in found])


def query(request: HttpRequest, actor: Actor, name: str) -> HttpResponse:
    del request
    return door.answer_json(_query(trace.get_query(name, actor)))


def delete(request: HttpRequest, actor: Actor, name: str) -> HttpResponse:
    del request
    services.delete_query(actor=actor, name=name)
    return HttpResponse(status=204)


def query_events(request: HttpRequest, actor: Actor, name: str) -> HttpResponse:
    """The query run anew; only paging may be asked for beside it."""
    stored = trace.get_query(name, actor).query
    given = door.parameters(request)
    if unknown := given.keys() - {"perPage", "nextPageToken", "stream"}:
        raise QueryParameterInvalid(name=min(unknown), reason="命名查询只接受翻页参数")
    given.pop("stream", None)
    return querying.answered(request, actor, {**stored, **given}, name)


def subscribe(request: HttpRequest, actor: Actor, name: str) -> HttpResponse:
    trace.get_query(name, actor)
    wanted = _wanted(door.body_of(request))
    found = services.subscribe(actor=actor, query_name=name, wanted=wanted)
    answer = door.answer_json(_subscription(found), 201)
    answer.headers["Location"] = f"{request.path.rstrip('/')}/{found.id}"
    return answer


def subscriptions(request: HttpRequest, actor: Actor, name: str) -> HttpResponse:
    page = paging.asked(request, "subscriptions")
    found = trace.list_subscriptions(name, actor, size=page.size + 1, after=page.after_id())
    return paging.listed(request, page, [(_subscription(one), str(one.id)) for one in found])


def subscription(request: HttpRequest, actor: Actor, name: str, key: str) -> HttpResponse:
    del request
    found = trace.get_subscription(name, key, actor)
    answer = door.answer_json(_subscription(found))
    answer.headers["GS1-Query-Min-Record-Time"] = door.rfc3339(found.min_record_at) or ""
    return answer


def unsubscribe(request: HttpRequest, actor: Actor, name: str, key: str) -> HttpResponse:
    del request
    try:
        subscription_id = UUID(key)
    except ValueError:
        raise ResourceUnknown(name=key) from None
    services.unsubscribe(actor=actor, query_name=name, subscription_id=subscription_id)
    return HttpResponse(status=204)


def free_token(request: HttpRequest, actor: Actor, token: str) -> HttpResponse:
    """Tokens keep nothing on the server, so there is nothing to release early."""
    del request, token
    identity.require(actor, "trace.read")
    return HttpResponse(status=204)


def _wanted(body: Any) -> NewSubscription:
    if not isinstance(body, dict):
        raise SubscriptionControlsInvalid(reason="应为对象")
    if unknown := body.keys() - _MEMBERS:
        raise SubscriptionControlsInvalid(reason=f"不认识的字段 {min(unknown)}")
    initial = trace.read_instant(body.get("initialRecordTime"))
    if body.get("initialRecordTime") is not None and initial is None:
        raise SubscriptionControlsInvalid(reason="initialRecordTime 应为带时区的时间")
    token = body.get("signatureToken", body.get("secret"))
    if not isinstance(token, str | None) or len(token or "") > 200:
        raise SubscriptionControlsInvalid(reason="signatureToken 应为至多 200 个字符的文字")
    return NewSubscription(
        dest=str(body.get("dest", "")), signature_token=token,
        stream=body.get("stream") is True, schedule=body.get("schedule"),
        report_if_empty=body.get("reportIfEmpty") is True, initial_record_at=initial,
    )  # fmt: skip


def _query(found: NamedQuery) -> dict[str, Any]:
    return {"name": found.name, "query": found.query, "createdAt": door.rfc3339(found.created_at)}


def _subscription(found: Subscription) -> dict[str, Any]:
    body = {
        "subscriptionID": str(found.id), "queryName": found.query_name, "dest": found.dest,
        "createdAt": door.rfc3339(found.created_at), "reportIfEmpty": found.report_if_empty,
        "initialRecordTime": door.rfc3339(found.initial_record_at),
        "minRecordTime": door.rfc3339(found.min_record_at),
        "lastNotifiedAt": door.rfc3339(found.last_notified_at),
        **({"stream": True} if found.stream else {"schedule": found.schedule}),
    }  # fmt: skip
    return {name: value for name, value in body.items() if value is not None}
