"""One TCP connection: what both sides say becomes messages and streams.

A message says nothing of its own length. Its number has sizes that are known; which of them it is
shows in what follows: the other side's turn, or another message. What fits nowhere is told as it
is, with the sizes that were expected.
"""

from collections import deque
from dataclasses import dataclass, field
from functools import partial

from v380cli.explain.description import Describer, Description, name_message
from v380cli.explain.media import RECORD_MAGICS, StreamKind, StreamSummary, find_stream
from v380cli.wire.card.files import ENTRY_BYTES, MAX_PAGE_ENTRIES, FilePageHeader
from v380cli.wire.commands import CardCommand, Command
from v380cli.wire.layout import Message, list_places
from v380cli.wire.registry import Entry, find_entry
from v380cli.wire.talk import FRAGMENT_MAX_BYTES, TalkAudio

# Names of what is told of each frame, live and recorded, and of a connection.
FRAME, RECORDED_FRAME, END = "frame", "recorded frame", "end"
NUMBER_BYTES = 4
# A number of a message; anything else is not a beginning of one.
PLAUSIBLE_NUMBERS = range(1, 10_000)
MAX_PENDING_BYTES = 1 << 17  # three records of the largest size, which tell a stream
# What opens a stream, and which.
STREAM_REQUESTS: dict[int, StreamKind] = {
    Command.STREAM_LOGIN: StreamKind.LIVE,
    Command.STREAM_START: StreamKind.LIVE,
    CardCommand.SEGMENT_OPEN: StreamKind.SEGMENT,
    CardCommand.SEGMENT_CONTROL: StreamKind.SEGMENT,
    CardCommand.FILE_PLAY: StreamKind.FILE,
    CardCommand.FILE_CONTROL: StreamKind.FILE,
}


@dataclass(slots=True)
class Told:
    """One thing that a side said; `data` is all of its bytes, None for a stream's."""

    time_s: float
    from_camera: bool
    name: str
    number: int | None
    told: Description
    size: int
    data: bytes | None = None
    layout: type[Message] | None = None


@dataclass(slots=True)
class _Half:
    """What one side says."""

    from_camera: bool
    pending: bytearray = field(default_factory=bytearray)
    time_s: float = 0.0
    stream: StreamSummary | None = None
    stream_time_s: float = 0.0
    foreign_bytes: int = 0


