"""Which message a number is, by who sends it, and the sizes that it was seen with.

The one table from numbers to layouts: what is not in it is a message that nobody has described.
"""

from dataclasses import dataclass
from typing import ClassVar

from v380cli.wire.card.files import (
    FileControl,
    FileFinish,
    FileLogin,
    FileLoginReply,
    FilePageHeader,
    FilePlay,
    FilePlayReply,
    FileSearch,
)
from v380cli.wire.card.segments import (
    SegmentBlock,
    SegmentControl,
    SegmentListRequest,
    SegmentOpen,
    SegmentOpenReply,
    SegmentSearch,
    SegmentSearchReply,
)
from v380cli.wire.commands import REPLY_OFFSET, CardCommand, Command, SettingCommand, TalkCommand
from v380cli.wire.control import CONTROL_TYPES
from v380cli.wire.layout import I32, Annotated, Message
from v380cli.wire.live import StreamLoginReply, StreamLoginRequest, StreamStartRequest
from v380cli.wire.login_messages import (
    LegacyLoginReply,
    LegacyLoginRequest,
    LoginReply,
    LoginRequest,
)
from v380cli.wire.presets import (
    LEGACY_PRESET_REPLY_BYTES,
    EditPresetsRequest,
    LegacyEditPresetsRequest,
)
from v380cli.wire.settings.address import (
    AddressReply,
    LegacyAddressReply,
    LegacySetAddressRequest,
    SetAddressRequest,
)
from v380cli.wire.settings.alarm import (
    AlarmReply,
    ArmRequest,
    LegacyAlarmReply,
    LegacyArmRequest,
    LegacySetAlarmRequest,
    SetAlarmRequest,
)
from v380cli.wire.settings.clock import (
    ClockReply,
    LegacyClockReply,
    LegacySetClockRequest,
    SetClockRequest,
)
from v380cli.wire.settings.exchange import (
    EX_GET_REPLY_BYTES,
    EX_SET_REPLY_BYTES,
    LEGACY_BYTES,
    LegacyPlainRequest,
    SettingReply,
    SettingRequest,
)
from v380cli.wire.settings.light import LightReply, SetLightRequest
from v380cli.wire.settings.record import (
    LegacyRecordReply,
    LegacySetRecordRequest,
    RecordReply,
    SetRecordRequest,
)
from v380cli.wire.settings.users import LegacyUserReply, UserReply
from v380cli.wire.settings.wifi import (
    LegacyNetworkStateReply,
    LegacySetNetworksRequest,
    LegacySetUserRequest,
    LegacySetWifiRequest,
    NetworkStateReply,
    ScanFrame,
    SetUserRequest,
    SetWifiRequest,
)
from v380cli.wire.talk import (
    LegacyTalkStart,
    TalkAudio,
    TalkKeepAlive,
    TalkStart,
    TalkStartReply,
)
from v380cli.wire.versions import LegacyVersionsReply, UpdateReply, VersionsReply


@dataclass(frozen=True, slots=True, kw_only=True)
class BareNumber(Message):
    """A message of which nothing is known but its number."""

    SIZE: ClassVar[int] = 32
    MIN_SIZE: ClassVar[int] = 4

    command: Annotated[int, I32.at(0)]


@dataclass(frozen=True, slots=True)
class Entry:
    """The layout of a message, and the sizes in bytes that it comes in, the likeliest first."""

    layout: type[Message]
    sizes: tuple[int, ...]


def _entry(layout: type[Message], *sizes: int) -> Entry:
    return Entry(layout, sizes or (layout.SIZE,))


SET_REPLY_SIZES = (EX_SET_REPLY_BYTES, EX_GET_REPLY_BYTES)
LEGACY_SET_REPLY_SIZES = (LEGACY_BYTES, EX_SET_REPLY_BYTES)
WAIT_SIZES = (32, 16, 4)  # no source says; 32 is what recorded cameras send

