"""The pick-up page that works without a network: its shell, the day it carries, what it sends."""

import hashlib
import json
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from huanxin.kernel import clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import HTTP_STATUS, DomainError
from huanxin.recycling.selectors import order_book, route_book
from huanxin.recycling.services import visiting
from huanxin.recycling.types import BatteryKind
from huanxin.trace import selectors as trace
from huanxin.web import pages
from huanxin.web.citizen.forms import AGES
from huanxin.web.recycler import field_day
from huanxin.web.recycler.field_forms import DeclineForm, HandInForm, PrepareForm, RequoteForm
from huanxin.web.recycler.forms import ConsentForm, PhotosForm
from huanxin.web.recycler.jobs import OPEN
from huanxin.web.session import View, actor_of, audience, permitted

FILES = (
    "huanxin/tokens.css", "huanxin/huanxin.css", "huanxin/parts.css", "huanxin/citizen.css",
    "huanxin/recycler.css", "huanxin/huanxin.js", "huanxin/mark.svg", "huanxin/icons.svg",
    "django_htmx/htmx-2.min.js", "huanxin/field/field.js", "huanxin/field/day.js",
    "huanxin/field/door.js", "huanxin/field/parts.js", "huanxin/field/outbox.js",
    "huanxin/field/store.js", "huanxin/field/codes.js", "huanxin/field/camera.js",
)  # fmt: skip


def in_json(view: View) -> View:
    """A refusal of the domain as JSON, in the words that the page shows.

    A phone that another worker signed in on meanwhile is told so: nobody sends another's records.
    """

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.headers.get("X-Account", _own(request)) != _own(request):
            body = {"code": "web.other_account", "message": _("登录的是另一位收运员。")}
            return JsonResponse(body, status=409)
        try:
            return view(request, *args, **kwargs)
        except DomainError as refusal:
            body = {"code": refusal.code, "message": refusal.message}
            return JsonResponse(body, status=HTTP_STATUS[refusal.kind])

    return answered


def sent_by(form_class: Callable[..., Any]) -> Callable[[Callable[..., HttpResponse]], View]:
    """A POST of JSON from the page, read by a form; what cannot be read is refused in words."""

    def dress(view: Callable[..., HttpResponse]) -> View:
        @require_POST
        @audience("recycler")
        @permitted("recycling.collect")
        @in_json
        @wraps(view)
        def answered(request: HttpRequest) -> HttpResponse:
            form = form_class(_body(request))
            if form.is_valid():
                return view(request, actor_of(request), form)
            wrong = "；".join(error for errors in form.errors.values() for error in errors)
            return JsonResponse({"code": "web.form_unreadable", "message": wrong}, status=422)

        return answered

    return dress


@require_safe
@never_cache
@audience("recycler")
@permitted("recycling.collect")
def shell(request: HttpRequest) -> HttpResponse:
    """The page without anybody's data: that comes by `day` and stays on the phone."""
    context = {"links": json.dumps(_links()), "words": field_day.words(), "ages": AGES,
               "battery_kinds": [(one.value, one.label) for one in BatteryKind]}  # fmt: skip
    return pages.page(request, "recycler/field.html", context)


@require_safe
@never_cache
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker; it lives beside the pages it keeps, for its scope is its folder."""
    files = [static(name) for name in FILES]
    context = {
        "version": _version(), "files": json.dumps(files),
        "shell_url": reverse("recycler:field"),
    }  # fmt: skip
    return render(request, "recycler/field_worker.js", context, content_type="text/javascript")


@require_safe
@never_cache
@audience("recycler")
@permitted("recycling.collect")
def day(request: HttpRequest) -> HttpResponse:
    """Today's stops of this worker, and the token that what is recorded will be sent with."""
    actor = actor_of(request)
    jobs = route_book.list_jobs(actor.scope, on=clock.today(), account_id=actor.account_id)
    body = {
        "account": actor.account_id,
        "csrf": get_token(request),
        "at": clock.now(),
        "as_of": f"{clock.now().astimezone(clock.SHANGHAI):%H:%M}",
        "on": clock.today(),
        "jobs": field_day.jobs(jobs, actor.scope),
    }
    return JsonResponse(body)


