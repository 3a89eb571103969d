"""huanxin twin: the simulated city goes on living. `demo` starts it; the help does not list it."""

import signal
import threading

import click

from huanxin.project import platform, processes
from huanxin.project.commands import replay


@click.command("twin", hidden=True)
@replay.scale_option
@replay.seed_option
def command(scale: int, seed: int) -> None:
    """让模拟城市继续产生业务（由 huanxin demo 启动）。"""
    processes.end_with_supervisor()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    with platform.opened():
        from huanxin.simulation import services as simulation

        simulation.live_trickle(stop=stop.is_set, scale=scale, seed=seed)
