"""One link's media for others who want them: each begins with the kept group of pictures.

A reader that stalls loses frames up to the next keyframe; the link and the other readers do not
notice.
"""

import threading
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple, Self

from v380cli.camera.pipeline import CODEC_HINTS
from v380cli.camera.transport import SILENCE_TIMEOUT_S, Clock, LiveLink, never
from v380cli.media.nal import (
    find_nal_units,
    guess_codec,
    is_parameter_set,
    is_picture,
    is_random_access,
    nal_type,
)
from v380cli.media.sink import Codec
from v380cli.models import Quality
from v380cli.wire.session import MediaReceived, StreamOpened
from v380cli.wire.shared_media import encode_media
from v380cli.wire.stream_counters import StreamCounters

# Ten seconds of 4K; what is longer has no keyframe worth to begin with.
MAX_GROUP_BYTES = 24 << 20
MAX_WAITING_BYTES = 8 << 20
MAX_READERS = 16
MAX_LOOKED_AT = 16  # NAL units before the picture of a frame
MAX_PRELUDE = 16  # frames of parameter sets and of sound before the picture of a group


class Frame(NamedTuple):
    """A frame as it is handed on; decoding may begin at a start, which may have no picture yet."""

    media: MediaReceived
    is_start: bool
    has_picture: bool

    @property
    def size_bytes(self) -> int:
        return len(self.media.payload)


class Reader:
    """One who reads along; `take` blocks its thread until there is something, or the end."""

    def __init__(
        self, condition: threading.Condition, group: Iterator[Frame], *, is_prompt: bool
    ) -> None:
        self.is_prompt = is_prompt
        self.dropped_frames = 0
        self._condition = condition
        self._waiting = deque(group)
        self._bytes = sum(frame.size_bytes for frame in self._waiting)
        self._awaits_start = not self._waiting
        self._is_over = False

    def put(self, frame: Frame) -> None:
        """Hand it a frame; the hub does, with its lock held."""
        if frame.is_start:
            self._awaits_start = False
        if self._awaits_start:
            self.dropped_frames += 1
            return
        self._waiting.append(frame)
        self._bytes += frame.size_bytes
        if self._bytes > MAX_WAITING_BYTES:
            self.dropped_frames += len(self._waiting)
            self._waiting.clear()
            self._bytes, self._awaits_start = 0, True

    def end(self) -> None:
        """Nothing more comes; the hub says so, with its lock held."""
        self._is_over = True

    def take(self) -> bytes:
        """What has come, at least a frame; empty at the end."""
        with self._condition:
            self._condition.wait_for(lambda: self._waiting or self._is_over)
            if self._is_over:
                return b""
            frames, self._waiting = self._waiting, deque()
            self._bytes = 0
        return b"".join(encode_media(frame.media) for frame in frames)


class MediaHub:
    """Hands one camera's media to readers while a link of its own brings them.

    The link is prompt as long as its owner or one of the readers wants that.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._link: LiveLink | None = None
        self._offer: tuple[Quality, bool] | None = None
        self._is_owner_prompt = False
        self._group: list[Frame] = []
        self._group_bytes = 0
        self._readers: list[Reader] = []

    def tap(self, link: LiveLink, quality: Quality, *, audio: bool, prompt: bool) -> "TappedLink":
        """The same link, whose media go to the readers, too."""
        with self._condition:
            self._link, self._offer, self._is_owner_prompt = link, (quality, audio), prompt
            self._group, self._group_bytes = [], 0
        return TappedLink(link, self)

    def watch(
        self, quality: Quality, *, audio: bool, prompt: bool
    ) -> tuple[Reader, LiveLink] | None:
        """A reader of this stream, and the link that it reads; None where that is not what comes.

        Sound that is not wanted comes all the same.
        """
        with self._condition:
            if self._link is None or self._offer is None or len(self._readers) >= MAX_READERS:
                return None
            offered, has_audio = self._offer
            if offered is not quality or (audio and not has_audio):
                return None
            reader = Reader(self._condition, iter(self._group), is_prompt=prompt)
            self._readers.append(reader)
            self._set_pace()
            return reader, self._link

    def put(self, media: MediaReceived) -> None:
        """Hand on one frame."""
        frame = _make_frame(media)
        with self._condition:
            self._keep(frame)
            for reader in self._readers:
                reader.put(frame)
            self._condition.notify_all()

    def dismiss(self, reader: Reader) -> None:
        """Let a reader go, if it is still here."""
        with self._condition:
            reader.end()
            if reader in self._readers:
                self._readers.remove(reader)
                self._set_pace()
            self._condition.notify_all()

    def lose_link(self) -> None:
        """The link is over: who reads along finds a way of its own."""
        with self._condition:
            self._link, self._offer = None, None
            self._group, self._group_bytes = [], 0
            for reader in self._readers:
                reader.end()
            self._readers.clear()
            self._condition.notify_all()

    def _set_pace(self) -> None:
        if self._link:
            is_prompt = self._is_owner_prompt or any(reader.is_prompt for reader in self._readers)
            self._link.set_prompt(is_prompt)

    def _keep(self, frame: Frame) -> None:
        if frame.is_start and any(kept.has_picture for kept in self._group[:MAX_PRELUDE]):
            self._group, self._group_bytes = [], 0
        if not (frame.is_start or self._group):
            return
        self._group.append(frame)
        self._group_bytes += frame.size_bytes
        if self._group_bytes > MAX_GROUP_BYTES:
            self._group, self._group_bytes = [], 0


class TappedLink:
    """A link whose media go to a hub, too."""

    def __init__(self, link: LiveLink, hub: MediaHub) -> None:
        self._link = link
        self._hub = hub

    @property
    def via(self) -> str:
        return self._link.via

    @property
    def address(self) -> str:
        return self._link.address

    @property
    def opened(self) -> StreamOpened:
        return self._link.opened

    @property
    def counters(self) -> StreamCounters:
        return self._link.counters

    @property
    def arrival_s(self) -> float:
        return self._link.arrival_s

    @property
    def encryption(self) -> str:
        return self._link.encryption

    def read_media(
        self, *, deadline_s: Clock = never, silence_s: float = SILENCE_TIMEOUT_S
    ) -> Iterator[MediaReceived]:
        """Yield what the link brings, after it was handed on."""
        for media in self._link.read_media(deadline_s=deadline_s, silence_s=silence_s):
            self._hub.put(media)
            yield media

    def set_prompt(self, wanted: bool) -> None:
        self._link.set_prompt(wanted)

    def send_control(self, packet: bytes) -> None:
        self._link.send_control(packet)

    def close(self) -> None:
        self._hub.lose_link()
        self._link.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _make_frame(media: MediaReceived) -> Frame:
    """What a frame is, its first NAL units say, not its frame type."""
    if media.kind != "video":
        return Frame(media, is_start=False, has_picture=False)
    hint = CODEC_HINTS.get(media.frame_type)
    if hint is Codec.MJPEG:
        return Frame(media, is_start=True, has_picture=True)
    has_sets = False
    for start in islice(find_nal_units(media.payload), MAX_LOOKED_AT):
        codec = guess_codec(*media.payload[start : start + 2].ljust(2, b"\0")) or hint
        if codec is None:
            continue
        kind = nal_type(codec, media.payload[start])
        if is_picture(codec, kind):
            is_start = has_sets or is_random_access(codec, kind)
            return Frame(media, is_start=is_start, has_picture=True)
        has_sets = has_sets or is_parameter_set(codec, kind)
    return Frame(media, is_start=has_sets, has_picture=False)
