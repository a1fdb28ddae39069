"""Hearing packets, with stand-ins for scapy's sockets, which only root may open."""

import errno
import os
import socket
from collections.abc import Iterator

import pytest

from v380cli.net import packets
from v380cli.net.packets import Heard, Sniffer


class Interface:
    """Two packets, the first after the news that it went down for a moment."""

    def __init__(self) -> None:
        self._near, self._far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._errors = [OSError(errno.ENETDOWN, os.strerror(errno.ENETDOWN))]
        for data in (b"first", b"second"):
            self._far.send(data)

    def fileno(self) -> int:
        return self._near.fileno()

    def recv_raw(self) -> tuple[None, bytes, float]:
        if self._errors:
            raise self._errors.pop()
        return None, self._near.recv(64), 5.0

    def close(self) -> None:
        self._near.close()
        self._far.close()


@pytest.fixture
def sniffer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sniffer]:
    monkeypatch.setattr(packets, "_listen", lambda _name, _wanted: Interface())
    with Sniffer(["eth7"], []) as made:
        yield made


def test_an_interface_that_goes_down_for_a_moment_ends_nothing(
    sniffer: Sniffer, caplog: pytest.LogCaptureFixture
) -> None:
    heard = [each for each, _ in zip(sniffer.hear(60), range(3), strict=False)]
    assert heard == [Heard(0.0, b""), Heard(5.0, b"first"), Heard(5.0, b"second")]
    assert "an interface is not heard: Network is down" in caplog.text
