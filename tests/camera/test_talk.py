"""Talking to a simulated camera: who is let in, what it hears, and when."""

import selectors
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from typing import Any, cast

import pytest

from tests.commands.recording_lab import wait_until
from tests.simulator.viewer import SMALL
from tests.sounds import correlate, make_voice
from v380cli.camera.access import Access
from v380cli.camera.interrupt import Interrupt
from v380cli.camera.pacing import BLOCK_S, CATCH_UP_S, Pace
from v380cli.camera.talk import Talker
from v380cli.errors import (
    CameraBusy,
    CredentialsRefused,
    MediaError,
    NetworkError,
    NetworkTimeout,
    Refused,
)
from v380cli.models import Device, Secret
from v380cli.net.stream import TcpChannel
from v380cli.simulator.camera import ALL_ABILITIES, VARIANTS, CameraSpec
from v380cli.simulator.connection import Connection, State
from v380cli.simulator.faults import parse_fault
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.server import Simulator
from v380cli.simulator.settings.desk import Generation
from v380cli.simulator.talk_desk import HeardTalk
from v380cli.wire.refusals import TicketExpired
from v380cli.wire.talk import TalkForm

CLEAR = replace(SMALL, device_version=20)
LEGACY_LOGIN = replace(
    SMALL,
    accepts=VARIANTS["legacy"].accepts,
    device_version=VARIANTS["legacy"].device_version,
)
LEGACY_TALK = replace(SMALL, settings=Generation.LEGACY)
DRIFT_S = 0.02
SEND_S = 0.001  # what may not add up
VOICE = make_voice(0.7)


@dataclass
class Sound:
    """PCM that is there at once, but for `pauses`: before a block, call this instead."""

    pcm: bytes
    pauses: dict[int, Callable[[float], None]] = field(default_factory=dict)
    block: int = 0

    def start(self) -> None:
        pass

    def read(self, size: int, timeout_s: float) -> bytes | None:
        if pause := self.pauses.pop(self.block, None):
            pause(timeout_s)
            return None
        start = size * self.block
        self.block += 1
        return self.pcm[start : start + size]


# -- in no time, on the test's own clock -------------------------------------------------------


class Clock:
    """Time that goes by only where somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def go_on(self, seconds: float) -> None:
        self.now += seconds


class FakeChannel:
    """A channel to a camera's connection, both on one clock."""

    def __init__(self, camera: SimulatedCamera, clock: Clock) -> None:
        self._ours, theirs = socket.socketpair()
        self._ours.setblocking(False)
        theirs.setblocking(False)
        self._theirs, self._clock = theirs, clock
        self.connection = Connection(theirs, camera, clock.now)

    def send(self, data: bytes) -> None:
        self._clock.go_on(SEND_S)
        try:
            self._ours.sendall(data)
        except OSError:
            raise NetworkError("the connection broke") from None
        self._advance(selectors.EVENT_READ)

    def receive_into(self, buffer: bytearray, timeout_s: float) -> int:
        self._clock.go_on(0 if self._has_data() else max(timeout_s, 0.001))
        self._advance(0)
        try:
            return self._ours.recv_into(buffer)
        except BlockingIOError:
            raise NetworkTimeout("nothing") from None

    def close(self) -> None:
        self._ours.close()
        self._advance(selectors.EVENT_READ)
        self._theirs.close()

    def __enter__(self) -> "FakeChannel":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _has_data(self) -> bool:
        with selectors.DefaultSelector() as selector:
            selector.register(self._ours, selectors.EVENT_READ)
            return bool(selector.select(0))

    def _advance(self, events: int) -> None:
        for _ in range(2):  # the second says goodbye
            self.connection.advance(self._clock.now, events)
            events = 0


class FakeInterrupt(Interrupt):
    """Connects to a camera without a network."""

    def __init__(self, camera: SimulatedCamera, clock: Clock) -> None:
        super().__init__()
        self._camera, self._clock = camera, clock
        self.channels: list[FakeChannel] = []

    def connect(self, _host: str, _port: int) -> TcpChannel:
        self.channels.append(FakeChannel(self._camera, self._clock))
        return cast(TcpChannel, self.channels[-1])


@dataclass
class Stage:
    """A talker and a camera on one clock."""

    clock: Clock
    camera: SimulatedCamera
    interrupt: FakeInterrupt
    talker: Talker

    @property
    def heard(self) -> HeardTalk:
        (talk,) = self.camera.heard_talks
        return talk


def set_stage(spec: CameraSpec = SMALL, **options: Any) -> Stage:
    clock = Clock()
    camera = SimulatedCamera(spec, keep_sent=True)
    interrupt = FakeInterrupt(camera, clock)
    device = Device(device_id=spec.device_id, host="camera", password=spec.password)
    talker = Talker(Access(device, interrupt=interrupt), clock=clock, **options)
    return Stage(clock, camera, interrupt, talker)


