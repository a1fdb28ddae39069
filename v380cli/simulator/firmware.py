"""One simulated camera: whom it lets in, what it answers, what it shows. No sockets."""

import time
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

from v380cli.models import Beacon, Quality, Secret
from v380cli.simulator.camera import CameraSpec, Pace, change_codec
from v380cli.simulator.card import Card
from v380cli.simulator.card_desk import CardDesk
from v380cli.simulator.control_desk import ControlDesk
from v380cli.simulator.faults import OTHER_SIZE_FAULTS, FaultLedger, Stage
from v380cli.simulator.footage import Footage, FootageSpec, load_footage
from v380cli.simulator.login_desk import LoginDesk
from v380cli.simulator.radio import Radio
from v380cli.simulator.settings.desk import SettingsDesk
from v380cli.simulator.settings.network import NetworkDesk
from v380cli.simulator.settings.presets import PresetDesk
from v380cli.simulator.settings.state import SettingsState
from v380cli.simulator.stream import Encrypt, Media, MediaStream, SentFrame, keep_clear
from v380cli.simulator.talk_desk import HeardTalk, TalkDesk
from v380cli.simulator.tone import describe_sound, load_tone
from v380cli.wire.card.words import SEGMENT_DEVICE_VERSION
from v380cli.wire.commands import Result
from v380cli.wire.crypto import MediaCipher, media_key
from v380cli.wire.live import (
    AUDIO_OFF,
    QUALITY_HD,
    WHOLE_BLOCK_VERSION,
    StreamLoginReply,
    StreamLoginRequest,
)
from v380cli.wire.login import LegacyLoginReply, LegacyLoginRequest, LoginReply, LoginRequest

STREAM_VERSION = 20  # of 401, where the camera does not encrypt whole blocks
STREAM_FAULTS = {"busy": Result.FAILED, "ticket-expired": Result.TICKET_EXPIRED}


@dataclass(frozen=True, slots=True)
class StreamOrder:
    """What a viewer asked for in 301 and gets after 303."""

    ticket: int
    quality: Quality
    with_audio: bool


