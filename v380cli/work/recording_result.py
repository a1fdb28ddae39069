"""What a recording left, for a person and as JSON, and the error that all of them end with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from v380cli.camera.recording import Recording
from v380cli.errors import PartialFailure, V380Error, describe_error
from v380cli.models import Gap, Newest, RecordedFile
from v380cli.work.outcome import join_errors


@dataclass(frozen=True)
class CameraResult:
    """A recording and the files that it left."""

    recording: Recording
    files: Newest[RecordedFile]

    @property
    def error(self) -> V380Error | None:
        return self.recording.error

    def to_json(self) -> dict[str, Any]:
        """The object of `record --json`."""
        recording, device = self.recording, self.recording.device
        document: dict[str, Any] = {
            "device": device.label,
            "id": device.device_id,
            "address": device.address,
            "files": [format_file(file) for file in self.files],
            "gaps": [format_gap(gap) for gap in recording.gaps],
            **self._count_left_out(),
            "reconnects": recording.reconnects,
            "dropped_frames": recording.dropped_frames,
            "unusable_audio": recording.unusable_audio,
            "bytes_received": recording.bytes_received,
            "login_variant": device.login_variant,
            "encryption": recording.encryption,
            "via": recording.via or None,
        }
        if self.error:
            document["error"] = describe_error(self.error)
        return document

    def _count_left_out(self) -> dict[str, int]:
        """What the lists of a recorder of months have no place for."""
        counts = {
            "files_left_out": self.files.left_out,
            "gaps_left_out": self.recording.gaps_left_out,
        }
        return {name: count for name, count in counts.items() if count}


def find_error(results: Sequence[CameraResult], max_gap_s: float) -> V380Error | None:
    """The error that the whole command ends with, or None."""
    error = join_errors([(result.recording.device.label, result.error) for result in results])
    return error or _find_long_gap(results, max_gap_s)


def _find_long_gap(results: Sequence[CameraResult], max_gap_s: float) -> V380Error | None:
    for result in results:
        gap = result.recording.longest_gap
        if gap and gap.duration_s > max_gap_s:
            label = result.recording.device.label
            return PartialFailure(f"{label}: {gap.duration_s:g} s missing: {gap.reason}")
    return None


def format_file(file: RecordedFile) -> dict[str, Any]:
    return {
        "path": file.path,
        "start": file.start,
        "duration_s": round(file.duration_s, 3),
        "video_packets": file.video_packets,
        "audio_packets": file.audio_packets,
        "size_bytes": file.size_bytes,
        "codec": file.codec,
        **({"lens": file.lens} if file.lens > 1 else {}),
    }


def format_gap(gap: Gap) -> dict[str, Any]:
    return {"start": gap.start, "duration_s": gap.duration_s, "reason": gap.reason}
