"""What one viewer of a simulated camera gets: media in order, as bytes for the socket.

Knows no socket and no clock: `due_s` says when the next frame is due, `pull` makes its bytes.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from random import Random

from v380cli.media.sink import Codec
from v380cli.simulator.damage import (
    DAMAGES,
    LASTING,
    SPOILING,
    damage_parameters,
    split_fragments,
)
from v380cli.simulator.faults import Fault, FaultLedger, Stage
from v380cli.simulator.footage import AccessUnit, Footage
from v380cli.simulator.tone import Tone
from v380cli.wire.commands import FrameType
from v380cli.wire.fragment_record import encode_fragments
from v380cli.wire.live import FrameHeader

Encrypt = Callable[[bytes], bytes]

VIDEO_TYPES = {
    Codec.H264: (FrameType.H264_DELTA, FrameType.H264_KEY),
    Codec.HEVC: (FrameType.HEVC_DELTA, FrameType.HEVC_KEY),
    Codec.MJPEG: (FrameType.JPEG, FrameType.JPEG),
}
LENS_TYPES = {
    **VIDEO_TYPES,
    Codec.H264: (FrameType.H264_DELTA_TIMED, FrameType.H264_KEY_TIMED),
    Codec.HEVC: (FrameType.HEVC_DELTA_TIMED, FrameType.HEVC_KEY_TIMED),
}


class Effect(Enum):
    """What becomes of the connection after a burst."""

    NONE = auto()
    SILENCE = auto()
    DRIP = auto()
    HANG_UP = auto()
    RESET = auto()


EFFECTS = {
    "silence": Effect.SILENCE,
    "slow-drip": Effect.DRIP,
    "hang-up": Effect.HANG_UP,
    "reset": Effect.RESET,
}


@dataclass(frozen=True, slots=True)
class Burst:
    """Bytes to send now, and what happens then; `value` is the fault's."""

    data: bytes = b""
    effect: Effect = Effect.NONE
    value: int = 0


@dataclass(frozen=True, slots=True)
class SentFrame:
    """A media frame as the camera meant it: payload in clear, without its 16-byte header."""

    frame_id: int
    frame_type: FrameType
    payload: bytes
    timestamp_ms: int


@dataclass(frozen=True, slots=True)
class Media:
    """What a camera shows; the other footages are there for the faults that change to them."""

    footage: Footage
    tone: Tone | None = None
    other_codec: Footage | None = None
    other_size: Footage | None = None


def keep_clear(data: bytes) -> bytes:
    """The encryption of a camera that has none."""
    return data


