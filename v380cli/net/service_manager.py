"""What systemd wants to hear from a service of `Type=notify` (sd_notify(3))."""

import contextlib
import logging
import os
import socket
from collections.abc import Mapping

from v380cli.text import clean_text

SOCKET_VARIABLE, WATCHDOG_VARIABLE = "NOTIFY_SOCKET", "WATCHDOG_USEC"
WATCHDOG_PID_VARIABLE = "WATCHDOG_PID"

log = logging.getLogger(__name__)


class ServiceManager:
    """Who started this process and waits for word of it, if anybody does.

    `watchdog_s` is how often it wants a sign of life, None if it does not.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get(SOCKET_VARIABLE, "")
        if self._address.startswith("@"):
            self._address = "\0" + self._address[1:]
        self.watchdog_s = _read_watchdog(environment) if self._address else None

    @property
    def is_there(self) -> bool:
        return bool(self._address)

    def tell_ready(self) -> None:
        self._send("READY=1")

    def tell_status(self, sentence: str) -> None:
        """For `systemctl status`."""
        self._send(f"STATUS={clean_text(sentence)}")

    def tell_alive(self) -> None:
        """A sign of life; one that is late makes it start the service anew."""
        self._send("WATCHDOG=1")

    def tell_stopping(self) -> None:
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notes:
            notes.setblocking(False)
            try:
                notes.sendto(message.encode(), self._address)
            except OSError as error:
                log.info("the service manager does not listen: %s", error)


def _read_watchdog(environment: Mapping[str, str]) -> float | None:
    is_ours = environment.get(WATCHDOG_PID_VARIABLE, str(os.getpid())) == str(os.getpid())
    with contextlib.suppress(ValueError):
        period_s = int(environment.get(WATCHDOG_VARIABLE, "")) / 1e6
        if is_ours and period_s > 0:
            return period_s
    return None
