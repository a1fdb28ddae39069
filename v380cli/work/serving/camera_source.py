"""A recorder's camera as our servers ask for it."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from v380cli.camera.recorder import Recorder
from v380cli.errors import Refused, UnsupportedMedia
from v380cli.media.codec_string import format_mp4_type
from v380cli.media.sdp import format_sdp
from v380cli.media.sink import Codec
from v380cli.net.live_source import Feed, Wake
from v380cli.sinks.broadcast import Broadcast
from v380cli.sinks.chunks import LiveFormat
from v380cli.sinks.motion_jpeg import MotionJpeg
from v380cli.work.serving.page_controls import list_orders, send_order


class CameraSource:
    """One camera, watched by many (`net.live_source`), from its first picture to its end."""

    def __init__(
        self, recorder: Recorder, broadcast: Broadcast, *, takes_orders: bool = True
    ) -> None:
        self._recorder = recorder
        self._takes_orders = takes_orders
        self._broadcast = broadcast
        self._pictures = MotionJpeg(broadcast)

    def hold(self) -> AbstractContextManager[None]:
        return nullcontext()

    def is_ready(self) -> bool:
        return self._broadcast.programme is not None

    def watch_ts(self, wake: Wake) -> tuple[Feed, str]:
        self._refuse_jpeg("MPEG-TS")
        return self._broadcast.watch(LiveFormat.TS, wake), "video/mp2t"

    def watch_mp4(self, wake: Wake) -> tuple[Feed, str]:
        viewer, shown = self._broadcast.watch_programme(LiveFormat.MP4, wake)
        assert shown, "the server has waited for it"
        return viewer, format_mp4_type(shown.formats)

    def watch_pictures(self, fps: float, wake: Wake) -> Feed:
        return self._pictures.watch(fps, wake)

    def describe_rtp(self) -> str:
        self._refuse_jpeg("RTP as it is made here")
        shown = self._broadcast.find_programme()
        assert shown, "the server has waited for it"
        return format_sdp(shown.formats, self._recorder.device.label)

    def watch_rtp(self, wake: Wake) -> Feed:
        return self._broadcast.watch(LiveFormat.RTP, wake)

    def take_snapshot(self) -> bytes:
        return self._pictures.take_snapshot()

    def control(self, order: str) -> None:
        if not self._takes_orders:
            raise Refused("this page takes no orders: it is served with --no-controls")
        send_order(self._recorder, order)

    def describe(self) -> dict[str, Any]:
        recorder, shown = self._recorder, self._broadcast.programme
        document: dict[str, Any] = {
            "name": recorder.device.label,
            "state": recorder.state,
            "reconnects": recorder.reconnects,
            "viewers": self._broadcast.count_viewers() + self._pictures.count_viewers(),
            "dropped_pictures": self._broadcast.count_dropped(),
            "video": None,
            "audio": None,
            "controls": list_orders(recorder) if self._takes_orders else [],
        }
        if shown:
            document["type"] = format_mp4_type(shown.formats)
            document["video"] = {
                "codec": shown.formats.video.codec,
                "width": shown.width,
                "height": shown.height,
            }
            if audio := shown.formats.audio:
                document["audio"] = {"codec": "aac", "sample_rate": audio.sample_rate}
        return document

    def _refuse_jpeg(self, container: str) -> None:
        shown = self._broadcast.programme
        if shown and shown.formats.video.codec is Codec.MJPEG:
            raise UnsupportedMedia(f"the camera sends Motion JPEG, which {container} cannot hold")

    def end(self) -> None:
        """Send every viewer home."""
        self._pictures.end()
        self._broadcast.end()
