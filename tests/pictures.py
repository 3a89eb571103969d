"""The pictures of README and docs: a city played for the purpose, its clock held, light and dark.

    python -m tests.pictures             makes all of them in docs/images (some ten minutes)
    python -m tests.pictures till home   only those
    python -m tests.pictures --to /tmp   elsewhere, to look before they are committed

The same checkout gives the same pictures, but for the second on a running clock: the season is
replayed from its seed in a folder of its own, no twin and no worker runs beside it, and the
platform's clock is set before every picture.
"""

import argparse
import io
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from huanxin.project import house, ports
from tests.chromium import find_chromium
from tests.given_browser import FLAGS

ROOT = Path(__file__).parents[1]
MOMENT = datetime(2026, 9, 1, 1, tzinfo=UTC)  # nine o'clock in Shanghai, the day after the season
SCALE, SEED = "100", "2026"
PHONE, DESK, WALL = (390, 844), (1440, 900), (1920, 1080)
DENSITY = {PHONE: 1.5, DESK: 1, WALL: 1}
COLOURS = 96
FRIDGE = "9520002000033"


@dataclass(frozen=True, slots=True)
class Picture:
    """One page as one party sees it; `act` brings it to where it says something."""

    name: str
    login: str
    path: str
    size: tuple[int, int]
    act: Callable[[Page], None] | None = None
    themes: tuple[str, ...] = ("light", "dark")

    def file(self, theme: str) -> str:
        """home.png in light, home-dark.png in dark."""
        return f"{self.name}{'-dark' if theme == 'dark' and len(self.themes) > 1 else ''}.png"


def answer_four(page: Page) -> None:
    """An eight-year-old fridge that runs: the price comes as she answers."""
    for name, value in (
        ("category", "refrigerator"), ("age", "over_8"), ("working", "yes"), ("complete", "yes"),
    ):  # fmt: skip
        page.locator(f"label.choice:has(input[name={name}][value={value}])").click()
        page.wait_for_load_state("networkidle")


def claim(page: Page) -> None:
    """A right to a fridge, so that the till has something to scan."""
    page.locator("ul.ways a", has_text="家电补贴资格").first.click()
    fridge = page.locator("label.choice", has_text="冰箱")
    if fridge.locator("input:not([disabled])").count():
        fridge.click()
        page.get_by_role("button", name="立即领取").click()
        page.wait_for_load_state("networkidle")


def show_code(page: Page) -> None:
    page.locator("ul.ways a", has_text="冰箱补贴资格").first.click()
    page.get_by_role("button", name="出示付款码").click()


def scan(page: Page, texts: tuple[str, ...]) -> None:
    """What a cashier scans: the customer, the goods, the machine."""
    for text in texts:
        page.locator("#till-scan input[name=scan]").fill(text)
        with page.expect_response("**/till/scan"):
            page.keyboard.press("Enter")
        page.wait_for_load_state("networkidle")


PICTURES = (
    Picture("home", "wang", "/my/", PHONE),
    Picture("quote", "wang", "/my/sell", PHONE, answer_four),
    Picture("rounds", "van", "/recycler/", PHONE),
    Picture("till", "till", "/merchant/", DESK),
    Picture("review", "review", "/console/desk", DESK),
    Picture("screen", "watch", "/screen/371500/", WALL, themes=("dark",)),
)


