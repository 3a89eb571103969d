"""Who is signed in, as the domain knows them, and which audience's pages are theirs."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.urls import NoReverseMatch, reverse
from django_htmx.http import HttpResponseClientRedirect

from huanxin.identity import selectors as identity
from huanxin.identity.services import proving, signing_in
from huanxin.identity.types import Role
from huanxin.kernel import addresses
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import NotAllowed
from huanxin.web.problems import is_fragment

View = Callable[..., HttpResponse]

AUDIENCES: dict[str, frozenset[str]] = {
    "citizen": frozenset({Role.CONSUMER}),
    "merchant": frozenset({Role.CASHIER, Role.MERCHANT_MANAGER, Role.MAKER_CLERK}),
    "recycler": frozenset({Role.COLLECTOR, Role.RECYCLER_MANAGER}),
    "dismantler": frozenset({Role.DISMANTLER_CLERK}),
    "station": frozenset({Role.STATION_CLERK}),
    "console": frozenset(
        {Role.REVIEWER, Role.FINANCE_OFFICER, Role.POLICY_OFFICER, Role.OPERATOR, Role.ADMIN}
    ),
    "screen": frozenset(
        {
            Role.OBSERVER, Role.REVIEWER, Role.FINANCE_OFFICER, Role.POLICY_OFFICER,
            Role.OPERATOR, Role.ADMIN,
        }
    ),
}  # fmt: skip

_KEPT = "_huanxin_actor"
SESSION_KEY = "account_session"


def sign_in(request: HttpRequest, account_id: UUID) -> None:
    """Begin a session of the account under a fresh session key."""
    sign_out(request)
    session_id = signing_in.begin_session(
        account_id=account_id, address=address_of(request), device=_device(request)
    )
    request.session.cycle_key()
    request.session[SESSION_KEY] = str(session_id)
    rotate_token(request)
    request.META.pop(_KEPT, None)


def sign_out(request: HttpRequest) -> None:
    """End the session and forget everything in it."""
    actor, session_id = find_actor(request), session_id_of(request)
    if actor is not None and session_id is not None:
        proving.end_session(actor=actor, session_id=session_id)
    request.session.flush()
    request.META.pop(_KEPT, None)


def session_id_of(request: HttpRequest) -> UUID | None:
    """The session that this browser is in, whether or not it still runs."""
    text = request.session.get(SESSION_KEY)
    return UUID(text) if text else None


def address_of(request: HttpRequest) -> str:
    """Where the request comes from, behind the proxies that are ours."""
    proxies = addresses.Proxies(addresses.networks(settings.HUANXIN_TRUSTED_PROXIES))
    return proxies.origin(
        request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", "")
    )


def find_actor(request: HttpRequest) -> Actor | None:
    """The signed-in actor, read once a request; None for a visitor or a closed account."""
    if _KEPT not in request.META:
        request.META[_KEPT] = _actor_of_session(request)
    kept: Actor | None = request.META[_KEPT]
    return kept


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in actor. Views behind `audience` or `signed_in` always have one."""
    actor = find_actor(request)
    if actor is None:
        raise NotAllowed(permission="web.sign_in", role="visitor")
    return actor


def signed_in(view: View) -> View:
    """Visitors are sent to the sign-in page and come back; htmx is told to move the page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if find_actor(request) is None:
            return _to_login(request)
        return view(request, *args, **kwargs)

    return guarded


def audience(name: str) -> Callable[[View], View]:
    """Only roles of that audience; others are told where they may go. Services check again."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if actor_of(request).role not in AUDIENCES[name]:
                raise NotAllowed(permission=f"web.{name}", role=actor_of(request).role)
            return view(request, *args, **kwargs)

        return signed_in(guarded)

    return guard


def permitted(permission: str) -> Callable[[View], View]:
    """Only who holds the permission. Goes inside `audience`; for pages whose reads ask nobody."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            identity.require(actor_of(request), permission)
            return view(request, *args, **kwargs)

        return guarded

    return guard


def audience_url(name: str) -> str:
    """The first page of an audience; the front page for one that has none."""
    try:
        return reverse(f"{name}:home")
    except NoReverseMatch:
        return reverse("public:front")


def home_url(role: str) -> str:
    """Where a role's work begins."""
    return audience_url(audience_of(role))


def audience_of(role: str) -> str:
    """The first audience that a role belongs to."""
    return next((name for name, roles in AUDIENCES.items() if role in roles), "")


def _actor_of_session(request: HttpRequest) -> Actor | None:
    session_id = session_id_of(request)
    return signing_in.see_session(session_id=session_id) if session_id else None


def _device(request: HttpRequest) -> str:
    """The browser and system that people recognise, out of a long header."""
    agent = request.headers.get("User-Agent", "")
    names = (("MicroMessenger", "微信"), ("Edg", "Edge"), ("Firefox", "Firefox"),
             ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip
    systems = (("Android", "安卓"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
               ("Mac OS", "macOS"), ("Linux", "Linux"))  # fmt: skip
    name = next((word for mark, word in names if mark in agent), "其他浏览器")
    system = next((word for mark, word in systems if mark in agent), "")
    return f"{name} {system}".strip()


def _to_login(request: HttpRequest) -> HttpResponse:
    if is_fragment(request):
        return HttpResponseClientRedirect(settings.LOGIN_URL)
    return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
