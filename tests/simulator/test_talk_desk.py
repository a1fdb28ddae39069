"""What a simulated camera makes of what is said to it."""

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.commands.recording_lab import wait_until
from tests.simulator.viewer import DEVICE_ID, PASSWORD, SMALL, connect, login, receive, run
from tests.sounds import correlate, make_voice, read_wave
from v380cli.media.ima import encode_ima_block
from v380cli.simulator.camera import CameraSpec
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.settings.desk import Generation
from v380cli.simulator.wave_file import WaveFile
from v380cli.wire.talk import (
    LegacyTalkStart,
    TalkAudio,
    TalkKeepAlive,
    TalkStart,
    TalkStartReply,
)

CLEAR = replace(SMALL, device_version=20)
VOICE = make_voice(1.0)


def list_packets(pcm: bytes) -> list[bytes]:
    packets, step_index = [], 0
    for number, start in enumerate(range(0, len(pcm) - 1009, 1010)):
        block, step_index = encode_ima_block(pcm[start : start + 1010], step_index)
        packets.append(TalkAudio(length=256, sequence=number).encode() + block)
    return packets


@contextmanager
def talk(camera: SimulatedCamera) -> Iterator[socket.socket]:
    """A connection on which the camera listens."""
    start = TalkStart(device_id=DEVICE_ID, ticket=login(camera))
    with connect(camera) as sock:
        sock.sendall(start.encode())
        assert TalkStartReply.decode(receive(sock, 16)) == TalkStartReply(command=477, result=1001)
        yield sock


def ask(spec: CameraSpec, start: TalkStart | LegacyTalkStart) -> TalkStartReply:
    with run(spec) as camera, connect(camera) as sock:
        sock.sendall(start.encode())
        return TalkStartReply.decode(receive(sock, 16).ljust(16, b"\0"))


def hang_up(sock: socket.socket) -> None:
    """Say no more, and wait until the camera has heard all."""
    sock.shutdown(socket.SHUT_WR)
    assert sock.recv(1) == b""


def test_each_talk_becomes_a_file(tmp_path: Path) -> None:
    with run(replace(CLEAR, talk_folder=tmp_path)) as camera:
        for _ in range(2):
            with talk(camera) as sock:
                sock.sendall(b"".join(list_packets(VOICE)))
                hang_up(sock)
    paths = sorted(tmp_path.iterdir())
    assert len(paths) == 2
    for path in paths:
        assert path.match(f"talk-{DEVICE_ID}-????????-??????*.wav")
        assert path.stat().st_mode & 0o777 == 0o600
        assert correlate(read_wave(path), VOICE) > 0.95


def test_a_file_is_whole_while_it_is_written(tmp_path: Path) -> None:
    with run(replace(CLEAR, talk_folder=tmp_path)) as camera, talk(camera) as sock:
        sock.sendall(list_packets(VOICE)[0])
        wait_until(lambda: bool(camera.heard_talks[0].pcm))
        (path,) = tmp_path.iterdir()
        assert len(read_wave(path)) == 1010


def test_packets_come_however_they_are_cut() -> None:
    block = list_packets(VOICE)[0][16:]
    data = (
        TalkKeepAlive().encode()
        + TalkAudio(fragments=2, index=0, length=200, sequence=7).encode()
        + block[:200]
        + TalkAudio(fragments=2, index=1, length=56, sequence=7).encode()
        + block[200:]
        + TalkAudio(codec=99, length=4, sequence=8).encode()
        + b"else"
    )
    with run(CLEAR) as camera, talk(camera) as sock:
        for byte in data:
            sock.sendall(bytes([byte]))
        hang_up(sock)
        (heard,) = camera.heard_talks
    assert heard.sequences == [7]
    assert len(heard.keep_alive_times_s) == 1
    assert correlate(bytes(heard.pcm), VOICE[:1010]) > 0.9


def test_fragments_count_from_0_up() -> None:
    """A block whose fragments do not is left out, and takes no memory."""
    block = list_packets(VOICE)[0][16:]

    def cut(index: int, sequence: int) -> bytes:
        header = TalkAudio(fragments=2, index=index, length=128, sequence=sequence)
        return header.encode() + block[index * 128 :][:128]

    with run(CLEAR) as camera, talk(camera) as sock:
        for index, sequence in ((1, 1), (0, 2), (0, 3), (1, 3), (1, 3), (0, 4)):
            sock.sendall(cut(index, sequence))
        hang_up(sock)
        (heard,) = camera.heard_talks
    assert heard.sequences == [3]
    assert correlate(bytes(heard.pcm), VOICE[:1010]) > 0.9


def test_a_folder_that_is_gone_is_told_and_the_talk_is_heard(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with run(replace(CLEAR, talk_folder=tmp_path / "gone")) as camera, talk(camera) as sock:
        sock.sendall(list_packets(VOICE)[0])
        hang_up(sock)
        assert camera.heard_talks[0].pcm
    assert "not saved: No such file" in caplog.text


def test_a_full_disk_is_told_and_the_talk_is_heard(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    close = WaveFile.close
    monkeypatch.setattr(WaveFile, "write", fail)
    monkeypatch.setattr(WaveFile, "close", lambda file: fail(close(file)))
    with run(replace(CLEAR, talk_folder=tmp_path)) as camera, talk(camera) as sock:
        sock.sendall(b"".join(list_packets(VOICE)))
        hang_up(sock)
        assert len(camera.heard_talks[0].sequences) > 1
    assert caplog.text.count("not saved: No space") == 1


@pytest.mark.parametrize(
    "nonsense",
    [b"\xff" * 16, bytes(16), TalkAudio(length=497, sequence=0).encode()],
    ids=["noise", "zeros", "too long"],
)
def test_nonsense_ends_the_talk(nonsense: bytes) -> None:
    with run(CLEAR) as camera, talk(camera) as sock:
        sock.sendall(nonsense)
        assert sock.recv(1) == b""


def test_a_block_that_is_none_is_left_out() -> None:
    with run(CLEAR) as camera, talk(camera) as sock:
        sock.sendall(TalkAudio(length=4, sequence=0).encode() + b"\0\0\xff\0")
        hang_up(sock)
        assert camera.heard_talks[0].sequences == []


def test_a_ticket_of_nobody() -> None:
    reply = ask(SMALL, TalkStart(device_id=DEVICE_ID, ticket=7))
    assert (reply.command, reply.result, reply.reason) == (477, 2001, -11)


def test_a_user_and_a_password() -> None:
    known = LegacyTalkStart(username="admin", password=PASSWORD, device_id=DEVICE_ID)
    assert ask(SMALL, known) == TalkStartReply(command=277, result=1000)
    unknown = ask(SMALL, replace(known, password="guess"))
    assert (unknown.command, unknown.result, unknown.reason) == (277, 2001, 1012)


def test_an_older_camera_knows_the_older_form_only() -> None:
    older = replace(SMALL, settings=Generation.LEGACY)
    assert ask(older, TalkStart(device_id=DEVICE_ID, ticket=7)).command == -100
    known = LegacyTalkStart(username="admin", password=PASSWORD, device_id=DEVICE_ID)
    assert ask(older, known).result == 1000