class Conversation:
    """Bytes of both sides in, what they say out of `next_told`.

    `with_frames` tells each frame of a stream, blanked. Memory: `MAX_PENDING_BYTES` a side,
    and a frame in the making.
    """

    def __init__(self, describer: Describer, *, is_whole: bool, with_frames: bool = False) -> None:
        self.has_messages = False  # something in it was of this protocol
        self._describer = describer
        self._is_whole = is_whole
        self._with_frames = with_frames
        self._halves = (_Half(from_camera=False), _Half(from_camera=True))
        self._expected: StreamKind | None = None
        self._ticket: int | None = None
        self._told: deque[Told] = deque()

    def receive(self, from_camera: bool, data: bytes, time_s: float) -> None:
        """Take what a side said next."""
        half, other = self._halves[from_camera], self._halves[not from_camera]
        if not self._streams:
            self._end_turn(other)
        half.time_s = time_s
        if half.stream:
            half.stream.receive(data)
            return
        half.pending += data
        self._read(half, is_over=False)

    def lose(self, from_camera: bool, size: int, time_s: float) -> None:
        """So many bytes of a side are missing here."""
        half = self._halves[from_camera]
        if half.stream:
            half.stream.lose(size)
        else:
            self._end_turn(half)
        half.time_s = time_s
        self._say(half, "missing", None, Description(problems=[f"{size} bytes are missing"]), 0)

    def end_turns(self) -> None:
        """What has come is all that was to be said so far."""
        if not self._streams:
            for half in self._halves:
                self._end_turn(half)

    def finish(self) -> None:
        """Nothing more will come."""
        for half in self._halves:
            self._end_turn(half)
            if half.stream:
                half.stream.finish()
                told = Description(half.stream.describe(), problems=half.stream.problems)
                half.time_s = half.stream_time_s
                self._say(half, f"{half.stream.kind} stream", None, told, half.stream.size)
            half.stream = None
        if self._with_frames:
            self._say(self._halves[True], END, None, Description(), 0)

    def next_told(self) -> Told | None:
        """The next thing that was said; None until more bytes come."""
        return self._told.popleft() if self._told else None

    @property
    def _streams(self) -> bool:
        return any(half.stream for half in self._halves)

    def _end_turn(self, half: _Half) -> None:
        """The other side speaks: what has come of this one is all."""
        self._read(half, is_over=True)
        if half.foreign_bytes:
            size, half.foreign_bytes = half.foreign_bytes, 0
            problem = f"{size} bytes that are not a message of this protocol"
            self._say(half, "unknown", None, Description(problems=[problem]), size)

    # Messages -------------------------------------------------------------------------------

    def _read(self, half: _Half, *, is_over: bool) -> None:
        while half.pending and not half.stream and self._read_one(half, is_over=is_over):
            pass

    def _read_one(self, half: _Half, *, is_over: bool) -> bool:
        """Take what stands first; False where that takes more bytes."""
        if len(half.pending) < NUMBER_BYTES and not is_over:
            return False
        number = int.from_bytes(half.pending[:NUMBER_BYTES], "little", signed=True)
        entry = find_entry(number, from_camera=half.from_camera)
        if entry:
            size = _choose_size(half, entry, is_over=is_over)
            if size:
                self._take_message(half, number, entry, size)
            return size > 0
        if half.pending[0] in RECORD_MAGICS or not self._is_whole:
            if self._begin_stream(half, is_over=is_over):
                return False
            if not is_over and len(half.pending) < MAX_PENDING_BYTES:
                return False
        if not is_over and len(half.pending) < MAX_PENDING_BYTES:
            return False
        self._take_unknown(half, number)
        return True

    def _take_message(self, half: _Half, number: int, entry: Entry, size: int) -> None:
        data = _cut(half, size)
        told = self._describer.describe(entry.layout, data)
        own_size = size - (_count_tail(entry, data) or 0)
        if own_size not in entry.sizes:
            known = " and ".join(map(str, sorted(entry.sizes)))
            are = "are" if len(entry.sizes) > 1 else "is"
            told.problems.append(f"{number} of {own_size} bytes: {known} {are} known")
        self.has_messages = True
        self._note(half, number, entry.layout, data)
        self._say(half, name_message(entry.layout), number, told, size, data, entry.layout)

    def _note(self, half: _Half, number: int, layout: type[Message], data: bytes) -> None:
        """Know what is asked for, and the ticket, which is the key of the media."""
        if not half.from_camera:
            self._expected = STREAM_REQUESTS.get(number) or self._expected
        place = dict(list_places(layout)).get("ticket")
        if place and place.end <= len(data):
            self._ticket = place.codec.unpack(data[place.offset : place.end]) or self._ticket

    def _take_unknown(self, half: _Half, number: int) -> None:
        data = _cut(half, len(half.pending))
        if number not in PLAUSIBLE_NUMBERS or half.foreign_bytes:
            half.foreign_bytes += len(data)
            return
        told = Description(unknown=self._describer.describe_unknown(data[NUMBER_BYTES:], 4))
        told.problems.append(f"{number} of {len(data)} bytes: nobody has described this message")
        self._say(half, "unknown", number, told, len(data), data)

    # Streams --------------------------------------------------------------------------------

    def _begin_stream(self, half: _Half, *, is_over: bool) -> bool:
        kind, start = self._expected if half.from_camera else None, 0
        if kind is None or half.pending[0] not in RECORD_MAGICS:
            enough = is_over or len(half.pending) >= MAX_PENDING_BYTES
            found = find_stream(bytes(half.pending))
            if found is None or not (enough or found[1] == 0 or not self._is_whole):
                return False
            kind, start = found
        if start:
            half.foreign_bytes += start
            _cut(half, start)
        self.has_messages = True
        name = FRAME if kind is StreamKind.LIVE else RECORDED_FRAME
        keep = partial(self._keep_frame, half, name) if self._with_frames else None
        half.stream, half.stream_time_s = StreamSummary(kind, self._ticket, keep), half.time_s
        half.stream.receive(_cut(half, len(half.pending)))
        return True

    def _keep_frame(self, half: _Half, name: str, frame: bytes) -> None:
        self._say(half, name, None, Description(), len(frame), frame)

    def _say(
        self,
        half: _Half,
        name: str,
        number: int | None,
        told: Description,
        size: int,
        data: bytes | None = None,
        layout: type[Message] | None = None,
    ) -> None:
        self._told.append(
            Told(half.time_s, half.from_camera, name, number, told, size, data, layout)
        )


def _cut(half: _Half, size: int) -> bytes:
    data = bytes(half.pending[:size])
    del half.pending[:size]
    return data


def _choose_size(half: _Half, entry: Entry, *, is_over: bool) -> int:
    """How long the message is that stands first; 0 where more bytes are needed to tell."""
    data = half.pending
    tail = _count_tail(entry, data)
    if tail is None:
        return len(data) if is_over else 0
    sizes = [size + tail for size in entry.sizes]
    for size in sizes:
        if len(data) == size and (is_over or len(sizes) == 1):
            return size
        if len(data) >= size + NUMBER_BYTES and _may_begin(half, size):
            return size
    if is_over or len(data) > MAX_PENDING_BYTES:
        return len(data)
    return 0


def _may_begin(half: _Half, start: int) -> bool:
    """Whether a message or a record may begin there."""
    if half.pending[start] in RECORD_MAGICS and half.from_camera:
        return True
    number = int.from_bytes(half.pending[start : start + NUMBER_BYTES], "little", signed=True)
    return find_entry(number, from_camera=half.from_camera) is not None


def _count_tail(entry: Entry, data: bytes | bytearray) -> int | None:
    """How many bytes follow the fields of a message; None where its head has not come yet."""
    if entry.layout not in (FilePageHeader, TalkAudio):
        return 0
    if len(data) < entry.layout.SIZE:
        return None
    head = entry.layout.decode(data)
    if isinstance(head, FilePageHeader):
        return head.count * ENTRY_BYTES if 0 <= head.count <= MAX_PAGE_ENTRIES else 0
    length: int = getattr(head, "length", 0)
    return length if length <= FRAGMENT_MAX_BYTES else 0
