"""The browser that walks the pages: found on this machine, or installed where that is allowed.

    python -m tests.chromium     installs one if needed; fails under CI=true if there is none

Standard library only.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
PACKAGES = ("chromium", "fonts-noto-cjk")
MISSING = (
    "没有找到 Chromium 或 Chrome，浏览器测试无法进行。请安装后重试：\n"
    "  Debian、Ubuntu：sudo apt-get install chromium fonts-noto-cjk\n"
    "  macOS：安装 Google Chrome\n"
    "也可以用环境变量 HUANXIN_CHROMIUM 指定浏览器程序的路径。"
)


def find_chromium() -> str | None:
    """The path of an installed Chromium or Chrome; HUANXIN_CHROMIUM comes first."""
    if chosen := os.environ.get("HUANXIN_CHROMIUM"):
        return chosen if Path(chosen).exists() else None
    for name in NAMES:
        if found := shutil.which(name):
            return found
    return next((path for path in APPLICATIONS if Path(path).exists()), None)


def may_install() -> bool:
    return os.geteuid() == 0 and Path("/etc/debian_version").exists() and _has("apt-get")


def _has(program: str) -> bool:
    return shutil.which(program) is not None


def _lacks_chinese_font() -> bool:
    return not any(Path("/usr/share/fonts").rglob("*CJK*"))


def apt_get(*arguments: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", *arguments], check=False, stdout=subprocess.DEVNULL, env=environment)


def main() -> int:
    if may_install() and (find_chromium() is None or _lacks_chinese_font()):
        print("安装浏览器测试所需的 " + "、".join(PACKAGES), flush=True)
        apt_get("update", "-q")
        apt_get("install", "-y", "-q", "--no-install-recommends", *PACKAGES)
    if find_chromium():
        return 0
    print(MISSING, file=sys.stderr)
    return 1 if os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
