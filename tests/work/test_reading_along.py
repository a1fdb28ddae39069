"""Who asks to read along is admitted, sets the pace of the link, and is let go."""

import contextlib
import socket
import threading
from typing import Any

from tests.media_samples import make_video
from v380cli.camera.media_hub import MediaHub
from v380cli.camera.transport import Listener
from v380cli.media.sink import Codec
from v380cli.models import Quality
from v380cli.net.control_socket import Handover
from v380cli.wire.session import MediaReceived, StreamOpened
from v380cli.wire.shared_media import MediaParser
from v380cli.work.reading_along import ReadingDesk

TIMEOUT_S = 60.0
KEYFRAME = MediaReceived(0, 1, 15, 0, make_video(Codec.H264).units[0].data, "video")


class QuietLink:
    """A link of which nobody reads; it knows whether it is to be prompt, and when that changed."""

    via, encryption = "lan", "clear"
    opened = StreamOpened(width=0, height=0, version=0, max_packet=0)

    def __init__(self) -> None:
        self.is_prompt = False
        self.gathers = threading.Event()

    def set_prompt(self, wanted: bool) -> None:
        self.is_prompt = wanted
        if not wanted:
            self.gathers.set()

    def tell(self, listener: Listener) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


def test_a_link_that_gathers_is_prompt_for_a_viewer_and_gathers_again_when_it_has_left() -> None:
    hub, link = MediaHub(), QuietLink()
    hub.tap(link, Quality.HD, audio=True, prompt=False)
    ours, theirs = socket.socketpair()
    with contextlib.closing(ReadingDesk(hub)) as desk, ours:
        admitted = desk.answer({"quality": "hd", "audio": False, "prompt": True})
        assert isinstance(admitted, Handover)
        assert link.is_prompt
        admitted.take(theirs)
        hub.put([KEYFRAME])
        parser = MediaParser()
        ours.settimeout(TIMEOUT_S)
        while not (media := list(parser.read_media())):
            parser.receive_data(ours.recv(4096))
        assert media == [KEYFRAME]
        ours.close()
        hub.put([KEYFRAME])  # which nobody takes any more
        assert link.gathers.wait(TIMEOUT_S)


def test_who_does_not_say_so_lets_the_link_gather() -> None:
    hub, link = MediaHub(), QuietLink()
    hub.tap(link, Quality.HD, audio=True, prompt=False)
    with contextlib.closing(ReadingDesk(hub)) as desk:
        assert isinstance(desk.answer({"quality": "hd", "audio": True}), Handover)
        assert not link.is_prompt
