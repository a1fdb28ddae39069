"""No packet leaves loopback while tests run, in this process and in every Python child of it.

An audit hook sees each socket call before the kernel does. It judges only in the network namespace
where the tests began ("home"): in namespaces that a test made, anything goes. What it cannot see
are sockets of C libraries (FFmpeg) and of other programs.
"""

import ipaddress
import os
import socket
import sys
import types
from pathlib import Path
from typing import Any

HOME_VARIABLE = "NETWORK_GUARD_HOME"
ALLOWED_VARIABLE = "NETWORK_GUARD_ALLOWED"

ADDRESSING = {"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"}
LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
# What a client binds to that does not care where it sends from (paho), on its way to a connect,
# which is judged.
NOWHERE = ("", 0)
CONNECTING = socket.create_connection.__code__
LOCAL_FAMILIES = {socket.AF_UNIX, socket.AF_NETLINK}


class BeyondLoopback(Exception):
    """A test reached for the network. No OSError, so that no code under test takes it for one."""


def find_namespace() -> str:
    """The network namespace of the calling thread, as the kernel spells it."""
    return str(Path("/proc/thread-self/ns/net").readlink())


def install(home: str, allowed_host: str = "") -> None:
    """Refuse from now on what would leave loopback in namespace `home`, but for `allowed_host`.

    There is no way back: Python has no call to remove an audit hook.
    """

    def judge(event: str, args: tuple[Any, ...]) -> None:
        if event == "socket.bind" and args[1] == NOWHERE and _calls() is CONNECTING:
            return
        if event in ADDRESSING:
            harmless = _stays_here(args[0], args[1], allowed_host)
        elif event in LOOKUPS:
            harmless = _needs_no_server(args[0])
        else:
            return
        if not harmless and find_namespace() == home:
            raise BeyondLoopback(f"{event} {args!r}")

    sys.addaudithook(judge)


def install_from_environment() -> None:
    """What a child process does at its start: `install` with what its parent left for it."""
    if home := os.environ.get(HOME_VARIABLE):
        install(home, os.environ.get(ALLOWED_VARIABLE, ""))


def _calls() -> types.CodeType:
    """The function that made the socket call that is judged."""
    return sys._getframe(2).f_code


def _stays_here(sock: socket.socket, address: Any, allowed_host: str) -> bool:
    if sock.family in LOCAL_FAMILIES:
        return True
    if address is None:  # sendmsg on a connected socket: its connect was judged
        return True
    host = address[0]
    if sock.family == socket.AF_PACKET:
        return bool(host == "lo")
    return host in ("localhost", allowed_host or None) or _is_loopback(host)


def _is_loopback(host: object) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback  # type: ignore[arg-type]
    except ValueError:
        return False


def _needs_no_server(host: str | bytes | None) -> bool:
    """Whether the lookup is answered without asking a name server."""
    if host is None or host in ("", "localhost"):
        return True
    try:
        ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host)
    except ValueError:
        return False
    return True
