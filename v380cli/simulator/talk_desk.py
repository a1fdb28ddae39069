"""What a simulated camera hears of those who talk to it (PROTOCOL.md, section 4). No sockets."""

import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from v380cli.errors import RemoteProtocolError
from v380cli.media.ima import ImaDecoder
from v380cli.simulator.camera import CameraSpec
from v380cli.simulator.faults import FaultLedger, Stage
from v380cli.simulator.keeper import Keeper
from v380cli.simulator.settings.desk import Generation
from v380cli.simulator.wave_file import WaveFile
from v380cli.wire.commands import FrameType, Result, TalkCommand
from v380cli.wire.crypto import MediaCipher, media_key
from v380cli.wire.talk import (
    CAMERA_PATIENCE_S,
    FRAGMENT_MAX_BYTES,
    PACKET_BYTES,
    LegacyTalkStart,
    TalkAudio,
    TalkStart,
    TalkStartReply,
)

START_FAULTS = {"talk-refused": Result.FAILED, "talk-expired": Result.TICKET_EXPIRED}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TalkRoute:
    """How many bytes a request has, and what answers it at which time."""

    size: int
    answer: Callable[[bytes, float], bytes]


@dataclass(slots=True)
class HeardTalk:
    """What came on one connection, and when, on the monotonic clock."""

    block_times_s: list[float] = field(default_factory=list)
    keep_alive_times_s: list[float] = field(default_factory=list)
    sequences: list[int] = field(default_factory=list)
    pcm: bytearray = field(default_factory=bytearray)


class TalkKeeper(Keeper, Protocol):
    """The part of a camera that those who talk to it deal with."""

    spec: CameraSpec

    def note_talk(self) -> HeardTalk | None:
        """Where to note what somebody says, if that is wanted."""


class TalkDesk:
    """One connection: it answers 377 and 177, then `hear`s.

    `is_listening` from a yes on; `is_leaving` asks the connection to end, at `due` at the latest.
    """

    def __init__(self, keeper: TalkKeeper, ledger: FaultLedger) -> None:
        self.is_listening = False
        self.is_leaving = False
        self.due = 0.0
        self._keeper, self._ledger = keeper, ledger
        self._received = bytearray()
        self._fragments: list[bytes] = []  # of the block that is not whole yet
        self._decipher: Callable[[bytes], bytes] = bytes
        self._decoder = ImaDecoder()
        self._talk: HeardTalk | None = None
        self._file: WaveFile | None = None
        self._began_s = 0.0

    def list_routes(self) -> dict[int, TalkRoute]:
        """By number; cameras that know the newer form know the older one, too."""
        routes: dict[int, TalkRoute] = {
            TalkCommand.LEGACY_START: TalkRoute(LegacyTalkStart.SIZE, self._start_legacy),
            TalkCommand.START: TalkRoute(TalkStart.SIZE, self._start),
        }
        if self._keeper.spec.settings is not Generation.EX:
            del routes[TalkCommand.START]
        return routes

    def _start(self, request: bytes, now: float) -> bytes:
        """Answer 377 with 477."""
        start = TalkStart.decode(request)
        verdict = self._keeper.check_ticket(start.device_id, start.ticket)
        if verdict is Result.OK and self._keeper.spec.encrypts:
            self._decipher = MediaCipher(media_key(start.ticket)).decrypt_audio
        return self._answer(TalkCommand.START_REPLY, verdict, Result.OK, now)

    def _start_legacy(self, request: bytes, now: float) -> bytes:
        """Answer 177 with 277."""
        start = LegacyTalkStart.decode(request)
        verdict = self._keeper.check_user(start.device_id, start.username, start.password)
        return self._answer(TalkCommand.LEGACY_START_REPLY, verdict, Result.OK_PLAYBACK, now)

    def hear(self, data: bytes, now: float) -> None:
        """Take in packets, however they are cut."""
        self._received += data
        while not self.is_leaving and (packet := self._take_packet()):
            self.due = now + CAMERA_PATIENCE_S
            self._obey(packet, now)

    def close(self) -> None:
        """Nobody talks any more."""
        file, self._file = self._file, None
        with contextlib.suppress(OSError):  # what a full disk did not take is not there
            if file:
                file.close()

    def _answer(self, reply: TalkCommand, verdict: Result, yes: Result, now: float) -> bytes:
        verdict = START_FAULTS.get(self._ledger.take(Stage.TALK_START), verdict)
        if verdict is not Result.OK:
            self.is_leaving = True
            return TalkStartReply(command=reply, result=Result.FAILED, reason=verdict).encode()
        self.is_listening = True
        self._began_s, self.due = now, now + CAMERA_PATIENCE_S
        self._talk = self._keeper.note_talk()
        self._open_file()
        return TalkStartReply(command=reply, result=yes).encode()

    def _open_file(self) -> None:
        folder, device_id = self._keeper.spec.talk_folder, self._keeper.spec.device_id
        try:
            self._file = WaveFile(folder, device_id) if folder else None
        except OSError as error:
            self._tell_unsaved(error)

    def _write(self, file: WaveFile, pcm: bytes) -> None:
        try:
            file.write(pcm)
        except OSError as error:
            self._tell_unsaved(error)
            self.close()

    def _tell_unsaved(self, error: OSError) -> None:
        device_id = self._keeper.spec.device_id
        log.warning("%d: what is said to it is not saved: %s", device_id, error.strerror)

    def _take_packet(self) -> bytes:
        """The next whole packet, empty when there is none; what makes no sense ends the talk."""
        if len(self._received) < PACKET_BYTES:
            return b""
        size = PACKET_BYTES
        header = TalkAudio.decode(self._received)
        if header.command == TalkCommand.AUDIO:
            size += header.length
        is_known = header.command in (TalkCommand.AUDIO, TalkCommand.KEEP_ALIVE)
        if not is_known or size > PACKET_BYTES + FRAGMENT_MAX_BYTES:
            self.is_leaving = True
            return b""
        if len(self._received) < size:
            return b""
        packet = bytes(self._received[:size])
        del self._received[:size]
        return packet

    def _obey(self, packet: bytes, now: float) -> None:
        header = TalkAudio.decode(packet)
        if header.command == TalkCommand.KEEP_ALIVE:
            if self._talk:
                self._talk.keep_alive_times_s.append(now)
            return
        if header.codec != FrameType.IMA_ADPCM:
            return
        del self._fragments[header.index :]
        if header.index != len(self._fragments):
            return
        self._fragments.append(self._decipher(packet[PACKET_BYTES:]))
        if header.index + 1 >= header.fragments:
            self._play(header.sequence, b"".join(self._fragments), now)
            self._fragments.clear()

    def _play(self, sequence: int, block: bytes, now: float) -> None:
        try:
            pcm = self._decoder.decode(block)
        except RemoteProtocolError:  # a real one would make noise of it
            return
        if self._file:
            self._write(self._file, pcm)
        if self._talk:
            self._talk.block_times_s.append(now)
            self._talk.sequences.append(sequence)
            self._talk.pcm += pcm
        for fault in self._ledger.list_open(Stage.TALK):
            if fault.name == "talk-hang-up" and fault.is_due(now - self._began_s, 0):
                self.is_leaving = self._ledger.strike(fault)
