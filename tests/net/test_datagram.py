"""The datagram loop on loopback; several interfaces are in tests/camera/test_discover_lan.py."""

import socket
import time
from collections.abc import Iterator

import pytest

from v380cli.net.datagram import MAX_BATCH, Datagram, DatagramLoop, Packet, resolve_host
from v380cli.net.interfaces import Interface

LOOPBACK = Interface(
    name="lo", address="127.0.0.1", netmask="255.0.0.0", broadcast="127.255.255.255"
)


@pytest.fixture
def loop() -> Iterator[DatagramLoop]:
    with DatagramLoop() as loop:
        yield loop


@pytest.fixture
def peer() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.7", 0))
        sock.settimeout(2)
        yield sock


def find_free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def test_answer_to_the_sender_comes_back(loop: DatagramLoop, peer: socket.socket) -> None:
    loop.open_sender(LOOPBACK)
    loop.send(LOOPBACK, [Packet(b"ping", *peer.getsockname())])
    payload, sender = peer.recvfrom(100)
    peer.sendto(payload + b"-pong", sender)
    assert loop.receive(2) == [Datagram(b"ping-pong", "127.0.0.7", "lo")]


def test_listener_hears_unicast_and_broadcast(loop: DatagramLoop, peer: socket.socket) -> None:
    port = find_free_port()
    assert loop.open_listener(port, "127.0.0.1")
    assert loop.open_listener(port, "127.255.255.255")
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    for address in ("127.0.0.1", "127.255.255.255"):
        peer.sendto(address.encode(), (address, port))
        assert loop.receive(2) == [Datagram(address.encode(), "127.0.0.7", "lo")]


def test_broadcast_reaches_loopback(loop: DatagramLoop) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.255.255.255", 0))
        ear.settimeout(2)
        loop.open_sender(LOOPBACK)
        loop.send(LOOPBACK, [Packet(b"all", LOOPBACK.broadcast, ear.getsockname()[1])])
        assert ear.recv(100) == b"all"


def test_two_runs_share_the_reply_port(loop: DatagramLoop) -> None:
    port = find_free_port()
    with DatagramLoop() as other:
        assert other.open_listener(port, "127.0.0.1")
        assert loop.open_listener(port, "127.0.0.1")
    assert loop.warnings == ()


def test_port_of_another_program_is_a_warning(loop: DatagramLoop, peer: socket.socket) -> None:
    address, port = peer.getsockname()
    assert not loop.open_listener(port, address)
    assert loop.warnings == (
        f"UDP port {port} is in use by another program: only direct answers are heard",
    )


def test_interface_without_its_address_is_a_warning(loop: DatagramLoop) -> None:
    gone = Interface(name="gone0", address="127.0.0.1.2", netmask="255.0.0.0")
    loop.open_sender(gone)
    loop.open_sender(gone)
    loop.send(gone, [Packet(b"x", "127.0.0.1", 9)])
    (warning,) = loop.warnings
    assert warning.startswith("gone0 (127.0.0.1.2): ")


def test_one_failure_does_not_stop_the_rest(loop: DatagramLoop, peer: socket.socket) -> None:
    loop.open_sender(LOOPBACK)
    too_long = Packet(bytes(70_000), "127.0.0.1", 9)
    loop.send(LOOPBACK, [too_long, Packet(b"small", *peer.getsockname())])
    assert peer.recv(100) == b"small"
    assert loop.warnings == ("lo (127.0.0.1): cannot send to 127.0.0.1: Message too long",)


def test_closed_sender_is_silent_and_can_be_opened_again(
    loop: DatagramLoop, peer: socket.socket
) -> None:
    packet = Packet(b"x", *peer.getsockname())
    loop.open_sender(LOOPBACK)
    loop.close_sender(LOOPBACK)
    loop.close_sender(LOOPBACK)
    loop.send(LOOPBACK, [packet])
    loop.open_sender(LOOPBACK)
    loop.send(LOOPBACK, [packet])
    assert peer.recv(100) == b"x"
    peer.settimeout(0)
    with pytest.raises(BlockingIOError):
        peer.recv(100)


def test_largest_datagram_comes_whole(loop: DatagramLoop, peer: socket.socket) -> None:
    port = find_free_port()
    loop.open_listener(port, "127.0.0.1")
    peer.sendto(bytes(65_507), ("127.0.0.1", port))
    (datagram,) = loop.receive(2)
    assert len(datagram.payload) == 65_507


def test_flood_comes_in_batches(loop: DatagramLoop, peer: socket.socket) -> None:
    port = find_free_port()
    loop.open_listener(port, "127.0.0.1")
    for _ in range(MAX_BATCH + 10):
        peer.sendto(b"x", ("127.0.0.1", port))
    assert len(loop.receive(2)) == MAX_BATCH
    assert len(loop.receive(2)) == 10


def test_silence_ends_at_the_deadline(loop: DatagramLoop) -> None:
    started = time.monotonic()
    assert loop.receive(0.05) == []
    assert loop.receive(-1) == []
    assert time.monotonic() - started > 0.04


def test_close_leaves_nothing_open(peer: socket.socket) -> None:
    loop = DatagramLoop()
    port = find_free_port()
    loop.open_listener(port, "127.0.0.1")
    loop.open_sender(LOOPBACK)
    loop.close()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", port))


@pytest.mark.parametrize("host", ["a..b", "x" * 64])
def test_a_name_that_no_host_can_have(host: str) -> None:
    with pytest.raises(OSError, match="is not a host name"):
        resolve_host(host)
