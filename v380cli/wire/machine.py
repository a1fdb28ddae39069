"""The one shape of a conversation with a camera: bytes in, events out, no socket and no clock.

Until next_event() has more than NEED_DATA: advance() the clock, send data_to_send(), and wait for
bytes until next_deadline, for receive_data() or receive_eof().
"""

import math
from enum import Enum, auto
from typing import Final, Literal, Protocol, TypeVar

REPLY_TIMEOUT_S = 5.0  # for a camera's answer to anything, unless its machine says otherwise

E_co = TypeVar("E_co", covariant=True)


class NeedData(Enum):
    """The type of `NEED_DATA`."""

    NEED_DATA = auto()


NEED_DATA: Final = NeedData.NEED_DATA


class Machine(Protocol[E_co]):
    """One conversation, on a connection of its own. Times are seconds of any one clock."""

    next_deadline: float
    """When to `advance` it at the latest; infinite while it waits for bytes only."""

    def advance(self, now_s: float) -> None:
        """Learn what time it is; called before each wait and after one that nothing ended."""

    def data_to_send(self) -> bytes:
        """What is to be sent now; it is handed out once."""

    def receive_data(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes, however they are cut."""

    def receive_eof(self) -> None:
        """The camera will send no more."""

    def next_event(self) -> E_co | Literal[NeedData.NEED_DATA]:
        """What happened next, or NEED_DATA. Raises a Refused or RemoteProtocolError."""


class RequestMachine:
    """What all machines share: they begin with a request, and most keep the reply as it comes."""

    def __init__(self, request: bytes) -> None:
        self.next_deadline = math.inf
        self._outgoing = request
        self._received = bytearray()
        self._is_ended = False

    def advance(self, now_s: float) -> None:
        """Learn what time it is."""

    def data_to_send(self) -> bytes:
        """What is to be sent now; it is handed out once."""
        data, self._outgoing = self._outgoing, b""
        return data

    def receive_data(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes, however they are cut."""
        self._received += data

    def receive_eof(self) -> None:
        """The camera will send no more; what is whole can still be taken."""
        self._is_ended = True


class PatientMachine(RequestMachine):
    """One that draws a conclusion when nothing comes for `_patience_s`."""

    def __init__(self, request: bytes) -> None:
        super().__init__(request)
        self._is_waiting = False

    @property
    def _patience_s(self) -> float:
        return math.inf

    def advance(self, now_s: float) -> None:
        """Learn what time it is; a silence begins with the first wait after what came."""
        if not self._is_waiting:
            self._is_waiting = True
            self.next_deadline = now_s + self._patience_s
        elif now_s >= self.next_deadline:
            self._is_waiting = False
            self._conclude()

    def receive_data(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes, however they are cut."""
        self._is_waiting = False
        super().receive_data(data)

    def _conclude(self) -> None:
        """Take it that the camera has said all."""
        self.receive_eof()
