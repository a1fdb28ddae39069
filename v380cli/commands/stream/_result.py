"""What a stream ends with: a document, a sentence, an error."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from v380cli.camera.recording import Recording
from v380cli.commands import _console
from v380cli.commands._ending import Result
from v380cli.errors import V380Error, describe_error
from v380cli.text import format_count


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamResult:
    """Where a stream went and what arrived there; `to` holds no password."""

    recording: Recording
    to: str
    video_packets: int
    audio_packets: int
    seconds: float
    server_reconnects: int = 0
    dropped_frames: int = 0
    error: V380Error | None = None

    def to_json(self) -> dict[str, Any]:
        """The object of `stream --json`; `dropped_frames` counts those lost on either side."""
        document: dict[str, Any] = {
            "device": self.recording.device.label,
            "to": self.to,
            "video_packets": self.video_packets,
            "audio_packets": self.audio_packets,
            "seconds": round(self.seconds, 3),
            "via": self.recording.via or None,
            "camera_reconnects": self.recording.reconnects,
            "server_reconnects": self.server_reconnects,
            "dropped_frames": self.recording.dropped_frames + self.dropped_frames,
        }
        if self.error:
            document["error"] = describe_error(self.error)
        return document


def make_result(result: StreamResult, exit_code: int) -> Result:
    """What the command ends with; where nothing arrived there is only the error."""
    return Result(
        document=result.to_json(),
        show=partial(_talk_losses, result),
        error=result.error,
        is_empty=not result.video_packets,
        exit_code=exit_code,
    )


def _talk_losses(result: StreamResult) -> None:
    if lost := result.dropped_frames + result.recording.dropped_frames:
        _console.talk(f"{result.recording.device.label}: {format_count(lost, 'frame')} lost")
