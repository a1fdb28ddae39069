"""Media through a command that has the camera open already: it hands them on, others read along.

The connection is that of `work.sharing`: a question, an answer, and then media as
`wire.shared_media` has them, until one of both ends it.
"""

import contextlib
import logging
import socket
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from v380cli.camera.local_link import LocalLink
from v380cli.camera.media_hub import MediaHub, Reader
from v380cli.errors import NetworkError
from v380cli.models import Quality
from v380cli.net.control_socket import Handover, Message
from v380cli.net.stream import TcpChannel
from v380cli.wire.session import StreamOpened

if TYPE_CHECKING:
    from v380cli.camera.access import Access

# One who takes nothing for so long has stopped, and is sent away.
STALL_S = 30.0
NOT_OFFERED = "not_offered"  # this stream does not come here at present

log = logging.getLogger(__name__)


class ReadingDesk:
    """Serves the readers of one hub, a thread each, until `close`."""

    def __init__(self, hub: MediaHub) -> None:
        self._hub = hub
        self._served: list[tuple[threading.Thread, socket.socket]] = []

    def answer(self, wanted: dict[str, Any]) -> Message | Handover:
        """Admit one who wants to read along; ValueError for a wish that makes no sense."""
        quality = Quality(wanted.get("quality", ""))
        audio, prompt = wanted.get("audio") is True, wanted.get("prompt") is True
        admitted = self._hub.watch(quality, audio=audio, prompt=prompt)
        if admitted is None:
            return {"ok": False, "code": NOT_OFFERED, "message": "this stream does not come here"}
        reader, link = admitted
        reply = {"ok": True, "opened": asdict(link.opened), "encryption": link.encryption}
        return Handover(reply, lambda sock: self._serve(sock, reader))

    def close(self) -> None:
        """Send everybody away and wait until they are gone."""
        self._hub.lose_link()
        for thread, sock in self._served:
            with contextlib.suppress(OSError):  # it has gone by itself
                sock.shutdown(socket.SHUT_RDWR)
            thread.join()
            sock.close()

    def _serve(self, sock: socket.socket, reader: Reader) -> None:
        thread = threading.Thread(target=self._feed, args=(sock, reader), name="v380-reader")
        for other, old in self._served:
            if not other.is_alive():
                old.close()
        self._served = [one for one in self._served if one[0].is_alive()]
        self._served.append((thread, sock))
        thread.start()

    def _feed(self, sock: socket.socket, reader: Reader) -> None:
        with contextlib.suppress(OSError):
            sock.settimeout(STALL_S)
            while data := reader.take():
                sock.sendall(data)
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        self._hub.dismiss(reader)
        log.debug("a reader has left; %d frames passed it by", reader.dropped_frames)


def open_local_link(
    access: "Access", sock: socket.socket, reply: Message, send: Callable[[bytes], None]
) -> LocalLink:
    """The link that a desk has admitted us to; NetworkError for an answer that makes no sense."""
    try:
        opened = StreamOpened(**reply["opened"])
    except (KeyError, TypeError) as error:
        sock.close()
        raise NetworkError("another v380 does not understand us") from error
    channel = TcpChannel(sock, "another v380")
    try:
        access.interrupt.adopt(channel)
        return LocalLink(channel, opened, str(reply.get("encryption", "")), send)
    except BaseException:
        channel.close()
        raise
