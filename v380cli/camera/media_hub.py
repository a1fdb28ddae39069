"""One link's media for others who want them: each begins with the kept group of pictures.

A reader that stalls loses frames up to the next keyframe; the link and the other readers do not
notice.
"""

import threading
from collections import deque
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from v380cli.camera.pipeline import CODEC_HINTS
from v380cli.camera.transport import LiveLink
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
from v380cli.wire.session import MediaReceived
from v380cli.wire.shared_media import encode_media

# Ten seconds of 4K; what is longer has no keyframe worth to begin with.
MAX_GROUP_BYTES = 24 << 20
MAX_WAITING_BYTES = 8 << 20
MAX_READERS = 16
MAX_LOOKED_AT = 16  # NAL units before the picture of a frame
HEAD_BYTES = 6  # a long start code and what tells the codec of a NAL unit
REMEMBERED_HEADS = 256
MAX_PRELUDE = 16  # frames of parameter sets and of sound before the picture of a group


class Look(NamedTuple):
    """What a frame is to who joins: decoding may begin at a start, with or without a picture."""

    is_start: bool
    has_picture: bool


_NO_PICTURE = Look(is_start=False, has_picture=False)
_WHOLE_PICTURE = Look(is_start=True, has_picture=True)


class Reader:
    """One who reads along; `take` blocks its thread until there is something, or the end."""

    def __init__(
        self, condition: threading.Condition, group: Iterable[MediaReceived], *, is_prompt: bool
    ) -> None:
        self.is_prompt = is_prompt
        self.dropped_frames = 0
        self._condition = condition
        self._waiting = deque(group)
        self._bytes = 0  # beside the group, which is kept anyway
        self._awaits_start = not self._waiting
        self._is_over = False

    def put(self, media: MediaReceived, *, is_start: bool) -> None:
        """Hand it a frame; the hub does, with its lock held."""
        if is_start:
            self._awaits_start = False
        if self._awaits_start:
            self.dropped_frames += 1
            return
        self._waiting.append(media)
        self._bytes += len(media.payload)
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
            burst, self._waiting = self._waiting, deque()
            self._bytes = 0
        return b"".join(map(encode_media, burst))


class MediaHub:
    """Hands one camera's media to readers while a link of its own brings them.

    The link is prompt as long as its owner, unless it is idle, or one of the readers wants that.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._link: LiveLink | None = None
        self._offer: tuple[Quality, bool] | None = None
        self._is_owner_prompt = self._is_owner_idle = False
        self._group: list[MediaReceived] = []
        self._group_bytes = 0
        self._has_picture = False  # at the beginning of the group
        self._readers: list[Reader] = []

    def tap(self, link: LiveLink, quality: Quality, *, audio: bool, prompt: bool) -> None:
        """Have the media of a link go to the readers, too."""
        with self._condition:
            self._link, self._offer, self._is_owner_prompt = link, (quality, audio), prompt
            self._forget_group()
            if self._is_owner_idle:
                self._set_pace()
        link.tell(self)

    def set_idle(self, is_idle: bool) -> None:
        """Say whether the owner has nobody now who looks on, over this link and later ones."""
        with self._condition:
            if is_idle != self._is_owner_idle:
                self._is_owner_idle = is_idle
                self._set_pace()

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
            reader = Reader(self._condition, self._group, is_prompt=prompt)
            self._readers.append(reader)
            self._set_pace()
            return reader, self._link

    def put(self, burst: Sequence[MediaReceived]) -> None:
        """Hand on what came together."""
        with self._condition:
            for media in burst:
                look = _look_at(media)
                self._keep(media, look)
                for reader in self._readers:
                    reader.put(media, is_start=look.is_start)
            if self._readers:
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
            self._forget_group()
            for reader in self._readers:
                reader.end()
            self._readers.clear()
            self._condition.notify_all()

    def _set_pace(self) -> None:
        if self._link:
            is_owner_prompt = self._is_owner_prompt and not self._is_owner_idle
            is_prompt = is_owner_prompt or any(reader.is_prompt for reader in self._readers)
            self._link.set_prompt(is_prompt)

    def _keep(self, media: MediaReceived, look: Look) -> None:
        if look.is_start and self._has_picture:
            self._forget_group()
        if not (look.is_start or self._group):
            return
        if look.has_picture and len(self._group) < MAX_PRELUDE:
            self._has_picture = True
        self._group.append(media)
        self._group_bytes += len(media.payload)
        if self._group_bytes > MAX_GROUP_BYTES:
            self._forget_group()

    def _forget_group(self) -> None:
        self._group, self._group_bytes, self._has_picture = [], 0, False


def _look_at(media: MediaReceived) -> Look:
    """What a frame is, its first NAL units say, not its frame type."""
    if media.kind != "video":
        return _NO_PICTURE
    hint = CODEC_HINTS.get(media.frame_type)
    if hint is Codec.MJPEG:
        return _WHOLE_PICTURE
    return _look_at_head(media.payload[:HEAD_BYTES], hint) or _look_through(media.payload, hint)


@lru_cache(REMEMBERED_HEADS)
def _look_at_head(head: bytes, hint: Codec | None) -> Look | None:
    """What the first NAL unit tells if it is a picture: then no other is asked."""
    start = next(find_nal_units(head), len(head))
    look = _look_through(head, hint) if start + 2 <= len(head) else _NO_PICTURE
    return look if look.has_picture else None


def _look_through(payload: bytes, hint: Codec | None) -> Look:
    has_sets = False
    for start in islice(find_nal_units(payload), MAX_LOOKED_AT):
        codec = guess_codec(*payload[start : start + 2].ljust(2, b"\0")) or hint
        if codec is None:
            continue
        kind = nal_type(codec, payload[start])
        if is_picture(codec, kind):
            return Look(has_sets or is_random_access(codec, kind), has_picture=True)
        has_sets = has_sets or is_parameter_set(codec, kind)
    return Look(has_sets, has_picture=False)