class MediaStream:
    """The media of one viewer, from the last keyframe before second `join_s` of the loop on.

    `sent`, where given, collects the frames that left whole.
    """

    def __init__(
        self,
        media: Media,
        *,
        start_ms: int,
        max_payload: int,
        join_s: float = 0.0,
        encrypt_video: Encrypt = keep_clear,
        encrypt_audio: Encrypt = keep_clear,
        ledger: FaultLedger,
        sent: list[SentFrame] | None = None,
    ) -> None:
        self._media = media
        self._video = _VideoLoop(media.footage, join_s)
        self._audio = _AudioLoop(media.tone)
        self._start_ms, self._stall_s = start_ms, math.inf
        self._max_payload = max_payload
        self._encrypt_video, self._encrypt_audio = encrypt_video, encrypt_audio
        self._ledger = ledger
        self._faults = ledger.list_open(Stage.MEDIA)
        self._sent = sent
        self._frame_id = 0
        self._waits_for_keyframe = False
        self._second_lens: _VideoLoop | None = None
        self._second_types = LENS_TYPES
        self._ailments: set[str] = set()  # faults that make something else of pictures

    @property
    def due_s(self) -> float:
        """When the next frame is due, in seconds since the first."""
        return min(self._video.due_s, self._audio.due_s)

    def pull(self, *, is_congested: bool = False) -> Burst | None:
        """The next frame; None for a congested viewer, and then for all video up to a keyframe."""
        if self._audio.due_s < self._video.due_s:
            return self._pull_audio(is_congested)
        return self._pull_video(is_congested)

    def _pull_audio(self, is_congested: bool) -> Burst | None:
        time_s = self._audio.due_s
        frame_type, block = self._audio.pull()
        if is_congested:
            return None
        frame = self._number(frame_type, block, time_s)
        self._record(frame)
        return Burst(self._encode(frame, self._encrypt_audio))

    def _pull_video(self, is_congested: bool) -> Burst | None:
        time_s, number = self._video.due_s, self._video.count
        codec, unit = self._video.pull()
        self._waits_for_keyframe |= is_congested
        if self._waits_for_keyframe and (is_congested or not unit.is_keyframe):
            return None
        self._waits_for_keyframe = False
        faults = self._strike(time_s, number)
        for fault in faults:
            self._change(fault, time_s)
        if "no-video" in self._ailments:
            is_over = self._audio.due_s == math.inf
            return Burst(effect=Effect.SILENCE if is_over else Effect.NONE)
        frame = self._number(VIDEO_TYPES[codec][unit.is_keyframe], self._show(unit), time_s)
        burst = self._spoil(frame, faults)
        if self._second_lens is None or burst.effect is not Effect.NONE:
            return burst
        return Burst(burst.data + self._pull_second_lens(self._second_lens, time_s))

    def _pull_second_lens(self, lens: "_VideoLoop", time_s: float) -> bytes:
        codec, unit = lens.pull()
        frame = self._number(self._second_types[codec][unit.is_keyframe], unit.data, time_s)
        self._record(frame)
        return self._encode(frame, self._encrypt_video)

    def _show(self, unit: AccessUnit) -> bytes:
        """What is in a frame instead of its picture, or the picture."""
        if "junk-video" in self._ailments:
            return Random(self._frame_id).randbytes(len(unit.data))  # noqa: S311
        if "damaged-parameters" in self._ailments and unit.is_keyframe:
            self._ailments.remove("damaged-parameters")
            return damage_parameters(unit.data)
        return unit.data

    def _strike(self, time_s: float, number: int) -> list[Fault]:
        """The faults whose moment has come; only lasting ones come again on this connection."""
        due = [fault for fault in self._faults if fault.is_due(time_s, number)]
        self._faults = [f for f in self._faults if f not in due or f.name in LASTING]
        return [fault for fault in due if self._ledger.strike(fault)]

    def _change(self, fault: Fault, time_s: float) -> None:
        match fault.name:
            case "clock-jump":
                self._start_ms += fault.value
            case "clock-stall":
                self._stall_s = time_s
            case "no-video" | "junk-video" | "damaged-parameters":
                self._ailments.add(fault.name)
            case "no-audio":
                self._audio.stop()
            case "codec-change" if self._media.other_codec:
                self._video.change_to(self._media.other_codec)
            case "size-change" if self._media.other_size:
                self._video.change_to(self._media.other_size)
            case "second-lens" if self._media.other_size:
                self._second_lens = _VideoLoop(self._media.other_size, 0)
            case "second-lens-alike" if self._media.other_size:
                self._second_lens = _VideoLoop(self._media.other_size, 0)
                self._second_types = VIDEO_TYPES

    def _number(self, frame_type: FrameType, payload: bytes, time_s: float) -> SentFrame:
        timestamp_ms = self._start_ms + int(min(time_s, self._stall_s) * 1000)
        frame = SentFrame(self._frame_id, frame_type, payload, max(0, timestamp_ms))
        self._frame_id += 1
        return frame

    def _record(self, frame: SentFrame) -> None:
        if self._sent is not None:
            self._sent.append(frame)

    def _encode(self, frame: SentFrame, encrypt: Encrypt) -> bytes:
        header = FrameHeader(
            frame_id=frame.frame_id,
            frame_type=frame.frame_type,
            fps=round(self._media.footage.fps),
            timestamp_ms=frame.timestamp_ms,
        )
        data = header.encode() + encrypt(frame.payload)
        return encode_fragments(data, frame.frame_type, self._max_payload, counter=frame.frame_id)

    def _spoil(self, frame: SentFrame, faults: list[Fault]) -> Burst:
        """The frame's bytes after what the faults do to them."""
        wire = self._encode(frame, self._encrypt_video)
        for fault in faults:
            damage = DAMAGES.get(fault.name)
            if damage and wire:  # of a frame that is left out nothing can be damaged
                chance = Random(frame.frame_id)  # noqa: S311  the same bytes in each run
                wire = damage(split_fragments(wire), fault.value, chance)
        effect = next((fault for fault in faults if fault.name in EFFECTS), None)
        if effect:
            return self._end(frame, wire, effect)
        if not any(fault.name in SPOILING for fault in faults):
            self._record(frame)
        return Burst(wire)

    def _end(self, frame: SentFrame, wire: bytes, fault: Fault) -> Burst:
        effect = EFFECTS[fault.name]
        if effect is Effect.DRIP:
            self._record(frame)
            return Burst(wire, effect, fault.value)
        return Burst(wire[: len(wire) // 2] if effect is Effect.HANG_UP else b"", effect)


class _VideoLoop:
    """Where in its footage a stream is."""

    def __init__(self, footage: Footage, join_s: float) -> None:
        self._footage = self._next_footage = footage
        self._index = int(join_s * footage.fps) % len(footage.access_units)
        while not footage.access_units[self._index].is_keyframe:
            self._index -= 1  # the first is one
        self.count = 0

    @property
    def due_s(self) -> float:
        return self.count / self._footage.fps

    def change_to(self, footage: Footage) -> None:
        """Go on with other footage of the same frame rate at the next keyframe."""
        self._next_footage = footage

    def pull(self) -> tuple[Codec, AccessUnit]:
        units = self._footage.access_units
        if self._footage is not self._next_footage and units[self._index].is_keyframe:
            self._footage, self._index = self._next_footage, 0
            units = self._footage.access_units
        unit = units[self._index]
        self._index = (self._index + 1) % len(units)
        self.count += 1
        return self._footage.codec, unit


class _AudioLoop:
    """Where in its tone a stream is."""

    def __init__(self, tone: Tone | None) -> None:
        self._tone = tone
        self._count = 0

    @property
    def due_s(self) -> float:
        return self._count * self._tone.block_s if self._tone else math.inf

    def stop(self) -> None:
        self._tone = None

    def pull(self) -> tuple[FrameType, bytes]:
        assert self._tone, "without a tone nothing is ever due"
        block = self._tone.blocks[self._count % len(self._tone.blocks)]
        self._count += 1
        return self._tone.frame_type, block
