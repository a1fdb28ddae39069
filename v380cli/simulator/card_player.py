"""Playing one recording of a simulated card: its frames as records, and when they may leave."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from v380cli.simulator.card import CardSpec, PlayedFrame
from v380cli.simulator.faults import FAULTS, FaultLedger, Stage
from v380cli.simulator.stream import Burst, Effect, Encrypt
from v380cli.wire.card.records import (
    encode_control,
    encode_file_fragments,
    encode_packets,
    encode_segment_end,
)
from v380cli.wire.card.stream import FILE_FRAME, MESSAGE_BYTES, NUMBERS, SEGMENT_FRAME
from v380cli.wire.card.words import PlaybackMagic
from v380cli.wire.commands import VIDEO_TYPES, Command

ALIVE_S = 0.5  # a camera that waits for an acknowledgement asks for it so often
ACK_MODE = 2
EFFECTS = {
    "play-hang-up": Effect.HANG_UP,
    "play-reset": Effect.RESET,
    "play-silence": Effect.SILENCE,
}
LASTING = frozenset({"play-alive", "play-message"})
OVERSIZE = 1 << 30

MESSAGE = Command.STREAM_NOTICE.to_bytes(4, "little").ljust(MESSAGE_BYTES, b"\0")


@dataclass(frozen=True, slots=True)
class _Record:
    """What leaves at once: when, in seconds since the start, and what it takes of a batch."""

    due_s: float
    burst: Burst
    cost: int = 0


class CardPlayer:
    """What a viewer gets after 364 or 158; `due` says when to `pull`, on the clock of `now`."""

    def __init__(
        self,
        frames: Iterator[PlayedFrame],
        spec: CardSpec,
        *,
        is_segment: bool,
        note: int,
        to_milliseconds: Callable[[PlayedFrame], int],
        encrypt_video: Encrypt,
        encrypt_audio: Encrypt,
        ledger: FaultLedger,
        now: float,
        waits_for_acks: bool = True,
    ) -> None:
        self._frames = frames
        self._spec = spec
        self._is_segment = is_segment
        self._note = note
        self._to_milliseconds = to_milliseconds
        self._encrypt_video, self._encrypt_audio = encrypt_video, encrypt_audio
        self._ledger = ledger
        self._faults = [
            fault for fault in ledger.list_open(Stage.PLAYBACK) if FAULTS[fault.name].takes_moment
        ]
        self._lasting: set[str] = set()  # faults that strike from now on
        self._waits_for_acks = waits_for_acks
        self._credit = spec.batch
        self._number = 0  # of the next packet
        self._frame_number = 0
        self._first_s: float | None = None
        self._began = now
        self._alive_due = math.inf
        self._is_over = False
        self._records = self._list_records()
        self._next: _Record | None = next(self._records, None)

    @property
    def due(self) -> float:
        """When the next record may leave."""
        if self._next is None:
            return math.inf
        if self._credit <= 0:
            return self._alive_due
        return self._began + self._next.due_s if self._spec.is_real_time else -math.inf

    def acknowledge(self) -> None:
        """Let the next batch go."""
        self._credit = self._spec.batch
        self._alive_due = math.inf

    def pull(self, now: float) -> Burst:
        """The next record, or a word that an acknowledgement is missing."""
        assert self._next
        if self._credit <= 0:
            self._alive_due = now + ALIVE_S
            return Burst(self._ask_for_ack(self._next))
        record, self._next = self._next, next(self._records, None)
        self._credit -= record.cost
        if self._credit <= 0:
            self._alive_due = now + ALIVE_S
        return record.burst

    def _list_records(self) -> Iterator[_Record]:
        yield _Record(0.0, Burst(encode_control(PlaybackMagic.PARAMETERS, note=self._note)))
        is_empty = self._has_fault("play-empty")
        for frame in () if is_empty else self._frames:
            self._first_s = frame.time_s if self._first_s is None else self._first_s
            due_s = frame.time_s - self._first_s
            faults = self._strike(frame, due_s)
            yield from self._list_bursts(frame, faults, due_s)
        if self._is_segment and not self._has_fault("play-no-end"):
            yield _Record(0.0, Burst(encode_segment_end(self._note)))
        elif is_empty:  # a file has no such record: it is over with the last of its frames
            yield _Record(0.0, Burst(encode_control(PlaybackMagic.FINISHED)))

    def _has_fault(self, name: str) -> bool:
        """Whether a fault without a moment strikes."""
        faults = self._ledger.list_open(Stage.PLAYBACK)
        return any(fault.name == name and self._ledger.strike(fault) for fault in faults)

    def _strike(self, frame: PlayedFrame, time_s: float) -> list[str]:
        if frame.frame_type not in VIDEO_TYPES:
            return []
        due = [f for f in self._faults if f.is_due(time_s, self._frame_number)]
        self._frame_number += 1
        self._faults = [fault for fault in self._faults if fault not in due]
        return [fault.name for fault in due if self._ledger.strike(fault)]

    def _list_bursts(
        self, frame: PlayedFrame, faults: list[str], due_s: float
    ) -> Iterator[_Record]:
        self._lasting |= LASTING.intersection(faults)
        if "play-alive" in self._lasting:
            yield _Record(due_s, Burst(self._encode_counting_alive()))
        records = self._encode(frame, is_oversize="play-oversize" in faults)
        if "play-message" in self._lasting:
            yield _Record(due_s, Burst(MESSAGE))
        if "play-lost-packet" in faults:
            records = [*records[: len(records) // 2], *records[len(records) // 2 + 1 :]]
        effect = next((EFFECTS[name] for name in faults if name in EFFECTS), Effect.NONE)
        if effect is not Effect.NONE:
            yield from self._weigh(records[: len(records) // 2], due_s)
            yield _Record(due_s, Burst(b"", effect))
            return
        yield from self._weigh(records, due_s)

    def _weigh(self, records: list[bytes], due_s: float) -> Iterator[_Record]:
        """Segments are acknowledged by packets, files by frames."""
        for index, record in enumerate(records):
            is_counted = self._is_segment or index + 1 == len(records)
            yield _Record(due_s, Burst(record), int(is_counted and self._waits_for_acks))

    def _encode(self, frame: PlayedFrame, *, is_oversize: bool) -> list[bytes]:
        is_video = frame.frame_type in VIDEO_TYPES
        encrypt = self._encrypt_video if is_video else self._encrypt_audio
        payload = encrypt(frame.payload)
        if self._is_segment:
            return self._encode_segment(frame, payload, OVERSIZE if is_oversize else len(payload))
        return self._encode_file(frame, payload)

    def _encode_segment(self, frame: PlayedFrame, payload: bytes, size: int) -> list[bytes]:
        header = SEGMENT_FRAME.pack(
            frame.frame_id, frame.frame_type, self._spec.fps, self._to_milliseconds(frame), size
        )
        packets = encode_packets(
            header + payload,
            self._spec.packet_bytes,
            note=self._note,
            last_number=self._number - 1,
        )
        self._number = (self._number + len(packets)) % NUMBERS
        return packets

    def _encode_file(self, frame: PlayedFrame, payload: bytes) -> list[bytes]:
        mode = ACK_MODE if self._waits_for_acks else 1
        header = FILE_FRAME.pack(frame.frame_id, frame.frame_type, mode, int(frame.time_s))
        return encode_file_fragments(header + payload, frame.frame_type)

    def _encode_counting_alive(self) -> bytes:
        number = self._number
        if self._is_segment:
            self._number = (number + 1) % NUMBERS
        return encode_control(PlaybackMagic.ALIVE, note=self._note, number=number)

    def _ask_for_ack(self, following: _Record) -> bytes:
        """An alive record; in a segment it has the number of the packet that waits (I)."""
        number = int.from_bytes(following.burst.data[2:4], "little") if self._is_segment else 0
        return encode_control(PlaybackMagic.ALIVE, note=self._note, number=number)
