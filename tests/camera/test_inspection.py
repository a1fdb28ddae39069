"""An inspection of a simulated camera: each part on its own, and what is missing is said."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.camera.counting import Counting
from tests.commands.recording_lab import TIMEOUT_S, wait_until
from tests.simulator.viewer import SMALL
from v380cli.camera import stream_sample
from v380cli.camera.access import Access
from v380cli.camera.inspection import Answer, Inspection, Inspector, Missing, Reason
from v380cli.camera.live import LiveStream
from v380cli.camera.stream_sample import StreamSample, take_sample
from v380cli.errors import CredentialsRefused, NetworkError, UnsupportedFirmware
from v380cli.media.audio import AudioCoding
from v380cli.media.sink import Codec
from v380cli.models import Device, Quality, Secret
from v380cli.simulator.camera import VARIANTS, CameraSpec, Pace
from v380cli.simulator.faults import parse_fault
from v380cli.simulator.firmware import SimulatedCamera, StreamOrder
from v380cli.simulator.radio import HotspotSpec
from v380cli.simulator.server import Simulator
from v380cli.simulator.settings.desk import Generation
from v380cli.simulator.tone import AudioKind
from v380cli.wire.live import StreamLoginReply, StreamLoginRequest
from v380cli.wire.provisioning import WifiSettings

CAMERA = replace(SMALL, pace=Pace.FAST)
SETTINGS = ("versions", "record", "clock", "network")
LEGACY = replace(
    CAMERA,
    accepts=VARIANTS["legacy"].accepts,
    device_version=VARIANTS["legacy"].device_version,
    settings=Generation.LEGACY,
)


@contextmanager
def run(spec: CameraSpec, *faults: str) -> Iterator[tuple[SimulatedCamera, Device]]:
    spec = replace(spec, faults=tuple(map(parse_fault, faults)))
    with Simulator([spec], discovery=None) as simulator:
        camera = simulator.cameras[0]
        yield (
            camera,
            Device(
                device_id=spec.device_id,
                host=camera.host,
                port=camera.port,
                password=spec.password,
            ),
        )


def inspect(spec: CameraSpec, *faults: str, streams: bool = False) -> Inspection:
    with run(spec, *faults) as (_, device):
        return Inspector(Access(device), streams=streams).run()


def list_settings(inspection: Inspection) -> list[object]:
    return [getattr(inspection, name) for name in SETTINGS]


def test_everything_that_a_camera_of_today_tells() -> None:
    inspection = inspect(CAMERA, streams=True)
    assert inspection.error is None
    assert inspection.ticket
    assert inspection.device.login_variant == "31-given-zero48"
    answers = [part for part in list_settings(inspection) if isinstance(part, Answer)]
    assert [answer.command for answer in answers] == [319, 313, 315, 311]
    hd, sd = inspection.streams.values()
    assert isinstance(hd, StreamSample)
    assert isinstance(sd, StreamSample)
    assert (hd.claimed_width, sd.claimed_width) == (192, 96)


def test_an_old_camera_is_asked_in_the_old_way() -> None:
    inspection = inspect(LEGACY)
    answers = [part for part in list_settings(inspection) if isinstance(part, Answer)]
    assert [answer.command for answer in answers] == [119, 113, 115, 111]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("setting-unsupported", Reason.NOT_OFFERED),
        ("setting-refused:1013", Reason.REFUSED),
        ("setting-silence", Reason.NO_ANSWER),
    ],
)
def test_settings_that_are_missing_do_not_end_it(fault: str, reason: Reason) -> None:
    inspection = inspect(CAMERA, fault, streams=True)
    assert inspection.error is None
    assert {part.reason for part in list_settings(inspection) if isinstance(part, Missing)} == {
        reason
    }
    assert all(isinstance(stream, StreamSample) for stream in inspection.streams.values())


def test_one_setting_that_is_missing_does_not_take_the_others_along() -> None:
    inspection = inspect(CAMERA, "setting-refused:1013*1")
    first, *others = list_settings(inspection)
    assert isinstance(first, Missing)
    assert all(isinstance(part, Answer) for part in others)


@pytest.mark.parametrize(
    ("fault", "reason"), [("busy", Reason.REFUSED), ("hang-up@frame:0", Reason.NO_ANSWER)]
)
def test_streams_that_are_missing_do_not_end_it(fault: str, reason: Reason) -> None:
    inspection = inspect(CAMERA, fault, streams=True)
    assert inspection.error is None
    for stream in inspection.streams.values():
        assert isinstance(stream, Missing)
        assert stream.reason is reason


def test_what_was_not_asked_is_not_called_missing_on_the_camera() -> None:
    inspection = inspect(CAMERA)
    assert {part.reason for part in inspection.streams.values() if isinstance(part, Missing)} == {
        Reason.NOT_ASKED
    }


def test_an_answer_that_makes_no_sense_does_not_end_it() -> None:
    with run(CAMERA) as (camera, device):
        sound = camera.settings[313]
        camera.settings[313] = replace(sound, answer=lambda _: b"\x7f" * 256)
        inspection = Inspector(Access(device), streams=False).run()
    assert isinstance(inspection.record, Missing)
    assert inspection.record.reason is Reason.NOT_UNDERSTOOD
    assert isinstance(inspection.clock, Answer)


@pytest.mark.parametrize("psk", ["", "secret99"])
@pytest.mark.parametrize("generation", [Generation.EX, Generation.LEGACY])
def test_of_a_psk_only_whether_it_is_there(generation: Generation, psk: str) -> None:
    hotspot = HotspotSpec(home_host="127.0.0.100", psk=Secret("another1"))
    with run(replace(CAMERA, hotspot=hotspot, settings=generation)) as (camera, device):
        camera.radio.tell(WifiSettings(ssid="home", psk=Secret(psk)))
        network = Inspector(Access(device), streams=False).run().network
    assert isinstance(network, Answer)
    assert network.value.ssid == "home"
    assert bool(network.value.psk_begin) == bool(psk)
    assert "secret99" not in repr(network)


def test_a_wrong_password_and_an_unknown_log_in_end_it() -> None:
    for fault, kind in (
        ("wrong-password", CredentialsRefused),
        ("unsupported", UnsupportedFirmware),
    ):
        inspection = inspect(CAMERA, fault)
        assert isinstance(inspection.error, kind)
        assert inspection.ticket is None


def test_a_camera_that_goes_away_ends_it_and_what_was_said_stays() -> None:
    with run(CAMERA) as (_, device):
        connections = Counting(limit=4)
        inspection = Inspector(Access(device, interrupt=connections)).run()
    assert isinstance(inspection.error, NetworkError)
    assert inspection.ticket
    assert isinstance(inspection.record, Answer)
    assert inspection.network == Missing(Reason.NOT_ASKED, "the camera was not asked")
    assert connections.count == 5, "a camera that is gone is not asked again"


def test_stop_does_not_wait_for_a_silent_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_sample, "KEYFRAME_WAIT_S", 10 * TIMEOUT_S)
    monkeypatch.setattr(LiveStream.read_media, "__kwdefaults__", {"silence_s": 10 * TIMEOUT_S})
    with run(CAMERA, "silence") as (camera, device):
        inspector = Inspector(Access(device))
        thread = threading.Thread(target=inspector.run)
        thread.start()
        wait_until(lambda: bool(camera.viewers))
        inspector.stop()
        thread.join(TIMEOUT_S)
        assert not thread.is_alive()


class TestSample:
    @pytest.mark.parametrize(
        ("changes", "codec", "audio"),
        [
            ({}, Codec.H264, AudioCoding.IMA_ADPCM),
            ({"codec": Codec.HEVC, "audio": AudioKind.ALAW}, Codec.HEVC, AudioCoding.ALAW),
            ({"audio": None}, Codec.H264, None),
            ({"device_version": 20}, Codec.H264, AudioCoding.IMA_ADPCM),
        ],
    )
    def test_what_a_stream_is(
        self, changes: dict[str, object], codec: Codec, audio: AudioCoding | None
    ) -> None:
        spec = replace(CAMERA, **changes)  # type: ignore[arg-type]
        with run(spec) as (_, device):
            sample = take_sample(Access(device), Quality.HD)
        assert (sample.codec, sample.audio, sample.fps) == (codec, audio, spec.fps)
        assert (sample.encryption == "clear") == (spec.device_version < 31)
        assert sample.keyframe

    def test_a_claim_is_told_as_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with run(CAMERA) as (camera, device):
            answer = camera.answer_stream_login

            def exaggerate(
                request: StreamLoginRequest,
            ) -> tuple[StreamLoginReply, StreamOrder | None]:
                reply, order = answer(request)
                return replace(reply, width=1920, height=1080), order

            monkeypatch.setattr(camera, "answer_stream_login", exaggerate)
            sample = take_sample(Access(device), Quality.HD)
        assert (sample.claimed_width, sample.claimed_height) == (1920, 1080)

    def test_a_wrong_password(self) -> None:
        with run(CAMERA) as (_, device), pytest.raises(CredentialsRefused):
            take_sample(Access(replace(device, password=Secret("wrong"))), Quality.HD)
