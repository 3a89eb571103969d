"""The front page and the doors in and out."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from huanxin.identity import selectors as accounts
from huanxin.identity.services import signing_in
from huanxin.identity.types import AccountCard
from huanxin.kernel.errors import HTTP_STATUS, DomainError
from huanxin.outreach import selectors as outreach
from huanxin.web import language, pools, session
from huanxin.web.context import ELDER_COOKIE
from huanxin.web.parts import Empty
from huanxin.web.public import demo_accounts, enrolling, proving
from huanxin.web.public.forms import CodeForm, PhoneForm, RegisterForm, StaffForm

ENTRANCES = (
    ("merchant", _("流通企业"), _("收银核销、报送凭证、查看到账"), "shop"),
    ("recycler", _("回收企业"), _("今日收件、入库分级、装车移交"), "truck"),
    ("dismantler", _("拆解企业"), _("按码收货、拆解申报、物料平衡"), "factory"),
    ("station", _("社区服务站"), _("帮不便用手机的居民代办"), "station"),
    ("console", _("政府部门"), _("政策、资格发放、核验、清算"), "government"),
    ("screen", _("数据大屏"), _("省、市、县三级，两秒更新"), "screen"),
)
ELDER_SECONDS = 365 * 24 * 3600


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    ways = {
        "sell_url": reverse("citizen:sell"),
        "claim_url": reverse("citizen:releases"),
        "buy_url": reverse("citizen:buy"),
    }
    context = {
        **ways,
        "pools": pools.open_pools(),
        "notices": outreach.list_notices()[:3],
        "no_pools": Empty(
            gettext("今天没有开放的补贴资格"), gettext("开放时间会提前公布在这里。"), icon="clock"
        ),
        "entrances": [(session.audience_url(name), *words) for name, *words in ENTRANCES],
    }
    return render(request, "public/front.html", context)


@never_cache
def login(request: HttpRequest) -> HttpResponse:
    """Three ways in on one page: by phone code, by login name, by a ready demo account."""
    form = StaffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            passed = signing_in.present_password(
                **form.cleaned_data, address=session.address_of(request)
            )
        except DomainError as refusal:
            return _doors(request, staff=form, refusal=refusal)
        return proving.onward(request, passed, _next(request))
    return _doors(request, staff=form)


@never_cache
@require_POST
def demo_login(request: HttpRequest) -> HttpResponse:
    """One tap into a ready account; there is no such door in production."""
    login_name = request.POST.get("login", "")
    card = accounts.find_account(login_name)
    if card is None or not card.is_active or demo_accounts.password_of(login_name) is None:
        raise Http404
    return _enter(request, card)


@never_cache
@require_POST
def send_code(request: HttpRequest) -> HttpResponse:
    form = PhoneForm(request.POST)
    if not form.is_valid():
        return _doors(request, phone=form)
    try:
        sent = signing_in.send_sign_in_code(phone=form.cleaned_data["phone"])
    except DomainError as refusal:
        return _doors(request, phone=form, refusal=refusal)
    code = CodeForm(initial={"phone": form.cleaned_data["phone"]})
    return render(request, "public/code.html", {"form": code, "sent": sent, "next": _next(request)})


@never_cache
@require_POST
def code_login(request: HttpRequest) -> HttpResponse:
    form = CodeForm(request.POST)
    context: dict[str, object] = {"form": form, "sent": None, "next": _next(request)}
    if not form.is_valid():
        return render(request, "public/code.html", context, status=422)
    try:
        cards = signing_in.sign_in_by_code(**form.cleaned_data)
    except DomainError as refusal:
        context["refusal"] = refusal
        return render(request, "public/code.html", context, status=HTTP_STATUS[refusal.kind])
    if len(cards) == 1:
        return _enter(request, cards[0])
    proof = accounts.phone_proof(form.cleaned_data["phone"])
    if cards:
        return enrolling.who(request, proof, cards, _next(request))
    return enrolling.unknown(request, proof, _next(request))


@never_cache
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """One of several people under a phone whose code was just shown."""
    cards = accounts.accounts_of_phone(request.POST.get("proof", ""))
    card = next((one for one in cards if str(one.id) == request.POST.get("account")), None)
    if card is None:
        raise Http404
    return _enter(request, card)


@never_cache
@require_POST
def register(request: HttpRequest) -> HttpResponse:
    """Someone nobody knows yet, under a phone whose code was just shown."""
    form = RegisterForm(request.POST)
    if not form.is_valid():
        return enrolling.page(request, form, _next(request))
    try:
        card = signing_in.enrol_by_phone(**form.cleaned_data)
    except DomainError as refusal:
        return enrolling.page(request, form, _next(request), refusal)
    return _enter(request, card)


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    session.sign_out(request)
    return redirect("public:front")


@require_POST
def elder(request: HttpRequest) -> HttpResponse:
    """Larger type, kept in a cookie for a year; no account needed."""
    response = HttpResponseRedirect(_next(request) or "/")
    response.set_cookie(
        ELDER_COOKIE, "1" if request.POST.get("elder") == "1" else "0", max_age=ELDER_SECONDS,
        httponly=True, samesite="Lax", secure=settings.PRODUCTION,
    )  # fmt: skip
    return response


@require_POST
def speak(request: HttpRequest) -> HttpResponse:
    """Another language, kept in a cookie for a year."""
    response = HttpResponseRedirect(_next(request) or "/")
    language.keep(response, request.POST.get("language", ""))
    return response


def _doors(
    request: HttpRequest,
    *,
    staff: StaffForm | None = None,
    phone: PhoneForm | None = None,
    refusal: DomainError | None = None,
) -> HttpResponse:
    is_wrong = any(form is not None and form.errors for form in (staff, phone))
    status = HTTP_STATUS[refusal.kind] if refusal else 422 if is_wrong else 200
    context = {
        "staff": staff or StaffForm(),
        "phone": phone or PhoneForm(),
        "refusal": refusal,
        "cards": demo_accounts.demo_cards(),
        "next": _next(request),
    }
    return render(request, "public/login.html", context, status=status)


def _enter(request: HttpRequest, card: AccountCard) -> HttpResponse:
    session.sign_in(request, card.id)
    return HttpResponseRedirect(_next(request) or session.home_url(card.role))


def _next(request: HttpRequest) -> str:
    """Where the visitor was going, if that is one of our own pages."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if is_ours else ""
