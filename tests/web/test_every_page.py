"""Every page, visited by every role in a city with data: it answers, or refuses without a word.

The pages are found by following links from each role's home, one address a route.
"""

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connections, transaction
from django.test import Client
from django.urls import Resolver404, resolve
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from huanxin.catalogue.models import Model
from huanxin.identity import selectors as identity
from huanxin.project import wording
from huanxin.simulation import selectors as simulation
from huanxin.simulation import services
from huanxin.web import session
from tests.given_browser import CHROMIUM, answered_by, opened_browser

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.timeout(1_800)]
SEASON = {"first_on": date(2026, 6, 1), "last_on": date(2026, 6, 17), "scale": 300, "seed": 7}
PUBLIC = ("/", "/login", "/releases", "/track")
LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)')
FILES = ("/static/", "/logout")
NUMBER = re.compile(r"\b[A-Z]{2}\d{6}-\d{4}-\d+")
MONEY = re.compile(r"¥\d")
DEEP = 400
RUN = re.compile(r"[\u4e00-\u9fff]{2,}")
QUIET = re.compile(
    r"<(?:script|style|textarea|pre)\b.*?</(?:script|style|textarea|pre)>"
    r"|<(?P<tag>\w+)\b[^>]*\stranslate=['\"]no['\"].*?</(?P=tag)>", re.DOTALL,
)  # fmt: skip
SRC = wording.PAGES.parents[4]
CITED = re.compile(r"(?:document|source): (.*)|^  - (.*)", re.MULTILINE)
# How the language toggle calls Chinese; an event's place, a notice's title and a repair as somebody
# wrote them, which the code has by chance too.
NAMES = {"中文", "东昌府区", "我们的短信没有链接", "更换温控器"}
AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
SIZES = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1440, "height": 900}}
LIGHTS = {"light": [], "dark": ["color-contrast", "link-in-text-block"]}  # which rules; none: all
FIND = """async rules => {
  const asked = {resultTypes: ['violations'], ...(rules.length ? {runOnly: rules} : {})};
  return (await axe.run(document, asked)).violations.map(v =>
    v.id + ': ' + v.help + ' | ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' || '));
}"""


@pytest.fixture(scope="module")
def city(tmp_path_factory, django_db_setup, django_db_blocker):
    """A played season with its demonstration accounts; its rows go with the transaction."""
    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        try:
            services.replay_season(folder=tmp_path_factory.mktemp("twin"), **SEASON)
            yield {account.login: account for account in simulation.demo_accounts()}
        finally:
            transaction.set_rollback(True)
            atomic.__exit__(None, None, None)


@pytest.fixture(scope="module")
def connection(city):
    """The one whose transaction holds the city."""
    return connections["default"]


@pytest.fixture
def browser(connection):
    """For one test: no other may find its event loop running, which would cut it off the city."""
    with opened_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def clients(city) -> dict[str, Client]:
    """A signed-in browser a demonstration account, and a stranger's."""
    found = {login: signed_in(login) for login in city}
    return found | {"": Client()}


@pytest.fixture(scope="module")
def pages(clients, city) -> dict[str, tuple[str, str]]:
    """One address a route, and whose link led there."""
    found: dict[str, tuple[str, str]] = {}
    for login, client in clients.items():
        for route, path in walked(client, home_of(login)):
            found.setdefault(route, (path, login))
    assert len(found) > 150, "the walk finds the pages"
    return found


def signed_in(login: str) -> Client:
    client = Client()
    answer = client.post("/login/demo", {"login": login})
    assert answer.status_code == 302, (login, answer.status_code)
    return client


def home_of(login: str) -> str:
    account = identity.find_account(login) if login else None
    return session.home_url(account.role) if account else "/"


def walked(client: Client, home: str) -> Iterator[tuple[str, str]]:
    """Every route that links lead to from here, each once; what is not a page is passed by."""
    seen: set[str] = set()
    waiting = [home, *PUBLIC]
    while waiting and len(seen) < DEEP:
        path = waiting.pop(0)
        route = route_of(path)
        if route is None or route in seen:
            continue
        seen.add(route)
        answer = client.get(path, follow=True)
        assert answer.status_code in {200, 304, 403, 404}, (path, answer.status_code)
        if answer.status_code in {403, 404}:  # the front page leads to every party's door
            continue
        yield route, path
        if "html" in answer.headers.get("Content-Type", ""):
            links = LINK.findall(answer.content.decode())
            waiting += [link.replace("&amp;", "&") for link in links]


def route_of(path: str) -> str | None:
    if path.startswith(FILES):
        return None
    try:
        found = resolve(urlsplit(path).path)
    except Resolver404:
        return None
    return f"{found.view_name} {found.route}"


def test_every_page_answers_every_role_or_refuses_without_a_word_of_data(clients, pages):
    told = []
    for login, client in clients.items():
        for route, (path, _) in pages.items():
            answer = client.get(path)
            status = answer.status_code
            text = "" if answer.streaming else answer.content[:200_000].decode(errors="replace")
            numbers = set(NUMBER.findall(text)) - set(NUMBER.findall(path))  # its own is known
            if status in {403, 404} and (numbers or MONEY.search(text)):
                told.append((login, route, path, "tells"))
            elif status not in {200, 302, 304, 403, 404}:
                told.append((login, route, path, status))
    assert told == []


