"""What is drawn on a terminal, which may stop to take it: a link over ssh hangs."""

import os
import select
import time

STALLED_S = 2.0  # over a slow link it is taken in pieces, a second apart
ROOM_S = 0.01


class TerminalOutput:
    """Writes to a terminal, and waits for it `STALLED_S` at most; `close` leaves `shared` open."""

    def __init__(self, shared: int) -> None:
        self._shared = self._descriptor = shared
        self._room = select.poll()

    def open(self) -> None:
        """Open it a second time: not to block is a property that the shell would inherit."""
        flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        try:
            self._descriptor = os.open(f"/proc/self/fd/{self._shared}", flags)
        except OSError:  # after `su` it is somebody else's: writes wait for it, then
            self._descriptor = self._shared
        self._room.register(self._descriptor, select.POLLOUT)

    def write(self, text: str) -> bool:
        """Write all of it; False if the rest is dropped, for nothing was taken any more."""
        data = memoryview(text.encode())
        give_up_s = time.monotonic() + STALLED_S
        while data and (left_s := give_up_s - time.monotonic()) > 0:
            if self._room.poll(left_s * 1000) and (count := self._write_some(data)):
                data = data[count:]
                give_up_s = time.monotonic() + STALLED_S
        return not data

    def _write_some(self, data: memoryview) -> int:
        try:
            return os.write(self._descriptor, data)
        except BlockingIOError:  # less room than it said
            time.sleep(ROOM_S)
            return 0

    def read_size(self) -> os.terminal_size:
        """Columns and lines; zeros if it does not say."""
        return os.get_terminal_size(self._shared)

    def close(self) -> None:
        self._room.unregister(self._descriptor)
        if self._descriptor != self._shared:
            os.close(self._descriptor)
