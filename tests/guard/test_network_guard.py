"""The guard lets nothing out.

Every socket here is closed before it is used: were the guard broken, the kernel would still refuse
(EBADF) and nothing would leave this machine.
"""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping

import pytest

from tests.guard import network_guard
from tests.guard.network_guard import BeyondLoopback

OUTSIDE = "192.0.2.1"  # TEST-NET-1, RFC 5737
SEND_OUTSIDE = f"""
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.close()
try:
    s.sendto(b"", ({OUTSIDE!r}, 9))
except Exception as error:
    print(type(error).__name__)
"""


def closed_socket(family: int = socket.AF_INET) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.close()
    return sock


@pytest.mark.parametrize(
    "host",
    [OUTSIDE, "10.0.0.1", "255.255.255.255", "<broadcast>", "224.0.0.1", "0.0.0.0", ""],
)
@pytest.mark.parametrize("call", ["connect", "connect_ex", "bind", "sendto", "sendmsg"])
def test_addresses_beyond_loopback_are_refused(call: str, host: str) -> None:
    sock, address = closed_socket(), (host, 9)
    arguments = {"sendto": (b"", address), "sendmsg": ([b""], [], 0, address)}
    with pytest.raises(BeyondLoopback):
        getattr(sock, call)(*arguments.get(call, (address,)))


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_nobody_listens_to_all_addresses_at_any_port(kind: int) -> None:
    with socket.socket(socket.AF_INET, kind) as sock, pytest.raises(BeyondLoopback):
        sock.bind(("", 0))


def test_a_client_may_leave_open_where_it_connects_from() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        socket.create_connection(address, source_address=("", 0)).close()


@pytest.mark.parametrize("host", ["::", "2001:db8::1", "ff02::1", "::ffff:192.0.2.1"])
def test_ipv6_beyond_loopback_is_refused(host: str) -> None:
    with pytest.raises(BeyondLoopback):
        closed_socket(socket.AF_INET6).sendto(b"", (host, 9))


def test_names_are_not_looked_up() -> None:
    with pytest.raises(BeyondLoopback):
        socket.getaddrinfo("camera.invalid", 80, flags=socket.AI_NUMERICHOST)


def test_raw_packets_are_refused() -> None:
    interfaces = [name for _, name in socket.if_nameindex() if name != "lo"]
    if not interfaces or os.geteuid() != 0:
        pytest.skip("needs root and a second interface")
    with (
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock,
        pytest.raises(BeyondLoopback),
    ):
        sock.bind((interfaces[0], 0))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "127.255.255.255", "localhost"])
def test_loopback_is_open(host: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.bind(("127.0.0.1", 0))
        assert sock.sendto(b"hello", (host, sock.getsockname()[1])) == 5


def test_unix_sockets_are_open() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind("")  # the kernel picks an abstract name


def run_child(*command: str, env: Mapping[str, str] | None = None) -> str:
    child = subprocess.run(
        command,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return child.stdout.strip()


def test_child_processes_are_held() -> None:
    assert run_child(sys.executable, "-c", SEND_OUTSIDE) == "BeyondLoopback"


def test_the_camera_given_by_the_user_may_be_reached() -> None:
    allowed = {network_guard.ALLOWED_VARIABLE: OUTSIDE}
    assert run_child(sys.executable, "-c", SEND_OUTSIDE, env=allowed) == "OSError"


def test_anything_goes_in_a_namespace_of_our_own() -> None:
    enter = ["unshare", "--net", "--map-root-user"]
    if not shutil.which("unshare") or subprocess.run([*enter, "true"], check=False).returncode:
        pytest.skip("cannot make network namespaces here")
    assert run_child(*enter, sys.executable, "-c", SEND_OUTSIDE) == "OSError"
