"""A client of its own for the tests of the simulator: raw sockets and its own reassembly."""

import contextlib
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

from v380cli.models import Secret
from v380cli.simulator.camera import CameraSpec
from v380cli.simulator.faults import parse_fault
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.server import Simulator
from v380cli.wire.crypto import MediaCipher, PasswordForm, encrypt_password, media_key
from v380cli.wire.live import (
    AUDIO_OFF,
    AUDIO_ON,
    QUALITY_HD,
    StreamLoginReply,
    StreamLoginRequest,
    StreamStartRequest,
)
from v380cli.wire.login import LoginReply, LoginRequest

TIMEOUT_S = 60.0
RANDOM_KEY = b"0123456789abcdef"
PASSWORD = "secret1"
DEVICE_ID = 87654321
SMALL = CameraSpec(
    device_id=DEVICE_ID,
    password=Secret(PASSWORD),
    width=192,
    height=128,
    fps=15,
    gop_s=0.4,
    loop_s=1.2,
    bitrate=150_000,
)
GOP_FRAMES = 6


@dataclass(frozen=True)
class Frame:
    """A reassembled media frame, payload as it was on the line."""

    frame_id: int
    frame_type: int
    timestamp_ms: int
    payload: bytes


@contextlib.contextmanager
def run(spec: CameraSpec, *faults: str) -> Iterator[SimulatedCamera]:
    """One camera that remembers what it sends; no discovery."""
    spec = replace(spec, faults=tuple(parse_fault(text) for text in faults))
    with Simulator([spec], discovery=None, keep_sent=True) as simulator:
        yield simulator.cameras[0]


def connect(camera: SimulatedCamera) -> socket.socket:
    return socket.create_connection((camera.host, camera.port), timeout=TIMEOUT_S)


def receive(sock: socket.socket, size: int) -> bytes:
    """Exactly `size` bytes, or fewer when the camera closes."""
    data = bytearray()
    while len(data) < size and (piece := sock.recv(size - len(data))):
        data += piece
    return bytes(data)


def ask(camera: SimulatedCamera, request: bytes) -> bytes:
    """All that the camera answers to a request on a connection of its own."""
    with connect(camera) as sock:
        sock.sendall(request)
        return receive(sock, 1 << 20)


def make_login(
    *,
    version: int = 31,
    device_id: int = DEVICE_ID,
    user: str = "admin",
    password: str = PASSWORD,
    form: PasswordForm = PasswordForm.ZERO48,
) -> bytes:
    cipher = encrypt_password(password, RANDOM_KEY, form)
    return LoginRequest(
        version=version, device_id=device_id, user=user, random_key=RANDOM_KEY, cipher=cipher
    ).encode()


def login(camera: SimulatedCamera) -> int:
    """The ticket of a log-in that works."""
    reply = LoginReply.decode(ask(camera, make_login()))
    assert reply.result == 1001
    return reply.ticket


def make_stream_login(ticket: int, *, audio: bool = True, quality: int = QUALITY_HD) -> bytes:
    return StreamLoginRequest(
        device_id=DEVICE_ID,
        ticket=ticket,
        audio=AUDIO_ON if audio else AUDIO_OFF,
        quality=quality,
    ).encode()


@contextlib.contextmanager
def watch(
    camera: SimulatedCamera,
    *,
    ticket: int | None = None,
    audio: bool = True,
    quality: int = QUALITY_HD,
) -> Iterator[socket.socket]:
    """A socket on which the media flow."""
    ticket = login(camera) if ticket is None else ticket
    with connect(camera) as sock:
        sock.sendall(make_stream_login(ticket, audio=audio, quality=quality))
        StreamLoginReply.decode(receive(sock, camera.spec.reply_size))
        sock.sendall(StreamStartRequest().encode())
        yield sock


def read_record(sock: socket.socket) -> tuple[int, int, int, int, bytes]:
    """Magic, type, total, index and data of the next record; EOFError at the end."""
    header = receive(sock, 12)
    if len(header) < 12:
        raise EOFError(header)
    magic, kind, total, index, length = struct.unpack("<BBxHHH3x", header)
    return magic, kind, total, index, receive(sock, length)


def read_frames(sock: socket.socket, count: int) -> list[Frame]:
    """The next `count` frames of a stream without faults; fails on anything out of order."""
    return [read_frame(sock) for _ in range(count)]


def read_frame(sock: socket.socket) -> Frame:
    data, expected = b"", 0
    while True:
        magic, _kind, total, index, piece = read_record(sock)
        assert (magic, index) == (0x7F, expected)
        data, expected = data + piece, expected + 1
        if expected == total:
            frame_id, frame_type, _fps, timestamp_ms = struct.unpack_from("<iHHQ", data)
            return Frame(frame_id, frame_type, timestamp_ms, data[16:])


def decipher(frame: Frame, ticket: int) -> bytes:
    """The payload in clear, by the 64-of-80 rule for video."""
    cipher = MediaCipher(media_key(ticket))
    is_video = frame.frame_type in (0, 1, 40, 41)
    return cipher.decrypt_video(frame.payload) if is_video else cipher.decrypt_audio(frame.payload)