SETTING_REQUESTS: dict[int, type[Message]] = {
    Command.SCAN_NETWORKS: SettingRequest,
    Command.GET_NETWORK: SettingRequest,
    Command.SET_USER: SetUserRequest,
    Command.SET_WIFI: SetWifiRequest,
    Command.EDIT_PRESETS: EditPresetsRequest,
    SettingCommand.GET_RECORD: SettingRequest,
    SettingCommand.SET_RECORD: SetRecordRequest,
    SettingCommand.GET_CLOCK: SettingRequest,
    SettingCommand.SET_CLOCK: SetClockRequest,
    SettingCommand.GET_USER: SettingRequest,
    SettingCommand.GET_VERSIONS: SettingRequest,
    SettingCommand.GET_ALARM: SettingRequest,
    SettingCommand.SET_ALARM: SetAlarmRequest,
    SettingCommand.LOOK_FOR_UPDATE: SettingRequest,
    SettingCommand.FORMAT_CARD: SettingRequest,
    SettingCommand.GET_ADDRESS: SettingRequest,
    SettingCommand.SET_ADDRESS: SetAddressRequest,
    SettingCommand.SET_ARMED: ArmRequest,
    SettingCommand.GET_LIGHT: SettingRequest,
    SettingCommand.SET_LIGHT: SetLightRequest,
}
LEGACY_SETTING_REQUESTS: dict[int, type[Message]] = {
    Command.LEGACY_SCAN_NETWORKS: LegacyPlainRequest,
    Command.LEGACY_GET_NETWORK: LegacyPlainRequest,
    Command.LEGACY_SET_NETWORKS: LegacySetNetworksRequest,
    Command.LEGACY_SET_USER: LegacySetUserRequest,
    Command.LEGACY_SET_WIFI: LegacySetWifiRequest,
    Command.LEGACY_EDIT_PRESETS: LegacyEditPresetsRequest,
    SettingCommand.LEGACY_GET_RECORD: LegacyPlainRequest,
    SettingCommand.LEGACY_SET_RECORD: LegacySetRecordRequest,
    SettingCommand.LEGACY_GET_CLOCK: LegacyPlainRequest,
    SettingCommand.LEGACY_SET_CLOCK: LegacySetClockRequest,
    SettingCommand.LEGACY_GET_USER: LegacyPlainRequest,
    SettingCommand.LEGACY_GET_VERSIONS: LegacyPlainRequest,
    SettingCommand.LEGACY_GET_ALARM: LegacyPlainRequest,
    SettingCommand.LEGACY_SET_ALARM: LegacySetAlarmRequest,
    SettingCommand.LEGACY_FORMAT_CARD: LegacyPlainRequest,
    SettingCommand.LEGACY_GET_ADDRESS: LegacyPlainRequest,
    SettingCommand.LEGACY_SET_ADDRESS: LegacySetAddressRequest,
    SettingCommand.LEGACY_SET_ARMED: LegacyArmRequest,
}
SETTING_REPLIES: dict[int, Entry] = {
    410: _entry(ScanFrame),
    210: _entry(ScanFrame, LEGACY_BYTES),
    510: _entry(BareNumber, EX_GET_REPLY_BYTES),
    310: _entry(BareNumber, LEGACY_BYTES),
    411: _entry(NetworkStateReply),
    211: _entry(LegacyNetworkStateReply),
    413: _entry(RecordReply),
    213: _entry(LegacyRecordReply),
    415: _entry(ClockReply),
    215: _entry(LegacyClockReply),
    417: _entry(UserReply),
    217: _entry(LegacyUserReply),
    419: _entry(VersionsReply),
    219: _entry(LegacyVersionsReply),
    421: _entry(AlarmReply),
    221: _entry(LegacyAlarmReply),
    427: _entry(UpdateReply),
    442: _entry(AddressReply),
    242: _entry(LegacyAddressReply),
    447: _entry(LightReply),
}

