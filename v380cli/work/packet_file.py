"""A capture file of ours: new, private, bounded, and redacted unless all is wanted."""

import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from v380cli import __version__
from v380cli.disk import create_file
from v380cli.errors import StorageError
from v380cli.explain.capture_file import CaptureWriter, RawPacket
from v380cli.explain.packets import LINK_ETHERNET
from v380cli.explain.redacted_capture import CaptureRedactor
from v380cli.models import DEFAULT_PORT
from v380cli.redaction import Redactor

MAX_BYTES = 1 << 30


class PacketFile:
    """Takes packets of Ethernet from any thread; `is_full` once it holds `max_bytes`.

    With a redactor nothing of a person is written at any moment. Raises StorageError.
    """

    def __init__(
        self,
        path: Path,
        redactor: Redactor | None,
        *,
        ports: Iterable[int] = (DEFAULT_PORT,),
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.path = path
        self.is_full = False
        self.packets = 0
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._redactor = CaptureRedactor(redactor, ports=ports) if redactor else None
        try:
            self._file = os.fdopen(create_file(path), "wb")
        except OSError as error:
            raise StorageError(f"{path} cannot be made: {error.strerror}") from error
        self._writer = CaptureWriter(self._file, link=LINK_ETHERNET, program=f"v380 {__version__}")

    @property
    def size_bytes(self) -> int:
        """How much was written."""
        return self._writer.bytes_written

    def take(self, packet: RawPacket) -> None:
        """Write a packet, or what may be shown of it."""
        with self._lock:
            self._write(self._redactor.receive(packet) if self._redactor else [packet])

    def close(self) -> None:
        """Write what was still to be understood."""
        try:
            with self._lock, self._file:
                self._write(self._redactor.finish() if self._redactor else [])
        except OSError as error:
            raise self._explain(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, packets: Iterable[RawPacket]) -> None:
        try:
            for packet in packets:
                self.is_full = self.is_full or self._writer.bytes_written >= self._max_bytes
                if not self.is_full:
                    self._writer.write_packet(packet.time_s, packet.data)
                    self.packets += 1
        except OSError as error:
            raise self._explain(error) from error

    def _explain(self, error: OSError) -> StorageError:
        return StorageError(f"{self.path} cannot be written: {error.strerror or error}")
