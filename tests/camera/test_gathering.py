"""Reading in lumps changes what a recording costs, not what is in it; viewers wait for no lump."""

import threading
from dataclasses import replace
from pathlib import Path

import av
import pytest

from tests.camera.test_recording import SMALL, TIMEOUT_S, make_device, record, simulate
from v380cli.camera.access import Access
from v380cli.camera.recorder import Recorder, RecordOptions
from v380cli.media.sink import Formats, Packet
from v380cli.simulator.camera import Pace
from v380cli.simulator.tone import AudioKind

PICTURES, SOUNDS = 30, 15
FOREVER_S = 3600.0


def list_packets(path: Path, kind: str) -> list[tuple[object, ...]]:
    """The table of a track's packets, and what is in them."""
    with av.open(path) as source:
        stream = next(stream for stream in source.streams if stream.type == kind)
        return [
            (packet.pts, packet.dts, packet.is_keyframe, bytes(packet))
            for packet in source.demux(stream)
            if packet.size
        ]


def decode_sound(path: Path) -> bytes:
    with av.open(path) as source:
        return b"".join(frame.to_ndarray().tobytes() for frame in source.decode(audio=0))


@pytest.mark.parametrize("audio", [AudioKind.IMA, AudioKind.ALAW, AudioKind.AAC])
def test_a_recording_is_the_same_in_lumps_and_frame_by_frame(
    audio: AudioKind, tmp_path: Path
) -> None:
    paths = []
    with simulate(replace(SMALL, audio=audio)) as camera:
        for is_prompt in (False, True):
            folder = tmp_path / str(is_prompt)
            folder.mkdir()
            _, (file,) = record(camera, folder, duration_s=3.0, prompt=is_prompt)
            paths.append(file.path)
    for kind, least in (("video", PICTURES), ("audio", SOUNDS)):
        lumps, singly = (list_packets(path, kind) for path in paths)
        common = min(len(lumps), len(singly)) - 1  # how long the last one lasts is the file's end
        assert common >= least
        assert lumps[:common] == singly[:common]
    lumps_pcm, singly_pcm = map(decode_sound, paths)
    common = min(len(lumps_pcm), len(singly_pcm)) * 9 // 10
    assert lumps_pcm[:common] == singly_pcm[:common]


class Ear:
    """A sink that knows when the first picture is there."""

    def __init__(self) -> None:
        self.has_heard = threading.Event()

    def open(self, formats: Formats, first_keyframe: bytes) -> None:
        pass

    def write(self, packet: Packet) -> None:
        self.has_heard.set()

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("fault", "audio"),
    [("silence@frame:1", False), ("no-video@frame:1", True)],
    ids=["nothing after the first picture", "sound after the first picture"],
)
def test_who_looks_on_gets_a_picture_before_the_next_one_is_sent(fault: str, audio: bool) -> None:
    ear = Ear()
    with simulate(replace(SMALL, pace=Pace.CAMERA), fault) as camera:
        options = RecordOptions(prompt=True, audio=audio, silence_s=FOREVER_S)
        recorder = Recorder(Access(make_device(camera)), ear, options)
        thread = threading.Thread(target=recorder.run)
        thread.start()
        try:
            assert ear.has_heard.wait(TIMEOUT_S)
            assert recorder.video_frames == 1
        finally:
            recorder.stop()
            thread.join()