@require_safe
@never_cache
@audience("recycler")
@permitted("recycling.collect")
@in_json
def job(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """One stop as it stands now: asked while the owner's word is awaited."""
    actor = actor_of(request)
    order = order_book.get_order(order_id, actor.scope)
    found = route_book.list_jobs(actor.scope, on=order.slot_on)
    mine = [one for one in found if one.order_id == order_id]
    return JsonResponse(field_day.jobs(mine, actor.scope)[0] if mine else {}, status=200)


@sent_by(PrepareForm)
def prepare(request: HttpRequest, actor: Actor, form: PrepareForm) -> HttpResponse:
    """Addresses to carry along, each look recorded, and labels that no one else will be given."""
    said = form.cleaned_data
    addresses = {
        str(order_id): visiting.reveal_address(
            actor=actor, order_id=order_id, reason=_("离线上门携带")
        )
        for order_id in said["order_ids"]
        if order_book.get_order(order_id, actor.scope).state in OPEN
    }
    codes = visiting.reserve_labels(actor=actor, count=said["label_count"])
    labels = [
        {"code": code, "qr": field_day.picture_of(trace.digital_link(code))} for code in codes
    ]
    return JsonResponse({"addresses": addresses, "labels": labels})


@require_POST
@audience("recycler")
@permitted("recycling.collect")
@in_json
def photos(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Photos of a door, kept under their digests; sent twice they are kept once."""
    form = PhotosForm(request.POST, request.FILES)
    if not form.is_valid():
        wrong = {"code": "web.form_unreadable", "message": form.errors["photos"][0]}
        return JsonResponse(wrong, status=422)
    kept = [
        visiting.keep_photo(actor=actor_of(request), order_id=order_id, content=file.read())
        for file in form.cleaned_data["photos"]
    ]
    return JsonResponse({"sha256s": kept})


@sent_by(HandInForm)
def hand_in(request: HttpRequest, actor: Actor, form: HandInForm) -> HttpResponse:
    """Everything that was recorded at one door."""
    receipt = visiting.hand_in(
        actor=actor, visit=form.as_visit(actor), request_id=form.cleaned_data["request_id"]
    )
    body = {
        "sentence": receipt.sentence, "paid_fen": receipt.paid_fen,
        "payment_reference": receipt.payment_reference, "is_simulated": receipt.is_simulated,
    }  # fmt: skip
    return JsonResponse(body)


@sent_by(DeclineForm)
def decline(request: HttpRequest, actor: Actor, form: DeclineForm) -> HttpResponse:
    said = form.cleaned_data
    visiting.leave_without(
        actor=actor, order_id=said["order_id"], happened_at=said["happened_at"],
        request_id=said["request_id"],
    )  # fmt: skip
    return JsonResponse({"sentence": _("消费者不同意新价，旧机留下，不收费用。")})


@sent_by(RequoteForm)
def ask(request: HttpRequest, actor: Actor, form: RequoteForm) -> HttpResponse:
    """A new price goes to the owner's own phone."""
    said = form.cleaned_data
    visiting.request_requote(
        actor=actor, order_id=said["order_id"], unit_id=said["unit_id"],
        answers=form.as_answers(actor), request_id=said["request_id"],
    )  # fmt: skip
    return JsonResponse({"asked": True})


@require_POST
@audience("recycler")
@permitted("recycling.collect")
@in_json
def consent(request: HttpRequest) -> HttpResponse:
    """The code that the owner reads from her phone."""
    said = _body(request)
    form = ConsentForm(said)
    if not form.is_valid():
        wrong = {"code": "web.form_unreadable", "message": _("确认码是六位数字。")}
        return JsonResponse(wrong, status=422)
    visiting.consent_by_code(
        actor=actor_of(request), requote_id=UUID(str(said["requote_id"])), **form.cleaned_data
    )
    return JsonResponse({"consented": True})


def _links() -> dict[str, str]:
    """Addresses by what the phone calls them; {order} is filled in there."""
    nobody = UUID(int=0)

    def of_order(name: str) -> str:
        return reverse(f"recycler:{name}", args=[nobody]).replace(str(nobody), "{order}")

    plain = ("day", "prepare", "hand_in", "decline", "ask", "consent")
    links = {name: reverse(f"recycler:field_{name}") for name in plain}
    return links | {"photos": of_order("field_photos"), "job": of_order("field_job")}


def _own(request: HttpRequest) -> str:
    return str(actor_of(request).account_id)


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        said = json.loads(request.body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


@cache
def _version() -> str:
    """The digest of the kept files: a changed one makes phones fetch all of them anew."""
    digest = hashlib.sha256()
    for name in FILES:
        path = finders.find(name)
        assert isinstance(path, str), name
        digest.update(Path(path).read_bytes())
    return digest.hexdigest()[:16]
