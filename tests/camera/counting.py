"""The connections of an access, counted, for as long as the camera takes any."""

from v380cli.camera.interrupt import Interrupt
from v380cli.net.stream import TcpChannel

NOBODY_LISTENS = 1  # a port


class Counting(Interrupt):
    """Counts the channels that it opens; after `limit` of them nobody is there."""

    def __init__(self, limit: float = float("inf")) -> None:
        super().__init__()
        self.count = 0
        self._limit = limit

    def connect(self, host: str, port: int) -> TcpChannel:
        self.count += 1
        return super().connect(host, port if self.count <= self._limit else NOBODY_LISTENS)
