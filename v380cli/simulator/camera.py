"""What a simulated camera is like."""

import datetime as dt
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from v380cli.media.sink import Codec
from v380cli.models import DEFAULT_USERNAME, Quality, Secret
from v380cli.simulator.card import CardSpec, CardState
from v380cli.simulator.faults import Fault
from v380cli.simulator.footage import FootageSpec
from v380cli.simulator.radio import HotspotSpec
from v380cli.simulator.scenes import LOOP_S, SceneName
from v380cli.simulator.settings.desk import Generation
from v380cli.simulator.tone import AudioKind
from v380cli.wire.abilities import Abilities, ColorMode, Light, Tracking
from v380cli.wire.crypto import PasswordForm

ENCRYPTING_DEVICE_VERSION = 31  # from here on media are encrypted (PROTOCOL.md, section 2b)
SD_BITRATE_DIVISOR = 4


NO_CARD = CardSpec(state=CardState.MISSING)
ALL_ABILITIES = Abilities(
    audio=1,
    talk=1,
    ptz=1,
    flip=1,
    presets=1,
    preset_count=8,
    light=Light.AUTO,
    voice_control=1,
    color_mode=ColorMode.AUTO,
    tracking=Tracking.OFF,
    light_sensitivity=2,
    zoom=1,
)


class UserForm(StrEnum):
    """Who the camera wants to be told."""

    GIVEN = "given"
    DEVICE_ID = "device-id"


class Pace(StrEnum):
    """Frames at their times, lost when the reader is slow; or as fast as it reads, none lost."""

    CAMERA = "camera"
    FAST = "fast"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepts:
    """Which log-ins a camera takes (PROTOCOL.md, section 11); `legacy` is 167."""

    versions: frozenset[int] = frozenset({31})
    users: frozenset[UserForm] = frozenset({UserForm.GIVEN})
    passwords: frozenset[PasswordForm] = frozenset({PasswordForm.ZERO48})
    legacy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A generation of firmware: its log-in and its device version."""

    accepts: Accepts
    device_version: int


VARIANTS = {
    "today": Variant(accepts=Accepts(), device_version=31),
    "today-id-user": Variant(
        accepts=Accepts(users=frozenset({UserForm.DEVICE_ID})), device_version=31
    ),
    "older": Variant(
        accepts=Accepts(versions=frozenset({2}), passwords=frozenset({PasswordForm.PKCS7_TWICE})),
        device_version=20,
    ),
    "oldest": Variant(
        accepts=Accepts(versions=frozenset({2}), passwords=frozenset({PasswordForm.SHORT16})),
        device_version=20,
    ),
    "legacy": Variant(accepts=Accepts(versions=frozenset(), legacy=True), device_version=2),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSpec:
    """One camera; the defaults are a camera of today on a free port of loopback.

    `max_payload` is the longest fragment (500 on old cameras, up to 20000 on new ones).
    `reply_size` is that of 401: 32, or 412 on older firmware. `clock` is the time of day that the
    picture shows first. `picture_id` is the id burnt into it (0: the own one); cameras that agree
    in it share their footage. `file` is played instead of the drawn picture, and a `scene` has
    something happen in it. With a `hotspot` it is out of the box. `settings` says which settings
    commands it knows. `swapped_ptz` is a motor that has left and right the other way. What is said
    to it goes into WAV files in `talk_folder`.
    """

    device_id: int
    name: str = ""
    host: str = "127.0.0.1"
    port: int = 0
    mac: str = ""
    netmask: str = "255.0.0.0"
    config_id: int = 0
    username: str = DEFAULT_USERNAME
    password: Secret = field(default_factory=Secret)
    accepts: Accepts = field(default_factory=Accepts)
    device_version: int = ENCRYPTING_DEVICE_VERSION
    encrypts_whole_blocks: bool = False
    ticket_lifetime_s: float = 3600.0
    closes_after_login: bool = True
    max_viewers: int = 8
    codec: Codec = Codec.H264
    width: int = 1280
    height: int = 720
    fps: int = 15
    bitrate: int = 1_500_000
    gop_s: float = 2.0
    loop_s: float = 10.0
    clock: dt.time = dt.time(0)
    picture_id: int = 0
    file: Path | None = None
    scene: SceneName | None = None
    audio: AudioKind | None = AudioKind.IMA
    max_payload: int = 500
    reply_size: int = 32
    pace: Pace = Pace.CAMERA
    faults: tuple[Fault, ...] = ()
    hotspot: HotspotSpec | None = None
    settings: Generation = Generation.EX
    abilities: Abilities = ALL_ABILITIES
    swapped_ptz: bool = False
    card: CardSpec = NO_CARD
    talk_folder: Path | None = None

    @property
    def encrypts(self) -> bool:
        return self.device_version >= ENCRYPTING_DEVICE_VERSION

    def list_users(self) -> list[str]:
        """The user names that it knows."""
        names = {UserForm.GIVEN: self.username, UserForm.DEVICE_ID: str(self.device_id)}
        return [names[form] for form in self.accepts.users]

    def list_footage(self) -> dict[Quality, FootageSpec]:
        """What it shows in each quality; a file has one only."""
        hd = FootageSpec(
            codec=self.codec,
            width=self.width,
            height=self.height,
            fps=self.fps,
            bitrate=self.bitrate,
            gop_s=self.gop_s,
            loop_s=LOOP_S if self.scene else self.loop_s,
            device_id=self.picture_id or self.device_id,
            clock=self.clock,
            file=self.file,
            scene=self.scene,
        )
        return {Quality.HD: hd, Quality.SD: hd if self.file else halve(hd)}

    def other_size(self, quality: Quality) -> FootageSpec:
        """What it shows after a change of size: the other stream's, or a picture for a file."""
        hd = self.list_footage()[Quality.HD]
        return hd if quality is Quality.SD and not self.file else halve(hd)


def halve(footage: FootageSpec) -> FootageSpec:
    """Half the width and height (even, as 4:2:0 needs them), a quarter of the bit rate."""
    return replace(
        footage,
        width=footage.width // 4 * 2,
        height=footage.height // 4 * 2,
        bitrate=footage.bitrate // SD_BITRATE_DIVISOR,
        file=None,
    )


def change_codec(footage: FootageSpec) -> FootageSpec:
    """The same in another codec; a file gives way to the drawn picture."""
    other = Codec.HEVC if footage.codec is Codec.H264 else Codec.H264
    return replace(footage, codec=other, file=None)
