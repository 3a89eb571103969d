"""TCP ports: the one asked for, or the next free one."""

import socket
from collections.abc import Callable, Collection

from huanxin.project.errors import HostNotOurs, PortTaken

_TRIES = 100


def choose_port(
    *,
    title: str,
    asked: int | None,
    usual: int,
    host: str,
    option: str,
    say: Callable[[str], None],
    avoid: Collection[int] = (),
) -> int:
    """The port asked for, else the usual one or the next free after it, said aloud.

    Raises PortTaken when the port was asked for by name or none is free.
    """
    if asked is not None:
        if asked in avoid or not is_free(asked, host):
            raise PortTaken(port=asked, option=option)
        return asked
    for port in range(usual, usual + _TRIES):
        if port not in avoid and is_free(port, host):
            if port != usual:
                say(f"端口 {usual} 已被占用，{title}改用 {port}（可用 {option} 指定）。")
            return port
    raise PortTaken(port=usual, option=option)


def check_host(host: str) -> None:
    """Refuse an address that is none of this machine's, before anything is started."""
    with socket.socket() as probe:
        try:
            probe.bind((host, 0))
        except OSError as fault:  # an unknown name is one, too
            raise HostNotOurs(host=host) from fault


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether we could listen there, and nobody already does."""
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex(("127.0.0.1" if host == "0.0.0.0" else host, port)) == 0:  # noqa: S104
            return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def any_free() -> int:
    """A port that nobody uses, chosen by the system."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
