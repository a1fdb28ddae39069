"""Posts alarms as a camera does: asks a server where they go, and tells them there."""

import hashlib
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Self

from v380cli.errors import RemoteProtocolError, V380Error
from v380cli.net.http_post import post
from v380cli.net.stream import TcpChannel
from v380cli.simulator.camera import CameraSpec
from v380cli.simulator.scenes import ACTION_S, LOOP_S
from v380cli.wire.alarm_post import (
    ALARM_PATH,
    LIST_PATHS,
    TAKEN,
    AlarmKind,
    AlarmPost,
    encode_alarm,
    parse_answer,
    parse_server_list,
)

USER_AGENT = "macro-video IPC"
ANSWER_MAX_BYTES = 1 << 16
SIZE = (320, 180)  # of the picture
SHOWN_S = ACTION_S + 2  # of a scene

log = logging.getLogger(__name__)


class Alarmist:
    """The alarms of one camera; inside a `with` there is one in each loop of its scene.

    `server` is whom it asks; `result` is what the last alarm was answered with.
    """

    def __init__(self, spec: CameraSpec, server: tuple[str, int]) -> None:
        self.result = 0
        self._spec, self._server = spec, server
        self._number = 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="v380-alarms")

    def raise_alarm(self, moment: int, kind: AlarmKind = AlarmKind.MOTION) -> None:
        """Post an alarm, and then its picture; NetworkError, or RemoteProtocolError."""
        place = parse_server_list(self._post(self._server, LIST_PATHS[0], b""))
        self._number += 1
        alarm = AlarmPost(
            device_id=self._spec.device_id, kind=kind, number=self._number, time=moment, level=1
        )
        password = self._spec.password.reveal().encode()
        digest = hashlib.md5(password, usedforsecurity=False).hexdigest()
        message = {"user": self._spec.username, "pwd": digest}
        self._tell(place, encode_alarm(alarm, message))
        pictured = replace(alarm, picture=draw_picture(self._spec))
        self._tell(place, encode_alarm(pictured, message))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        pause_s = ACTION_S
        while not self._is_over.wait(pause_s):
            pause_s = LOOP_S
            try:
                self.raise_alarm(round(time.time()))
            except V380Error as error:
                log.warning("an alarm could not be posted: %s", error.message)

    def _tell(self, place: tuple[str, int], body: bytes) -> None:
        self.result = parse_answer(self._post(place, ALARM_PATH, body))
        if self.result != TAKEN:
            raise RemoteProtocolError(f"an alarm was answered with {self.result}")

    def _post(self, place: tuple[str, int], path: str, body: bytes) -> bytes:
        headers = {"User-Agent": USER_AGENT, "Content-Type": "application/json"}
        answer = post(
            lambda: TcpChannel.open(*place), path, place[0], headers, body, ANSWER_MAX_BYTES
        )
        return answer.body


@contextmanager
def post_alarms(specs: Sequence[CameraSpec], server: tuple[str, int] | None) -> Iterator[None]:
    """The alarms of these cameras, while the block runs; none without a server."""
    with ExitStack() as stack:
        for spec in specs:
            if server:
                stack.enter_context(Alarmist(spec, server))
        yield


def draw_picture(spec: CameraSpec) -> bytes:
    """What it shows then, as JPEG."""
    import av

    from v380cli.simulator.footage import FootageSpec, choose_artist
    from v380cli.sinks.pictures import PictureFormat, encode_picture

    footage = FootageSpec(
        width=SIZE[0], height=SIZE[1], device_id=spec.device_id, scene=spec.scene, clock=spec.clock
    )
    pixels = choose_artist(footage).draw(SHOWN_S)
    return encode_picture(av.VideoFrame.from_ndarray(pixels, format="rgb24"), PictureFormat.JPEG)
