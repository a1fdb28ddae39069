"""What is printed of recordings, pictures, streams, events and packets."""

from typing import Literal, NotRequired, TypedDict

from v380cli.commands.help.shapes.cameras import Error, Table, Time


class RecordedFile(TypedDict):
    path: str
    start: Time
    duration_s: float
    video_packets: int
    audio_packets: int
    size_bytes: int
    codec: str
    lens: NotRequired[int]


class Gap(TypedDict):
    start: Time
    duration_s: float
    reason: str


class Recording(TypedDict):
    device: str
    id: int
    address: str
    files: list[RecordedFile]
    gaps: list[Gap]
    reconnects: int
    dropped_frames: int
    unusable_audio: int
    bytes_received: int
    login_variant: str
    encryption: str
    via: str | None
    error: NotRequired[Error]


class RecordingResult(Recording):
    event: Literal["result"]


class RecordingState(TypedDict):
    event: Literal["state"]
    device: str
    state: str
    reason: str
    duration_s: float
    reconnects: int
    dropped_frames: int
    bytes_received: int


class RecordingFile(RecordedFile):
    event: Literal["file"]
    device: str


class RecordingIncident(TypedDict):
    event: Literal["lost", "back", "gap", "failed"]
    device: str
    time: Time
    reason: str
    retry_s: float
    duration_s: float


class Picture(TypedDict):
    device: str
    path: str
    width: int
    height: int
    codec: str
    size_bytes: int
    taken_at: Time
    seconds: float
    via: str | None


class Streamed(TypedDict):
    device: str
    to: str
    video_packets: int
    audio_packets: int
    seconds: float
    via: str | None
    camera_reconnects: int
    server_reconnects: int
    dropped_frames: int
    error: NotRequired[Error]


class ServedStream(TypedDict):
    url: str


class ServedCamera(TypedDict):
    device: str
    id: int
    rtsp: dict[str, str]
    http: str | None


class StoredEvent(TypedDict):
    n: int
    event: str
    device: str
    id: int
    source: str
    start: Time
    duration_s: float | None
    score: float | None
    area: float | None
    clip: str | None
    snapshot: str | None
    reason: str


class WatchEvent(TypedDict):
    event: str
    device: str
    id: int
    time: Time
    source: str
    score: float | None
    area: float | None
    boxes: list[list[float]]
    clip: str | None
    snapshot: str | None
    duration_s: float | None
    reason: NotRequired[str | None]


class CardRecording(TypedDict):
    id: str
    device: str
    type: str
    start: Time
    end: Time
    duration_s: float


class Hour(TypedDict):
    device: str
    hour: Time
    footage_s: float
    motion_s: float


class Fetched(TypedDict):
    device: str
    id: str
    type: str
    start: Time
    end: Time
    status: str
    files: list[RecordedFile]
    error: NotRequired[Error]


class NotFetched(TypedDict):
    device: str
    status: Literal["failed"]
    error: Error


class Mirror(TypedDict):
    recordings: list[Fetched | NotFetched]
    damaged: list[str]
    pruned: list[str]


class Recovered(TypedDict):
    part: str
    path: str
    duration_s: float
    video_packets: int
    audio_packets: int
    size_bytes: int


class NotRecovered(TypedDict):
    part: str
    error: Error


class Said(TypedDict):
    device: str
    seconds: float
    blocks: int
    late_blocks: int
    codec: str
    encrypted: bool
    form: int
    cut_off: bool


class CaptureFile(TypedDict):
    path: str
    packets: int
    size_bytes: int


Message = TypedDict(
    "Message",
    {
        "time": Time | None,
        "from": str,
        "to": str,
        "direction": str,
        "message": str,
        "opcode": int | None,
        "fields": Table,
        "unknown": list[Table],
        "bytes": int,
        "problems": list[str],
        "connection": int | None,
    },
)
