"""The command line in Chinese: headings of help, and what was wrong with the words typed."""

import re
from collections.abc import Iterable

import click

_HEADINGS = {"Options": "选项", "Commands": "命令", "Arguments": "参数"}
_ARGS = {"[OPTIONS]": "[选项]", "COMMAND": "命令", "[ARGS]...": "[参数]…"}
_WORDS = {
    "Show this message and exit.": "显示这段说明。",
    "Show the version and exit.": "显示版本。",
}
_PATTERNS = (
    (r"No such command '(.*)'\.?", "没有“{0}”这个命令"),
    (r"Got unexpected extra arguments? \((.*)\)", "多出了“{0}”"),
    (r"Missing command\.?", "还要写明做哪一件事"),
    (r"Option '(.*)' requires (?:an|\d+) arguments?\.?", "选项 {0} 后面要有值"),
    (r"Option '(.*)' does not take a value\.?", "选项 {0} 后面不带值"),
)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


class Help(click.HelpFormatter):
    """Click's help with Chinese headings."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        for word, ours in _ARGS.items():
            args = args.replace(word, ours)
        super().write_usage(prog, args, "用法：" if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        super().write_heading(_HEADINGS.get(heading, heading))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        said = [
            (name, _WORDS.get(text, text.replace("[default: ", "[默认 "))) for name, text in rows
        ]
        super().write_dl(said, col_max, col_spacing)


def sentence_of(error: click.ClickException) -> str:
    """What was wrong with a command, as a sentence; our own words are kept.

    >>> sentence_of(click.UsageError("No such command 'x'."))
    '没有“x”这个命令。'
    >>> sentence_of(click.BadParameter("月份应如 2026-09", param_hint="MONTH"))
    'MONTH 的值不对：月份应如 2026-09。'
    """
    return f"{_fault(error).rstrip('。.')}。"


def _fault(error: click.ClickException) -> str:
    if isinstance(error, click.NoSuchOption):
        near = "、".join(error.possibilities or ())
        return f"没有选项 {error.option_name}" + (f"，您要的也许是 {near}" if near else "")
    if isinstance(error, click.MissingParameter):
        return f"缺少 {_name(error)}" + (f"，{_wanted(error.param)}" if error.param else "")
    if isinstance(error, click.BadParameter):
        is_ours = _CHINESE.search(error.message) and not error.message.startswith("'")
        wrong = error.message if is_ours or error.param is None else _wanted(error.param)
        return f"{_name(error)} 的值不对：{wrong}"
    if isinstance(error, click.FileError):
        return f"打不开文件 {error.filename}"
    for pattern, words in _PATTERNS:
        if found := re.fullmatch(pattern, error.message):
            return words.format(*found.groups())
    return error.message


def _name(error: click.BadParameter) -> str:
    """How the user knows the parameter: --port, PATH."""
    if error.param_hint is not None:
        hint = error.param_hint
        return hint if isinstance(hint, str) else "、".join(hint)
    if error.param is None:
        return "参数"
    is_option = isinstance(error.param, click.Option)
    return error.param.opts[0] if is_option else error.param.human_readable_name


def _wanted(param: click.Parameter) -> str:
    kind = param.type
    if isinstance(kind, click.IntRange):
        above = f"不小于 {kind.min} " if kind.max is None else f" {kind.min} 至 {kind.max} 之间"
        return f"应为{above}的整数"
    if isinstance(kind, click.Choice):
        return "可选 " + "、".join(map(str, kind.choices))
    if isinstance(kind, click.DateTime):
        return "应为 2026-09-15 这样的日期"
    if isinstance(kind, click.Path):
        what = "目录" if not kind.file_okay else "文件" if not kind.dir_okay else "文件或目录"
        return f"应为一个已有的、可以读取的{what}" if kind.exists else f"应为{what}的路径"
    return "请照下面的示例填写"
