"""The camera of a campaign: a thread on loopback that films by a plan, as fast as TCP takes it.

It lets everybody in. Where the plan wants it, bytes are damaged between the camera and the socket;
the journal has both what was meant and what left.
"""

import contextlib
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from random import Random
from typing import Self

from tests.fault_campaign.damage import CUTS, FLIPS, strike
from tests.fault_campaign.footage import (
    FPS,
    SIZES,
    SOUND_MS,
    VIDEO_CODECS,
    Shot,
    film,
    hear,
    list_units,
    load_loops,
)
from tests.fault_campaign.journal import Journal, Sent
from tests.fault_campaign.plan import Ending, LinkPlan, Plan
from v380cli.errors import RemoteProtocolError
from v380cli.media.sink import Codec
from v380cli.simulator.damage import split_fragments
from v380cli.wire.commands import Command, Result
from v380cli.wire.crypto import MediaCipher, media_key
from v380cli.wire.fragment_record import encode_fragments
from v380cli.wire.live import (
    FRAME_HEADER,
    StreamLoginReply,
    StreamLoginRequest,
    StreamStartRequest,
)
from v380cli.wire.login import LoginReply, LoginRequest

TIMEOUT_S = 60.0
PATIENCE_S = TIMEOUT_S  # how long a camera goes on without a picture before it calls that unheeded
ENCRYPTING_VERSION, CLEAR_VERSION = 31, 20
RESET = struct.pack("ii", 1, 0)
JUMP_MS = 3_600_000
JUNK_BYTES = 600
DRIP_S = 0.01


class CampaignCamera:
    """Serves between `__enter__` and `__exit__`; `finished` once it has nothing more to send.

    The last link ends when all is sent; `finished` is set when the recorder comes for another.
    """

    def __init__(self, plan: Plan) -> None:
        load_loops()
        self.journal = Journal()
        self.finished = threading.Event()
        self._plan = plan
        self._chance = Random(plan.name)
        self._links = list(enumerate(plan.links))
        self._refusals = 0  # of the next link, so far
        self._clock_ms = self._chance.randrange(10**9, 2 * 10**12)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._is_closing = False
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="campaign-camera", daemon=True)

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_closing = True
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        self._thread.join(TIMEOUT_S)
        self._listener.close()
        if self._failure:
            raise self._failure

    def _run(self) -> None:
        try:
            self._serve()
        except BaseException as error:  # a bug of the campaign: `__exit__` raises it
            self._failure = error
            self.finished.set()

    def _serve(self) -> None:
        while not self._is_closing:
            sock, _ = self._listener.accept()
            if not self._links:
                self.finished.set()
            sock.settimeout(TIMEOUT_S)
            with sock, contextlib.suppress(OSError, EOFError):
                self._answer(sock)

    # -- who asks for what -------------------------------------------------------------------

    def _answer(self, sock: socket.socket) -> None:
        request = _receive(sock, StreamLoginRequest.SIZE)
        if int.from_bytes(request[:4], "little") == Command.LOGIN:
            _receive(sock, LoginRequest.SIZE - len(request))
            sock.sendall(self._answer_login().encode())
        else:
            self._open_stream(sock, StreamLoginRequest.decode(request))
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(1 << 12):  # the other side has its reply when it hangs up
            pass

    def _take_refusal(self, *, at_login: bool) -> int:
        """The number to refuse with; 0 for a yes."""
        refusal = self._links[0][1].refusal if self._links else None
        if refusal is None or refusal.at_login != at_login or self._refusals >= refusal.times:
            return 0
        self._refusals += 1
        return refusal.result

    def _answer_login(self) -> LoginReply:
        if result := self._take_refusal(at_login=True):
            return LoginReply(result=result)
        return LoginReply(
            result=Result.OK,
            value=100,
            device_version=ENCRYPTING_VERSION if self._plan.encrypts else CLEAR_VERSION,
            ticket=self._chance.randrange(1, 1 << 31),
        )

    def _open_stream(self, sock: socket.socket, request: StreamLoginRequest) -> None:
        if result := self._take_refusal(at_login=False):
            sock.sendall(StreamLoginReply(result=result).encode())
            return
        if not self._links:
            return
        width, height = SIZES[0]
        reply = StreamLoginReply(result=Result.STREAM_OK, version=1, width=width, height=height)
        sock.sendall(reply.encode())
        _receive(sock, StreamStartRequest.SIZE)
        (index, link), self._refusals = self._links.pop(0), 0
        _Link(sock, self._plan, index, link, request.ticket, self.journal, self._clock_ms).play()
        self._clock_ms += 1000 + link.pictures * 1000 // FPS