def test_whoever_may_not_see_a_page_is_told_what_to_do(clients, pages):
    """A stranger is led to the sign-in, a role of another party is refused with a code."""
    client = clients["wang"]
    for route, (path, login) in pages.items():
        if not path.startswith(("/console", "/recycler", "/dismantler", "/merchant", "/station")):
            continue
        assert client.get(path).status_code in {302, 403, 404}, (route, path, login)
        stranger = clients[""].get(path)
        assert stranger.status_code in {302, 403, 404}, (route, path)


def test_every_page_in_english_keeps_no_chinese_but_data(clients, pages):
    """What is left is what people, firms and files are called; no word of the platform's own."""
    words, left = own_words(), {}
    for route, (path, login) in pages.items():
        client = clients[login]
        client.cookies["language"] = "en"
        answer = client.get(path)
        del client.cookies["language"]
        assert answer.status_code in {200, 302, 304}, (route, path)
        is_page = answer.status_code == 200 and "html" in answer.headers["Content-Type"]
        runs = RUN.findall(said_on(answer.content.decode())) if is_page else []
        if found := words & set(runs):
            left[route] = sorted(found)
    assert left == {}


def test_control_a_chinese_word_of_the_platform_is_found_and_a_name_is_not():
    page = said_on(
        "<p title='返回首页'>湖畔商场 返回首页</p><pre>领券</pre><b translate='no'>单号</b>"
    )
    assert own_words() & set(RUN.findall(page)) == {"返回首页"}


def said_on(page: str) -> str:
    """The texts of a page, without scripts and what is shown as it was typed or must be typed."""
    page = QUIET.sub(" ", page)
    heard = " ".join(re.findall(r"""(?:title|alt|aria-label|placeholder)=["']([^"']*)""", page))
    return re.sub(r"<[^>]+>", " | ", page) + " | " + heard


def own_words() -> set[str]:
    """Runs of Chinese in the platform's own texts: its catalogues and the code of its rooms.

    Without names: of accounts and products, of documents that a rule cites, and of what an
    English text gives as an example of what to type.
    """
    texts = [str(m.id) for path in (wording.PAGES, wording.REFUSALS) for m in wording.read(path)]
    for path in SRC.rglob("*.py"):
        if (
            not {"simulation", "migrations", "project"} & set(path.parts)
            and "gallery" not in path.name
        ):
            texts += literals(path)
    names = [
        str(m.string) for path in (wording.PAGES, wording.REFUSALS) for m in wording.read(path)
    ]
    names += [account.name for account in simulation.demo_accounts()]
    names += [" ".join((model.brand, model.name)) for model in Model.objects.all()]
    for pattern in wording._PUBLISHED:
        names += [
            cited
            for path in SRC.glob(pattern)
            for two in CITED.findall(path.read_text())
            for cited in two
        ]
    runs = {run for text in texts for run in RUN.findall(text)}
    return runs - {run for text in names for run in RUN.findall(text)} - NAMES


def literals(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: run python -m tests.chromium")
def test_axe_finds_no_barrier_on_any_page(browser, clients, pages, connection):
    """Each page as its own party sees it, by day and by night, on a phone and on a desk."""
    context = browser.new_context(bypass_csp=True, reduced_motion="reduce", locale="zh-CN")
    context.add_init_script(path=AXE)
    page, found = context.new_page(), {}
    for route, (path, login) in pages.items():
        answered_by(page, clients[login], connection)
        if barriers := barriers_on(page, path):
            found[route] = barriers
    context.close()
    assert found == {}


def barriers_on(page, path):
    """What stands in the way, and at which size and light. By night only colours are others."""
    page.set_viewport_size(SIZES["phone"])
    page.emulate_media(color_scheme="light")
    try:
        answer = page.goto(f"http://localhost{path}", wait_until="load")
    except PlaywrightError as fault:
        if "Download is starting" in str(fault):  # a file, not a page
            return []
        raise
    if "html" not in answer.headers.get("content-type", "") or not is_whole(answer.text()):
        return []
    with suppress(PlaywrightTimeout):  # a page without one is told of by axe
        page.locator("h1").first.wait_for(state="attached", timeout=3_000)
    found = []
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        for light, rules in LIGHTS.items():
            page.emulate_media(color_scheme=light)
            found += [(size, light, barrier) for barrier in page.evaluate(FIND, rules)]
    return found


def is_whole(text):
    """A page, and not a part that htmx puts into a page which is looked at itself."""
    return text.lstrip().lower().startswith("<!doctype")


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: run python -m tests.chromium")
def test_control_axe_finds_a_barrier(browser):
    page = browser.new_page(bypass_csp=True)
    page.set_content("<html><body><img src=x><button></button></body></html>")
    page.evaluate(AXE.read_text("utf-8"))
    assert {line.split(":")[0] for line in page.evaluate(FIND, [])} >= {"button-name", "image-alt"}
    page.close()


def test_control_a_refusal_that_tells_a_number_is_found():
    assert NUMBER.search("没有权限查看 HS260601-1502-0000042-9")
    assert MONEY.search("金额 ¥740.85")
