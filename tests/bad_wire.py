"""A cable between two LANs of a lab that loses frames and lets others overtake them."""

import contextlib
import random
import selectors
import socket
import threading
from collections import deque
from collections.abc import Iterator
from functools import partial

from tests.lan import Host

EVERY_PROTOCOL = 3  # ETH_P_ALL, linux/if_ether.h
PACKET_VNET_HDR = 15  # linux/if_packet.h: checksums and sizes that are left to a network card
SOL_PACKET = 263
OUTGOING = 4  # what we have sent ourselves
FRAME_BYTES = 1 << 17
LOSS, DELAY = 0.05, 0.25
DELAY_FRAMES, DELAY_S = 3, 0.02
SEED = 4711


class BadWire:
    """Carries frames between two interfaces of a host; `lost` and `overtaken` count them."""

    def __init__(self, host: Host, first: str, second: str) -> None:
        self.lost = self.overtaken = 0
        self._sockets = [host.call(partial(_open, name)) for name in (first, second)]
        self._stop, self._stopped = socket.socketpair()
        self._held: dict[socket.socket, deque[bytes]] = {each: deque() for each in self._sockets}
        self._chance = random.Random(SEED)
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._stop.close()
        self._thread.join()
        for each in (*self._sockets, self._stopped):
            each.close()

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            for each in (*self._sockets, self._stopped):
                selector.register(each, selectors.EVENT_READ)
            while True:
                ready = [key.fileobj for key, _ in selector.select(DELAY_S)]
                if self._stopped in ready:
                    return
                for index, each in enumerate(self._sockets):
                    self._carry(each, self._sockets[1 - index], each in ready)

    def _carry(self, source: socket.socket, target: socket.socket, is_ready: bool) -> None:
        held = self._held[source]
        if not is_ready:
            self._release(held, target)
            return
        frame, address = source.recvfrom(FRAME_BYTES)
        if address[2] == OUTGOING:
            return
        fate = self._chance.random()
        if fate < LOSS:
            self.lost += 1
        elif fate < LOSS + DELAY:
            held.append(frame)
        else:
            self.overtaken += len(held)
            target.send(frame)
        if len(held) >= DELAY_FRAMES:
            self._release(held, target)

    def _release(self, held: deque[bytes], target: socket.socket) -> None:
        while held:
            target.send(held.popleft())


def _open(interface: str) -> socket.socket:
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(EVERY_PROTOCOL))
    opened.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    opened.bind((interface, EVERY_PROTOCOL))
    return opened


@contextlib.contextmanager
def join_badly(host: Host, first: str, second: str) -> Iterator[BadWire]:
    """Let two LANs be one while the block runs."""
    wire = BadWire(host, first, second)
    wire.start()
    try:
        yield wire
    finally:
        wire.close()
