"""One TCP connection: sending beside a reader that gathers."""

import socket
import threading
from collections.abc import Iterator

import pytest

from v380cli.errors import NetworkError, NetworkTimeout
from v380cli.net import stream
from v380cli.net.stream import TcpChannel


@pytest.fixture
def pair() -> Iterator[tuple[TcpChannel, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        channel = TcpChannel.open("127.0.0.1", listener.getsockname()[1])
        peer, _ = listener.accept()
        with channel, peer:
            peer.settimeout(5)
            yield channel, peer


@pytest.mark.parametrize("host", ["a..b", "x" * 64, "\ud800"])
def test_a_name_that_no_host_can_have(host: str) -> None:
    with pytest.raises(NetworkError, match="is not a host name"):
        TcpChannel.open(host, 8800)


def test_another_thread_sends_while_one_gathers(pair: tuple[TcpChannel, socket.socket]) -> None:
    channel, peer = pair
    channel.gather(1, 0.05)
    buffer = bytearray(16)
    channel.send(b"before")
    assert channel.receive_gathered(buffer) is None
    sender = threading.Thread(target=channel.send, args=(b" beside",))
    sender.start()
    assert channel.receive_gathered(buffer) is None
    sender.join()
    assert channel.receive_gathered(buffer) is None
    peer.sendall(b"answer")
    assert channel.receive_gathered(buffer) == 6
    assert peer.recv(13, socket.MSG_WAITALL) == b"before beside"


def test_a_silent_peer_is_told_of_in_round_seconds(
    pair: tuple[TcpChannel, socket.socket],
) -> None:
    with pytest.raises(NetworkTimeout, match=r"said nothing for 0\.2 s$"):
        pair[0].receive_into(bytearray(1), 0.199991)


def test_a_gathering_channel_gives_up_a_peer_that_takes_nothing(
    pair: tuple[TcpChannel, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    channel, _ = pair
    monkeypatch.setattr(stream, "SEND_TIMEOUT_S", 0.05)
    channel.gather(1, 0.05)
    with pytest.raises(NetworkTimeout, match="takes no more data"):
        channel.send(bytes(1 << 26))


def test_one_that_gathers_can_be_told_to_hand_out_what_has_come(
    pair: tuple[TcpChannel, socket.socket],
) -> None:
    channel, peer = pair
    buffer = bytearray(16)
    peer.sendall(b"little")
    channel.gather(1000, 0.05)
    assert channel.receive_gathered(buffer) == 6  # after the wait
    channel.gather(1000, 3600)
    channel.gather(1, 3600)
    peer.sendall(b"more")
    assert channel.receive_gathered(buffer) == 4