class SimulatedCamera:
    """The other half of the protocol; `port` is where it listens once started.

    With `keep_sent`, `sent_access_units` has a list for each stream of what left whole, and
    `heard_talks` what each talker said.
    """

    def __init__(self, spec: CameraSpec, *, keep_sent: bool = False) -> None:
        self.spec = spec
        self.port = spec.port
        self.viewers = 0
        self.dropped_frames = 0
        self.sent_access_units: list[list[SentFrame]] = []
        self.heard_talks: list[HeardTalk] = []
        self._keep_sent = keep_sent
        self._began = time.monotonic()
        self._ledger = FaultLedger(spec.faults)
        self._media: dict[Quality, Media] = {}
        self.radio = Radio(spec.hotspot, spec.host)
        self.card = Card(spec.card, device_id=spec.device_id)
        self.settings_state = SettingsState(self, self.radio, self.card)
        self.controls = ControlDesk(
            spec.abilities if spec.audio else replace(spec.abilities, audio=0),
            device_id=spec.device_id,
            swapped=spec.swapped_ptz,
        )
        self.logins = LoginDesk(self, self._ledger)
        desk = SettingsDesk(
            self,
            NetworkDesk(self, self.radio),
            PresetDesk(self.controls),
            self.settings_state,
            self._ledger,
        )
        self.settings = desk.list_settings(spec.settings)

    def load(self) -> None:
        """Encode or read all that may be shown; takes seconds. MediaError for an unfit file."""
        for quality in Quality:
            footage = self.spec.list_footage()[quality]
            self._media[quality] = Media(
                footage=load_footage(footage),
                tone=load_tone(self.spec.audio) if self.spec.audio else None,
                other_codec=self._load_for({"codec-change"}, change_codec(footage)),
                other_size=self._load_for(OTHER_SIZE_FAULTS, self.spec.other_size(quality)),
            )

    def _load_for(self, faults: AbstractSet[str], footage: FootageSpec) -> Footage | None:
        return load_footage(footage) if faults & {f.name for f in self.spec.faults} else None

    def describe(self) -> dict[str, Any]:
        """What it is and where, for the person or script that started it."""
        footage = self._media[Quality.HD].footage
        return {
            "id": self.spec.device_id,
            "name": self.spec.name,
            "address": f"{self.host}:{self.port}",
            "host": self.host,
            "port": self.port,
            "mac": self.mac,
            "video": f"{footage.codec} {footage.width}x{footage.height}",
            "audio": self.spec.audio,
            "encrypted": self.spec.encrypts,
        }

    @property
    def host(self) -> str:
        """Where it can be reached; empty while it changes networks."""
        return self.radio.host

    @property
    def user(self) -> str:
        """The one whom it lets in."""
        return self.spec.list_users()[0]

    @property
    def password(self) -> Secret:
        """The one that counts by now."""
        return self.logins.password

    @property
    def netmask(self) -> str:
        return self.spec.netmask

    @property
    def mac(self) -> str:
        """The one it was given, or one of the locally administered range with its id."""
        own = b"\x02\x00" + self.spec.device_id.to_bytes(4, "big")
        return self.spec.mac or ":".join(f"{byte:02x}" for byte in own)

    def make_beacon(self, kind: str, ip: str) -> Beacon:
        """What it says of itself to a prober that reaches it at `ip`."""
        return Beacon(
            kind=kind,
            device_id=self.spec.device_id,
            ip=ip,
            mac=self.mac,
            netmask=self.spec.netmask,
            port=self.port,
            config_id=self.radio.config_id or self.spec.config_id,
        )

    def answer_login(self, request: LoginRequest) -> LoginReply:
        """Answer 1167 with 1168."""
        return self.logins.answer_login(request)

    def answer_legacy_login(self, request: LegacyLoginRequest) -> LegacyLoginReply:
        """Answer 167 with 168."""
        return self.logins.answer_legacy_login(request)

    def answer_stream_login(
        self, request: StreamLoginRequest
    ) -> tuple[StreamLoginReply, StreamOrder | None]:
        """Answer 301 with 401; without an order it is a refusal."""
        verdict = STREAM_FAULTS.get(self._ledger.take(Stage.STREAM_LOGIN)) or self._admit(request)
        if verdict is not Result.STREAM_OK:
            return StreamLoginReply(result=verdict), None
        quality = Quality.HD if request.quality == QUALITY_HD else Quality.SD
        footage = self._media[quality].footage
        reply = StreamLoginReply(
            # newer firmware has the short reply and 402, older the long one and 1001
            result=Result.STREAM_OK if self.spec.reply_size == StreamLoginReply.SIZE else Result.OK,
            version=WHOLE_BLOCK_VERSION if self.spec.encrypts_whole_blocks else STREAM_VERSION,
            width=footage.width,
            height=footage.height,
            max_packet=self.spec.max_payload,
            **describe_sound(self.spec.audio),
        )
        return reply, StreamOrder(request.ticket, quality, request.audio != AUDIO_OFF)

    def _admit(self, request: StreamLoginRequest) -> Result:
        verdict = self.check_ticket(request.device_id, request.ticket)
        if verdict is not Result.OK:
            return verdict
        # PROTOCOL.md knows no number for "too many viewers": 2001 is its general refusal
        return Result.STREAM_OK if self.viewers < self.spec.max_viewers else Result.FAILED

    def check_ticket(self, device_id: int, ticket: int) -> Result:
        """Whether somebody with this ticket may ask."""
        return self.logins.check_ticket(device_id, ticket)

    def check_user(self, device_id: int, username: str, password: str) -> Result:
        """Whether somebody with this password may ask."""
        return self.logins.check_user(device_id, username, password)

    def read_cipher(self, random_key: bytes, cipher: bytes) -> str:
        """A password in the first form that this camera takes."""
        return self.logins.read_cipher(random_key, cipher)

    def set_password(self, password: Secret) -> None:
        """Take a new device password."""
        self.logins.password = password

    def set_user(self, name: str, password: Secret) -> None:
        """Take a new password, and a new name unless it is one that it goes by."""
        if name not in self.spec.list_users():
            self.spec = replace(self.spec, username=name)
        self.logins.password = password

    @property
    def speaks_segments(self) -> bool:
        """Which generation of the card's protocol it knows."""
        return self.spec.device_version >= SEGMENT_DEVICE_VERSION

    def open_card_desk(self) -> CardDesk:
        """What answers the requests of one connection for the card."""
        return CardDesk(self, self.card, self._ledger)

    def open_talk_desk(self) -> TalkDesk:
        """What hears those who talk on one connection."""
        return TalkDesk(self, self._ledger)

    def note_talk(self) -> HeardTalk | None:
        """Where to note what somebody says, if that is wanted."""
        if not self._keep_sent:
            return None
        self.heard_talks.append(HeardTalk())
        return self.heard_talks[-1]

    def open_stream(self, order: StreamOrder) -> MediaStream:
        """The media that 303 lets flow; in the camera's pace, from where the loop is by now."""
        media = self._media[order.quality]
        sent: list[SentFrame] | None = [] if self._keep_sent else None
        if sent is not None:
            self.sent_access_units.append(sent)
        encrypt_video, encrypt_audio = self.choose_encryption(order.ticket)
        return MediaStream(
            media if order.with_audio else replace(media, tone=None),
            start_ms=time.time_ns() // 1_000_000,
            max_payload=self.spec.max_payload,
            join_s=time.monotonic() - self._began if self.spec.pace is Pace.CAMERA else 0.0,
            encrypt_video=encrypt_video,
            encrypt_audio=encrypt_audio,
            ledger=self._ledger,
            sent=sent,
        )

    def choose_encryption(self, ticket: int) -> tuple[Encrypt, Encrypt]:
        """For video and for audio (PROTOCOL.md, sections 2b and 11)."""
        if not self.spec.encrypts:
            return keep_clear, keep_clear
        cipher = MediaCipher(media_key(ticket))
        if self.spec.encrypts_whole_blocks:
            return cipher.encrypt_video_whole_blocks, cipher.encrypt_audio
        return cipher.encrypt_video, cipher.encrypt_audio
