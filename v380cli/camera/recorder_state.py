"""What a recorder is at, and how others come to know."""

from collections.abc import Callable
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


class Stateful:
    """Has a `state`, and the `reason` of an outage; `on_state` is called after each change."""

    def __init__(self) -> None:
        self.state = RecorderState.CONNECTING
        self.reason = ""
        self.on_state: Callable[[], None] = lambda: None

    def enter(self, state: RecorderState, reason: str = "") -> None:
        """Be at something else from now on."""
        self.state, self.reason = state, reason
        self.on_state()