def list_drifts(heard: HeardTalk) -> list[float]:
    """How far from its moment each block came, counted from the first."""
    first = heard.block_times_s[0]
    return [time - first - n * BLOCK_S for n, time in enumerate(heard.block_times_s)]


def test_a_minute_drifts_by_less_than_20_ms() -> None:
    stage = set_stage()
    stage.talker.run(Sound(make_voice(60.0)))
    drifts = list_drifts(stage.heard)
    assert len(drifts) == stage.talker.blocks == 951
    assert max(map(abs, drifts)) < DRIFT_S
    assert stage.talker.late_blocks == 0


def test_what_comes_late_is_caught_up_with() -> None:
    stage = set_stage()
    pauses = {10: lambda _: stage.clock.go_on(0.3), 20: lambda _: stage.clock.go_on(0.1)}
    stage.talker.run(Sound(make_voice(3.0), pauses))
    drifts = list_drifts(stage.heard)
    assert drifts[10] > 0.2
    assert abs(drifts[-1]) < DRIFT_S
    assert stage.talker.late_blocks == sum(drift > DRIFT_S for drift in drifts) > 2


def test_after_a_long_pause_nothing_is_hurried() -> None:
    stage = set_stage()
    sound = Sound(make_voice(3.0), {10: lambda _: stage.clock.go_on(2.0)})
    stage.talker.run(sound)
    gaps = [later - earlier for earlier, later in pairwise(stage.heard.block_times_s)]
    assert gaps[9] > CATCH_UP_S
    assert sorted(gaps[10:])[1] > BLOCK_S / 2, "only one goes back to the beat of the origin"
    assert stage.talker.late_blocks == 1


def test_the_camera_hears_of_us_every_three_seconds_whatever_the_source_does() -> None:
    stage = set_stage()

    class Stalling(Sound):
        def read(self, size: int, timeout_s: float) -> bytes | None:
            if self.block == 5 and stage.clock.now < 1060.0:
                stage.clock.go_on(timeout_s)
                return None
            return super().read(size, timeout_s)

    stage.talker.run(Stalling(make_voice(10.0)))
    times = [1000.0, *stage.heard.keep_alive_times_s, stage.clock.now]
    assert stage.clock.now > 1069
    assert max(later - earlier for earlier, later in pairwise(times)) < 3.0
    assert len(stage.heard.block_times_s) == stage.talker.blocks


def test_who_says_nothing_for_15_s_is_hung_up_on() -> None:
    stage = set_stage()
    sound = Sound(make_voice(3.0), {10: lambda _: stage.clock.go_on(16.0)})
    with pytest.raises(NetworkError, match=r"hung up after 0\.6 s"):
        stage.talker.run(sound)


def test_the_limit_is_one_of_time() -> None:
    stage = set_stage(limit_s=2.0)
    stage.talker.run(Sound(make_voice(10.0)))
    assert stage.talker.said_s == pytest.approx(2.0, abs=BLOCK_S)
    assert stage.talker.is_cut_off
    assert stage.clock.now - 1000 == pytest.approx(2.0, abs=0.1)


def test_the_limit_holds_for_a_source_that_says_nothing() -> None:
    stage = set_stage(limit_s=20.0)

    class Silent(Sound):
        def read(self, size: int, timeout_s: float) -> bytes | None:
            stage.clock.go_on(timeout_s)
            return None

    with pytest.raises(MediaError, match="no sound"):
        stage.talker.run(Silent(b""))
    assert stage.clock.now - 1000 == pytest.approx(20.0, abs=0.1)


def test_a_sound_of_just_the_limit_is_not_cut_off() -> None:
    stage = set_stage(limit_s=2.0)
    stage.talker.run(Sound(make_voice(2.0)))
    assert not stage.talker.is_cut_off
    assert stage.talker.blocks == 32


def test_the_last_block_is_filled_with_silence_and_heard_out() -> None:
    stage = set_stage()
    stage.talker.run(Sound(make_voice(0.1)))
    assert len(stage.heard.pcm) == 2 * 505 * 2
    assert not any(stage.heard.pcm[-200:-100:2])
    assert stage.clock.now - stage.heard.block_times_s[-1] > BLOCK_S * 0.9
    assert stage.interrupt.channels[-1].connection.state is State.CLOSED


def test_the_sequence_goes_round() -> None:
    stage = set_stage()
    stage.talker.run(Sound(bytes(1010 * 260)))
    assert stage.heard.sequences == [*range(1, 256), *range(5)]


def test_an_origin_and_steps() -> None:
    pace = Pace(5.0)
    for n in range(1, 1000):
        pace.leave(pace.due_s + 0.01)
        assert pace.due_s == pytest.approx(5.0 + n * BLOCK_S)
    assert pace.late_blocks == 0


# -- with real sockets -------------------------------------------------------------------------


@contextmanager
def open_camera(spec: CameraSpec, *faults: str) -> Iterator[SimulatedCamera]:
    spec = replace(spec, faults=tuple(map(parse_fault, faults)))
    with Simulator([spec], discovery=None, keep_sent=True) as simulator:
        yield simulator.cameras[0]


