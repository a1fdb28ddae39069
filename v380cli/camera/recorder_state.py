"""What a recorder is at."""

from enum import StrEnum


class RecorderState(StrEnum):
    """What a recorder is at; displays and `--jsonl` have these words."""

    CONNECTING = "connecting"
    WAITING_FOR_CAMERA = "waiting for the camera"
    WAITING_FOR_KEYFRAME = "waiting for a keyframe"
    RECORDING = "recording"
    RECONNECTING = "reconnecting"
    CLOSING = "closing"
    DONE = "done"
    FAILED = "failed"


# The camera takes controls then.
LINKED_STATES = (RecorderState.WAITING_FOR_KEYFRAME, RecorderState.RECORDING)
