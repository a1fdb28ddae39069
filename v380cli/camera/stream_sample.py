"""A look at one live stream: what it is, beside what the camera says that it is."""

import time
from dataclasses import dataclass, field

from v380cli.camera.access import Access
from v380cli.camera.pipeline import CODEC_HINTS
from v380cli.camera.sound_track import AUDIO_CODINGS
from v380cli.errors import NetworkTimeout
from v380cli.media.access_unit import classify_access_unit
from v380cli.media.audio import AudioCoding
from v380cli.media.gate import KeyframeGate
from v380cli.media.sink import Codec
from v380cli.models import Quality
from v380cli.wire.commands import FrameType
from v380cli.wire.session import MediaReceived

KEYFRAME_WAIT_S = 12.0  # cameras offer intervals of up to 10 s
AUDIO_WAIT_S = 1.0  # sound comes every 63 ms where there is any


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSample:
    """What a stream turned out to be; sizes in pixels, 0 for what the camera did not say.

    `keyframe` is Annex B with its parameter sets: the true size is in it.
    """

    claimed_width: int
    claimed_height: int
    codec: Codec
    keyframe: bytes = field(repr=False)
    fps: int
    audio: AudioCoding | None
    encryption: str


def take_sample(access: Access, quality: Quality) -> StreamSample:
    """Open a stream and look at it up to its first keyframe and sound, 13 seconds at most.

    Raises NetworkError (NetworkTimeout when no keyframe came), a Refused or RemoteProtocolError.
    """
    look = _Look(time.monotonic() + KEYFRAME_WAIT_S)
    with access.open_live(quality=quality, prompt=True) as stream:
        for media in stream.read_media(deadline_s=lambda: look.deadline_s):
            look.take(media)
            if look.is_complete:
                break
        if look.codec is None:
            raise NetworkTimeout(f"no whole picture came within {KEYFRAME_WAIT_S:g} s")
        return StreamSample(
            claimed_width=stream.opened.width,
            claimed_height=stream.opened.height,
            codec=look.codec,
            keyframe=look.keyframe,
            fps=look.fps,
            audio=look.audio,
            encryption=stream.encryption,
        )


class _Look:
    """Takes media until it has a keyframe and knows the sound, if there is any."""

    def __init__(self, deadline_s: float) -> None:
        self.deadline_s = deadline_s
        self.codec: Codec | None = None
        self.keyframe = b""
        self.fps = 0
        self.audio: AudioCoding | None = None
        self._gate = KeyframeGate()

    @property
    def is_complete(self) -> bool:
        return self.codec is not None and self.audio is not None

    def take(self, media: MediaReceived) -> None:
        """Look at one media frame."""
        if media.kind == "audio":
            self.audio = self.audio or AUDIO_CODINGS[FrameType(media.frame_type)]
        elif media.kind == "video" and self.codec is None:
            self._take_video(media)

    def _take_video(self, media: MediaReceived) -> None:
        unit = classify_access_unit(media.payload, CODEC_HINTS.get(media.frame_type))
        picture = self._gate.admit(unit) if unit else None
        if unit and picture:
            self.codec, self.keyframe, self.fps = unit.codec, picture.data, media.fps
            self.deadline_s = time.monotonic() + AUDIO_WAIT_S