# Requests, controls and sound: what a client sends.
FROM_CLIENT: dict[int, Entry] = {
    Command.LOGIN: _entry(LoginRequest, 520, 256),
    Command.LEGACY_LOGIN: _entry(LegacyLoginRequest),
    Command.STREAM_LOGIN: _entry(StreamLoginRequest),
    Command.STREAM_START: _entry(StreamStartRequest),
    **{number: _entry(layout) for number, layout in SETTING_REQUESTS.items()},
    **{number: _entry(layout) for number, layout in LEGACY_SETTING_REQUESTS.items()},
    **{number: _entry(layout) for number, layout in CONTROL_TYPES.items()},
    CardCommand.FILE_SEARCH: _entry(FileSearch),
    CardCommand.FILE_PLAY: _entry(FilePlay),
    CardCommand.FILE_LOGIN: _entry(FileLogin),
    CardCommand.FILE_CONTROL: _entry(FileControl),
    CardCommand.FILE_FINISH: _entry(FileFinish),
    CardCommand.SEGMENT_SEARCH: _entry(SegmentSearch),
    CardCommand.SEGMENT_LIST: _entry(SegmentListRequest),
    CardCommand.SEGMENT_OPEN: _entry(SegmentOpen),
    CardCommand.SEGMENT_CONTROL: _entry(SegmentControl),
    TalkCommand.START: _entry(TalkStart),
    TalkCommand.LEGACY_START: _entry(LegacyTalkStart),
    TalkCommand.AUDIO: _entry(TalkAudio),
    TalkCommand.KEEP_ALIVE: _entry(TalkKeepAlive),
}

# Replies and notices: what a camera sends.
FROM_CAMERA: dict[int, Entry] = {
    **{
        number + REPLY_OFFSET: _entry(SettingReply, *SET_REPLY_SIZES) for number in SETTING_REQUESTS
    },
    **{
        number + REPLY_OFFSET: _entry(SettingReply, *LEGACY_SET_REPLY_SIZES)
        for number in LEGACY_SETTING_REQUESTS
    },
    Command.LEGACY_EDIT_PRESETS + REPLY_OFFSET: _entry(SettingReply, LEGACY_PRESET_REPLY_BYTES),
    **SETTING_REPLIES,
    Command.LOGIN_REPLY: _entry(LoginReply, 256, 520),
    Command.LEGACY_LOGIN_REPLY: _entry(LegacyLoginReply),
    Command.STREAM_LOGIN_REPLY: _entry(StreamLoginReply, 32, StreamLoginReply.LEGACY_SIZE),
    Command.STREAM_NOTICE: _entry(BareNumber, *WAIT_SIZES),
    Command.UNSUPPORTED: _entry(BareNumber, 256, 32, 412, 520, 16, 4),
    Command.UNSUPPORTED_SETTING: _entry(BareNumber, 256, 32, 412, 520, 16, 4),
    CardCommand.FILE_LIST: _entry(FilePageHeader),
    CardCommand.FILE_WAIT: _entry(FilePageHeader),
    CardCommand.FILE_PLAY_REPLY: _entry(FilePlayReply),
    CardCommand.FILE_LOGIN_REPLY: _entry(FileLoginReply),
    CardCommand.SEGMENT_SEARCH_REPLY: _entry(SegmentSearchReply),
    CardCommand.SEGMENT_BLOCK: _entry(SegmentBlock),
    CardCommand.SEGMENT_WAIT: _entry(BareNumber, *WAIT_SIZES),
    CardCommand.SEGMENT_OPEN_REPLY: _entry(SegmentOpenReply),
    CardCommand.RELAY_KEEP_ALIVE: _entry(BareNumber, *WAIT_SIZES),
    TalkCommand.START_REPLY: _entry(TalkStartReply),
    TalkCommand.LEGACY_START_REPLY: _entry(TalkStartReply, 16, 8),
}


def find_entry(number: int, *, from_camera: bool) -> Entry | None:
    """What is known of the message with this number; None for one that nobody has described."""
    return (FROM_CAMERA if from_camera else FROM_CLIENT).get(number)
