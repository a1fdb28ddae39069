"""A simulated camera with a small card, and links to it that break where a test says."""

import contextlib
import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tests.readback import split_units
from v380cli.camera.access import Access
from v380cli.camera.fetch import Fetcher
from v380cli.camera.frame_clock import FrameClock
from v380cli.camera.interrupt import Interrupt
from v380cli.camera.recordings import CardReader, CardRecording, list_recordings
from v380cli.camera.remux import RecordingWriter
from v380cli.camera.wall_clock import CameraZone
from v380cli.errors import NetworkError
from v380cli.models import Device, RecordedFile, Secret
from v380cli.net.stream import TcpChannel
from v380cli.simulator.camera import VARIANTS, CameraSpec
from v380cli.simulator.card import CardSpec, make_entry
from v380cli.simulator.faults import parse_fault
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.server import Simulator
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.segmented import SegmentedSink
from v380cli.store.spool import Spool
from v380cli.wire.card.words import CardEntry, RecordingKind
from v380cli.wire.commands import VIDEO_TYPES

DAY = dt.date(2026, 11, 20)
UTC = CameraZone(dt.UTC)
SECONDS = 12
ENTRIES = (
    make_entry(1, RecordingKind.NORMAL, dt.datetime(2026, 11, 20, 8, 0), SECONDS),
    make_entry(2, RecordingKind.MOTION, dt.datetime(2026, 11, 20, 8, 1, 5), SECONDS),
    make_entry(3, RecordingKind.ALARM, dt.datetime(2026, 11, 20, 23, 59, 55), SECONDS),
)
SMALL_CARD = CardSpec(
    entries=ENTRIES, width=192, height=128, fps=10, gop_s=1, bitrate=300_000, packet_bytes=400
)
GENERATIONS = {"segments": "today", "clear-segments": "older", "files": "legacy"}


@contextlib.contextmanager
def simulate_card(
    card: CardSpec = SMALL_CARD, *faults: str, variant: str = "today", **changes: object
) -> Iterator[SimulatedCamera]:
    spec = CameraSpec(
        device_id=87654321,
        password=Secret("secret1"),
        width=192,
        height=128,
        gop_s=0.4,
        loop_s=0.4,
        accepts=VARIANTS[variant].accepts,
        device_version=VARIANTS[variant].device_version,
        card=card,
        faults=tuple(parse_fault(text) for text in faults),
    )
    with Simulator([replace(spec, **changes)], discovery=None) as simulator:  # type: ignore[arg-type]
        yield simulator.cameras[0]


def make_reader(camera: SimulatedCamera, interrupt: Interrupt | None = None) -> CardReader:
    device = Device(
        device_id=camera.spec.device_id,
        host=camera.host,
        port=camera.port,
        password=camera.spec.password,
    )
    return CardReader(Access(device, interrupt=interrupt))


def find_recording(reader: CardReader, number: int = 1) -> CardRecording:
    found = list_recordings(reader, [DAY], UTC)
    return next(recording for recording in found if recording.entry.number == number)


def list_units(camera: SimulatedCamera, entry: CardEntry, start_s: float = 0) -> list[list[bytes]]:
    """The NAL units of each access unit on the card."""
    return [
        split_units(camera.spec.card.codec, frame.payload)
        for frame in camera.card.list_frames(entry, start_s)
        if frame.frame_type in VIDEO_TYPES
    ]


def fetch(
    reader: CardReader, recording: CardRecording, folder: Path, **options: float
) -> tuple[Fetcher, Spool]:
    spool = Spool(folder / "frames", "test")
    fetcher = Fetcher(reader, recording, spool, **options)  # type: ignore[arg-type]
    with contextlib.ExitStack() as stack:
        stack.callback(spool.close)
        fetcher.run()
        stack.pop_all()
    return fetcher, spool


def write_file(
    recording: CardRecording,
    spool: Spool,
    path: Path,
    container: ContainerFormat = ContainerFormat.MP4,
) -> list[RecordedFile]:
    writer = RecordingWriter(recording, FrameClock(recording.entry, fps=spool.fps))
    sink = SegmentedSink(lambda _: path, container, writer.read_clock)
    writer.open(sink)
    writer.write(spool.read_frames())
    writer.close()
    spool.close()
    return sink.files


class CutLink(Interrupt):
    """Connects to the camera, and cuts each playback after so many bytes, while there are cuts."""

    def __init__(self, cuts: Iterator[int]) -> None:
        super().__init__()
        self.made = 0
        self._cuts = cuts

    def connect(self, host: str, port: int) -> TcpChannel:
        return self._limit(super().connect(host, port))

    def _limit(self, channel: TcpChannel) -> TcpChannel:
        left: int | None = None
        is_playback = False
        send, receive_into = channel.send, channel.receive_into

        def send_and_see(data: bytes) -> None:
            nonlocal left, is_playback
            if data[:4] in (b"\x6b\x01\0\0", b"\x98\0\0\0") and not is_playback:  # 363, 152
                is_playback, left = True, next(self._cuts, None)
            send(data)

        def receive_until_cut(buffer: bytearray | memoryview, timeout_s: float) -> int:
            nonlocal left
            if left is None:
                return receive_into(buffer, timeout_s)
            if left <= 0:
                self.made += 1
                channel.interrupt()
                raise NetworkError("the test has cut the link")
            count = receive_into(memoryview(buffer)[:left], timeout_s)
            left -= count
            return count

        channel.send = send_and_see  # type: ignore[method-assign]
        channel.receive_into = receive_until_cut  # type: ignore[method-assign]
        return channel
