"""Every page, visited by every role in a city with data: it answers, or refuses without a word.

The pages are found by following links from each role's home, one address a route.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve

from huanxin.identity import selectors as identity
from huanxin.simulation import selectors as simulation
from huanxin.simulation import services
from huanxin.web import session
from tests.given_browser import CHROMIUM, answered_by

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.timeout(1_800)]
SEASON = {"first_on": date(2026, 6, 1), "last_on": date(2026, 6, 17), "scale": 300, "seed": 7}
PUBLIC = ("/", "/login", "/releases", "/track")
LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)')
FILES = ("/static/", "/logout")
NUMBER = re.compile(r"\b[A-Z]{2}\d{6}-\d{4}-\d+")
MONEY = re.compile(r"¥\d")
DEEP = 400
PHONE = ("public", "citizen", "recycler:field", "station")
AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
FIND = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations.map(v =>
  v.id + ': ' + v.help + ' | ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' || '))"""


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
            status, text = answer.status_code, answer.content[:200_000].decode(errors="replace")
            if status in {403, 404} and (NUMBER.search(text) or MONEY.search(text)):
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


def test_every_page_in_english_answers(clients, pages):
    for route, (path, login) in pages.items():
        client = clients[login]
        client.cookies["language"] = "en"
        answer = client.get(path)
        del client.cookies["language"]
        assert answer.status_code in {200, 302, 304}, (route, path)


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: run python -m tests.chromium")
def test_axe_finds_no_barrier_on_any_page(browser, clients, pages):
    """Each page as its own party sees it: phone parties at 390, the others at 1440 wide."""
    found = {}
    for size in ((390, 844), (1440, 900)):
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, bypass_csp=True,
            reduced_motion="reduce", locale="zh-CN",
        )  # fmt: skip
        page = context.new_page()
        for route, (path, login) in pages.items():
            if route.startswith(PHONE) is not (size[0] == 390):
                continue
            answered_by(page, clients[login])
            if barriers := barriers_on(page, path):
                found[route] = barriers
        context.close()
    assert found == {}


def barriers_on(page, path):
    answer = page.goto(f"http://localhost{path}", wait_until="load")
    if "html" not in answer.headers.get("content-type", ""):
        return []
    page.evaluate(AXE.read_text("utf-8"))
    return page.evaluate(FIND)


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: run python -m tests.chromium")
def test_control_axe_finds_a_barrier(browser):
    page = browser.new_page(bypass_csp=True)
    page.set_content("<html><body><img src=x><button></button></body></html>")
    page.evaluate(AXE.read_text("utf-8"))
    assert {line.split(":")[0] for line in page.evaluate(FIND)} >= {"button-name", "image-alt"}
    page.close()


def test_control_a_refusal_that_tells_a_number_is_found():
    assert NUMBER.search("没有权限查看 HS260601-1502-0000042-9")
    assert MONEY.search("金额 ¥740.85")