class Studio:
    """A browser on the city; each party signs in once a theme."""

    def __init__(self, browser: Browser, address: str, database_url: str) -> None:
        self.browser, self.address, self.database_url = browser, address, database_url

    def take(self, picture: Picture, theme: str) -> bytes:
        page = self.page(picture.login, picture.size, theme)
        self.hold_clock()
        page.goto(self.address + picture.path, wait_until="networkidle")
        if picture.name == "till":
            scan(page, (self.code(), FRIDGE, "SN2026090001"))
        if picture.act:
            picture.act(page)
        page.wait_for_timeout(1200)  # charts draw themselves
        taken = page.screenshot()
        page.context.close()
        return taken

    def page(self, login: str, size: tuple[int, int], theme: str) -> Page:
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="zh-CN",
            device_scale_factor=DENSITY[size], color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce", has_touch=size == PHONE, service_workers="block",
        )  # fmt: skip
        page = context.new_page()
        if login:
            page.goto(self.address + "/login")
            page.locator(f'button[name=login][value="{login}"]').click()
            page.wait_for_load_state("networkidle")
        return page

    def code(self) -> str:
        """The digits on her phone."""
        phone = self.page("wang", PHONE, "light")
        phone.goto(self.address + "/my/releases")
        claim(phone)
        phone.goto(self.address + "/my/vouchers")
        show_code(phone)
        digits = phone.locator(".digits").inner_text().replace(" ", "")
        phone.context.close()
        return digits

    def hold_clock(self) -> None:
        """The platform reads MOMENT now; pages look at the offset every five seconds."""
        offset_ms = int((MOMENT - datetime.now(UTC)).total_seconds() * 1000)
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO kernel_clockoffset (id, offset_ms) VALUES (1, %s)"
                " ON CONFLICT (id) DO UPDATE SET offset_ms = excluded.offset_ms",
                [offset_ms],
            )


@contextmanager
def city() -> Iterator[tuple[str, str]]:
    """The address of the pages and of the database of a season played for these pictures."""
    with tempfile.TemporaryDirectory(prefix="huanxin-pictures-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)  # root's cluster belongs to another account
        os.environ["HUANXIN_STATE"] = str(Path(folder) / "state")
        os.environ.pop("DATABASE_URL", None)
        with house.only_one() as home, house.database(home):
            command("migrate")
            command("replay", "--scale", SCALE, "--seed", SEED)
            port = ports.choose_port(
                title="网站", asked=None, usual=8010, host="127.0.0.1", option="--port",
                say=print, avoid=set(),
            )  # fmt: skip
            address = f"http://127.0.0.1:{port}"
            web = subprocess.Popen(
                [sys.executable, "-m", "huanxin.project.cli", "web", "--port", str(port)],
                env={**os.environ, "HUANXIN_GATEWAY_URL": "http://127.0.0.1:9"},
            )
            try:
                wait_for(f"{address}/healthz")
                yield address, os.environ["DATABASE_URL"]
            finally:
                web.terminate()
                web.wait(timeout=30)


def command(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "huanxin.project.cli", *arguments], check=True)


def wait_for(address: str) -> None:
    """Until the pages answer; a minute is enough."""
    for _second in range(60):
        with suppress(urllib.error.URLError, TimeoutError), urllib.request.urlopen(address) as it:
            assert it.status == 200
            return
        time.sleep(1)
    raise SystemExit(f"网站没有在一分钟内就绪：{address}")


def small(png: bytes, size: tuple[int, int]) -> Image.Image:
    """A palette of few colours is enough for flat pages, and a fifth of the bytes."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    if size == WALL:
        image = image.resize((1440, 810), Image.Resampling.LANCZOS)
    return image.quantize(COLOURS, dither=Image.Dither.NONE)


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.pictures", description=__doc__)
    asked.add_argument("names", nargs="*", help="、".join(one.name for one in PICTURES))
    asked.add_argument("--to", type=Path, default=ROOT / "docs" / "images")
    said = asked.parse_args()
    if unknown := set(said.names) - {one.name for one in PICTURES}:
        asked.error(f"没有这样的图：{'、'.join(sorted(unknown))}")
    said.to.mkdir(parents=True, exist_ok=True)
    with city() as (address, database_url), sync_playwright() as player:
        browser = player.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        studio = Studio(browser, address, database_url)
        for picture in PICTURES:
            if said.names and picture.name not in said.names:
                continue
            for theme in picture.themes:
                path = said.to / picture.file(theme)
                small(studio.take(picture, theme), picture.size).save(path, optimize=True)
                print(path, path.stat().st_size, flush=True)
        browser.close()


if __name__ == "__main__":
    main()
