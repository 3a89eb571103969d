"""The command line `huanxin`: parses, calls one service, prints. One module a command."""

import importlib
import sys
from collections.abc import Sequence
from typing import Any

import click
from rich.console import Console

from huanxin.project import faults, speech

click.Context.formatter_class = speech.Help

_COMMANDS = {  # in the order in which a newcomer meets them
    "demo": "huanxin.project.commands.demo",
    "serve": "huanxin.project.commands.serve",
    "worker": "huanxin.project.commands.worker",
    "gateway": "huanxin.project.commands.gateway",
    "migrate": "huanxin.project.commands.migrate",
    "replay": "huanxin.project.commands.replay",
    "policy": "huanxin.project.commands.policy",
    "verify": "huanxin.project.commands.verify",
    "claims": "huanxin.project.commands.claims",
    "ledger": "huanxin.project.commands.ledger",
    "settlement": "huanxin.project.commands.settlement",
    "trace": "huanxin.project.commands.trace",
    "vouchers": "huanxin.project.commands.vouchers",
    "indicators": "huanxin.project.commands.indicators",
    "web": "huanxin.project.commands.web",
    "twin": "huanxin.project.commands.twin",
}


class House(click.Group):
    """Loads a command when it is asked for; shows refusals and faults as sentences."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command = importlib.import_module(_COMMANDS[cmd_name]).command
        assert isinstance(command, click.Command)
        return command

    def main(  # type: ignore[override]  # click's overloads say the same of two modes
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        *,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run; what was typed wrong is a Chinese sentence on stderr, and 2."""
        try:
            code = super().main(args, prog_name, standalone_mode=False, **extra)
            return sys.exit(code or 0) if standalone_mode else code
        except click.ClickException as error:
            if not standalone_mode:
                raise
            show_mistake(error)
            sys.exit(2)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except faults.EXPECTED as error:
            refusal = faults.refusal_of(error)
            if refusal is None:
                raise
            show_refusal(refusal.message, refusal.code)
            ctx.exit(2)
        except KeyboardInterrupt:
            console = Console(stderr=True, highlight=False)
            console.print("\n已停止，完成的部分已保存；再次执行同一条命令会继续。", markup=False)
            ctx.exit(130)


def show_mistake(error: click.ClickException) -> None:
    """What was wrong with the words typed, how they go, and an example."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    if isinstance(error, click.exceptions.NoArgsIsHelpError) and ctx is not None:
        console.print(ctx.get_help(), markup=False)
        return
    console.print(speech.sentence_of(error), style="bold red", markup=False)
    if ctx is not None:
        console.print(ctx.get_usage(), markup=False)
        console.print(f"说明与示例：{ctx.command_path} --help", markup=False)


def show_refusal(message: str, code: str) -> None:
    """The sentence and its code on stderr."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(message, style="bold red", markup=False)
    console.print(f"（{code}）", style="dim", markup=False)


@click.group(
    cls=House,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="各命令的用法与示例：huanxin 命令 --help",
)
@click.version_option(package_name="huanxin", message="焕新 %(version)s")
def main() -> None:
    """焕新：一座城市开展消费品以旧换新的开放平台。

    第一次使用请执行 make demo，它会准备好数据库、基础数据和一个模拟的夏季，然后打开网站。
    """


if __name__ == "__main__":
    main(prog_name="huanxin")