class _Link:
    """One stream, from its first keyframe to its end."""

    def __init__(
        self,
        sock: socket.socket,
        plan: Plan,
        index: int,
        link: LinkPlan,
        ticket: int,
        journal: Journal,
        clock_ms: int,
    ) -> None:
        self._sock, self._plan, self._index, self._link = sock, plan, index, link
        self._journal, self._clock_ms = journal, clock_ms
        self._chance = Random(f"{plan.name}/{index}")
        self._cipher = MediaCipher(media_key(ticket)) if plan.encrypts else None
        self._codec, self._size = plan.codec, SIZES[0]
        self._film = film(self._codec, self._size, self._chance)
        self._next_film: Iterator[Shot] | None = None
        self._sound = hear(plan.sound, self._chance) if plan.sound else None
        self._pictures = self._sounds = 0
        self._ids = {kind: self._chance.randrange(1 << 20) for kind in (True, False)}

    def play(self) -> None:
        """Send what is planned, then end as planned."""
        for number in range(self._link.pictures):
            self._send_sound_until(self._picture_ms)
            self._send_picture(self._link.strikes.get(number, ""))
        self._end()

    @property
    def _picture_ms(self) -> int:
        return self._pictures * 1000 // FPS

    # -- frames ------------------------------------------------------------------------------

    def _send_sound_until(self, time_ms: int) -> None:
        while self._sound and self._sounds * SOUND_MS < time_ms:
            self._send(next(self._sound), self._sounds * SOUND_MS)
            self._sounds += 1

    def _send_picture(self, what_strikes: str) -> None:
        stamp_ms = self._picture_ms
        match what_strikes:
            case "clock-jump":
                self._clock_ms += self._chance.choice((-JUMP_MS, JUMP_MS))
            case "wild-stamp":
                stamp_ms += self._chance.choice((-JUMP_MS, JUMP_MS))
            case "codec-change":
                self._codec = Codec.H264 if self._codec is Codec.HEVC else Codec.HEVC
                self._next_film = film(self._codec, self._size, self._chance)
            case "size-change":
                self._size = next(size for size in SIZES if size != self._size)
                self._next_film = film(self._codec, self._size, self._chance)
        self._send(self._take_shot(), stamp_ms, what_strikes)
        self._pictures += 1

    def _take_shot(self) -> Shot:
        shot = next(self._film)
        if shot.is_keyframe and self._next_film:
            self._film, self._next_film = self._next_film, None
            shot = next(self._film)
        return shot

    def _send(self, shot: Shot, time_ms: int, what_strikes: str = "") -> None:
        records = split_fragments(self._encode(shot, time_ms))
        wire, damaged = b"".join(records), shot.payload
        if what_strikes in FLIPS or what_strikes in CUTS:
            struck = strike(what_strikes, records, self._chance)
            wire = struck.wire
            damaged = self._decrypt(shot, struck.frame[FRAME_HEADER.size :])
        self._note(shot, damaged, what_strikes)
        self._sock.sendall(wire)

    def _encode(self, shot: Shot, time_ms: int) -> bytes:
        numbering = self._plan.numbers_apart and shot.is_video
        header = FRAME_HEADER.pack(
            self._ids[numbering], shot.frame_type, FPS, self._clock_ms + time_ms
        )
        self._ids[numbering] += 1
        return encode_fragments(
            header + self._encrypt(shot), shot.frame_type, self._plan.max_payload
        )

    def _encrypt(self, shot: Shot) -> bytes:
        if self._cipher is None:
            return shot.payload
        is_video = shot.frame_type in VIDEO_CODECS
        encrypt = self._cipher.encrypt_video if is_video else self._cipher.encrypt_audio
        return encrypt(shot.payload)

    def _decrypt(self, shot: Shot, payload: bytes) -> bytes:
        if self._cipher is None:
            return payload
        is_video = shot.frame_type in VIDEO_CODECS
        decrypt = self._cipher.decrypt_video if is_video else self._cipher.decrypt_audio
        return decrypt(payload)

    def _note(self, shot: Shot, damaged: bytes, what_strikes: str) -> None:
        units = list_units(shot.frame_type, shot.payload)
        damaged_units = []
        if damaged != shot.payload:
            with contextlib.suppress(RemoteProtocolError):
                damaged_units = list_units(shot.frame_type, damaged)
        number = len(self._journal.sent)
        self._journal.sent.append(
            Sent(number, self._index, shot.is_video, units, damaged_units, what_strikes)
        )

    # -- ends --------------------------------------------------------------------------------

    def _end(self) -> None:
        match self._link.ending:
            case Ending.HANG_UP:
                self._send_half()
            case Ending.RESET:
                self._send_half()
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                self._sock.close()
            case Ending.SILENCE:
                self._wait_for_end(lambda: None)
            case Ending.DRIP:
                self._send_half()
                self._wait_for_end(lambda: self._sock.sendall(b"\0"), DRIP_S)
            case Ending.PICTURES_STOP:
                self._wait_for_end(self._send_sound, SOUND_MS / 1000)
            case Ending.PICTURES_ARE_JUNK:
                self._wait_for_end(self._send_junk, 1 / FPS)

    def _send_half(self) -> None:
        """A frame that breaks off anywhere."""
        shot = self._take_shot()
        wire = self._encode(shot, self._picture_ms)
        self._note(shot, shot.payload, "cut off")
        self._sock.sendall(wire[: self._chance.randrange(len(wire))])

    def _send_sound(self) -> None:
        if self._sound:
            self._send(next(self._sound), self._sounds * SOUND_MS)
            self._sounds += 1

    def _send_junk(self) -> None:
        """What has a picture's headers and nothing of a picture."""
        self._send_sound()
        shot = Shot(self._take_shot().frame_type, self._chance.randbytes(JUNK_BYTES))
        self._send(shot, self._picture_ms, "junk")
        self._pictures += 1

    def _wait_for_end(self, meanwhile: Callable[[], None], pause_s: float = 0.1) -> None:
        """Let the recorder find out, and hang up when it has not for too long."""
        start = time.monotonic()
        while (waited_s := time.monotonic() - start) < PATIENCE_S:
            if _has_hung_up(self._sock, pause_s):
                self._journal.outages_s.append(waited_s)
                return
            meanwhile()
        self._journal.unheeded.append(f"{self._link.ending} for {PATIENCE_S:g} s")


def _has_hung_up(sock: socket.socket, wait_s: float) -> bool:
    readable, _, _ = select.select([sock], [], [], wait_s)
    try:
        return bool(readable) and not sock.recv(1 << 12)
    except ConnectionError:
        return True


def _receive(sock: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        piece = sock.recv(size - len(data))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)