def await_heard(camera: SimulatedCamera, blocks: int) -> HeardTalk:
    """What it heard, once that are so many blocks."""
    (heard,) = camera.heard_talks
    wait_until(lambda: len(heard.sequences) >= blocks)
    return heard


def make_talker(
    camera: SimulatedCamera, interrupt: Interrupt | None = None, **options: Any
) -> Talker:
    password = options.pop("password", camera.spec.password)
    device = Device(
        device_id=camera.spec.device_id, host=camera.host, port=camera.port, password=password
    )
    return Talker(Access(device, interrupt=interrupt), **options)


@pytest.mark.parametrize(
    ("spec", "form", "encrypts"),
    [
        (SMALL, TalkForm.TICKET, True),
        (CLEAR, TalkForm.TICKET, False),
        (LEGACY_LOGIN, TalkForm.LEGACY, False),
        (LEGACY_TALK, TalkForm.LEGACY, False),
    ],
    ids=["encrypted", "clear", "legacy log-in", "377 is not known"],
)
def test_the_camera_hears_what_is_said(spec: CameraSpec, form: TalkForm, encrypts: bool) -> None:
    with open_camera(spec) as camera:
        talker = make_talker(camera)
        talker.run(Sound(VOICE))
        heard = await_heard(camera, talker.blocks)
    assert correlate(bytes(heard.pcm), VOICE) > 0.95
    assert (talker.form, talker.encrypts) == (form, encrypts)
    assert len(heard.keep_alive_times_s) >= 1


def test_three_real_seconds_keep_their_pace() -> None:
    with open_camera(SMALL) as camera:
        talker = make_talker(camera)
        talker.run(Sound(make_voice(3.0)))
        heard = await_heard(camera, talker.blocks)
    # from the middle of all delays: of a busy machine any single block may be late
    drifts = sorted(list_drifts(heard))
    assert abs(drifts[len(drifts) // 2]) < 0.1
    assert talker.blocks == len(drifts) == 48


def test_an_expired_ticket_is_renewed_once() -> None:
    with open_camera(SMALL, "talk-expired*1") as camera:
        make_talker(camera).run(Sound(VOICE[:2000]))
        assert len(camera.heard_talks) == 1
    with open_camera(SMALL, "talk-expired*2") as camera, pytest.raises(TicketExpired):
        make_talker(camera).run(Sound(VOICE[:2000]))


def test_a_camera_that_is_talked_to_already() -> None:
    with open_camera(SMALL, "talk-refused") as camera, pytest.raises(CameraBusy, match="refused"):
        make_talker(camera).run(Sound(VOICE))


def test_a_camera_that_hangs_up_in_the_middle_of_a_word() -> None:
    with (
        open_camera(SMALL, "talk-hang-up@0.4s") as camera,
        pytest.raises(NetworkError, match=r"hung up after 0\.\d s"),
    ):
        make_talker(camera).run(Sound(make_voice(5.0)))


def test_a_camera_that_goes_away_while_the_source_says_nothing() -> None:
    with ExitStack() as stack:
        camera = stack.enter_context(open_camera(SMALL))
        sound = Sound(VOICE, {3: lambda _: stack.close()})
        with pytest.raises(NetworkError):
            make_talker(camera).run(sound)


def test_a_wrong_password() -> None:
    with open_camera(SMALL) as camera, pytest.raises(CredentialsRefused):
        make_talker(camera, password=Secret("wrong")).run(Sound(VOICE))


def test_a_camera_that_cannot_listen_is_not_asked_unless_forced() -> None:
    mute = replace(SMALL, abilities=replace(ALL_ABILITIES, talk=0))
    with open_camera(mute) as camera:
        with pytest.raises(Refused, match="cannot listen") as caught:
            make_talker(camera).run(Sound(VOICE))
        assert "--force" in caught.value.hint
        assert camera.heard_talks == []
        make_talker(camera, force=True).run(Sound(VOICE[:2000]))
        assert len(camera.heard_talks) == 1


def test_an_interrupt_ends_it_at_once() -> None:
    with open_camera(SMALL) as camera:
        interrupt = Interrupt()
        talker = make_talker(camera, interrupt=interrupt)
        sound = Sound(make_voice(60.0))
        with pytest.raises(NetworkError, match="interrupted"):
            talker.run(sound, partial(_request_after, interrupt, talker, 5))
    assert talker.blocks == 5


def _request_after(interrupt: Interrupt, talker: Talker, blocks: int) -> None:
    if talker.blocks == blocks:
        interrupt.request()


def test_two_may_talk_at_once() -> None:
    with open_camera(SMALL) as camera:
        inner = make_talker(camera)
        sound = Sound(VOICE, {2: lambda _: inner.run(Sound(VOICE[:2000]))})
        make_talker(camera).run(sound)
        wait_until(lambda: [len(talk.sequences) for talk in camera.heard_talks] == [12, 2])
