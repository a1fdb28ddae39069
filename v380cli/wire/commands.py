"""The numbers of the protocol. An unknown number stays an `int` and is carried on."""

from enum import IntEnum

REPLY_OFFSET = 100  # reply number = request number + 100 (section 0)


class Command(IntEnum):
    """Request and reply numbers, the first i32 of every message."""

    LEGACY_SCAN_NETWORKS = 110
    LEGACY_GET_NETWORK = 111
    LEGACY_SET_NETWORKS = 112  # hotspot and station in one
    LEGACY_SET_USER = 118
    LEGACY_SET_WIFI = 120
    LEGACY_EDIT_PRESETS = 129
    LEGACY_LOGIN = 167
    LEGACY_LOGIN_REPLY = 168
    STREAM_LOGIN = 301
    STREAM_LOGIN_REPLY = 401
    STREAM_START = 303
    STREAM_NOTICE = 2009  # comes between the records of a live stream; what it tells is unknown
    SCAN_NETWORKS = 310
    GET_NETWORK = 311
    SET_USER = 318
    SET_WIFI = 320
    EDIT_PRESETS = 329
    LOGIN = 1167
    LOGIN_REPLY = 1168
    UNSUPPORTED = -100
    UNSUPPORTED_SETTING = -300


class SettingCommand(IntEnum):
    """Requests that read and change settings (section 5b); the legacy ones are smaller by 200."""

    GET_RECORD = 313
    SET_RECORD = 314
    GET_CLOCK = 315
    SET_CLOCK = 316
    GET_USER = 317
    GET_VERSIONS = 319
    GET_ALARM = 321
    SET_ALARM = 322
    LOOK_FOR_UPDATE = 327
    FORMAT_CARD = 341
    GET_ADDRESS = 342
    SET_ADDRESS = 343
    SET_ARMED = 344
    GET_LIGHT = 347
    SET_LIGHT = 348
    LEGACY_GET_RECORD = 113
    LEGACY_SET_RECORD = 114
    LEGACY_GET_CLOCK = 115
    LEGACY_SET_CLOCK = 116
    LEGACY_GET_USER = 117
    LEGACY_GET_VERSIONS = 119
    LEGACY_GET_ALARM = 121
    LEGACY_SET_ALARM = 122
    LEGACY_FORMAT_CARD = 141
    LEGACY_GET_ADDRESS = 142
    LEGACY_SET_ADDRESS = 143
    LEGACY_SET_ARMED = 144


class CardCommand(IntEnum):
    """Requests for what is on the SD card, and what answers them (section 3)."""

    FILE_SEARCH = 150
    FILE_PLAY = 152
    FILE_LOGIN = 154
    FILE_CONTROL = 158
    FILE_FINISH = 159
    FILE_LIST = 250
    FILE_PLAY_REPLY = 252
    FILE_LOGIN_REPLY = 254
    FILE_WAIT = 260
    SEGMENT_SEARCH = 361
    SEGMENT_LIST = 362
    SEGMENT_OPEN = 363
    SEGMENT_CONTROL = 364
    SEGMENT_WAIT = 460  # or the end
    SEGMENT_SEARCH_REPLY = 461
    SEGMENT_BLOCK = 462
    SEGMENT_OPEN_REPLY = 463
    RELAY_KEEP_ALIVE = 2000


class ControlCommand(IntEnum):
    """Packets on the socket of a live stream; the camera answers none (section 5a)."""

    PTZ = 170
    PRESET = 171
    ORIENTATION = 190
    ZOOM = 195
    LIGHT = 196
    COLOR = 197
    LIGHT_SENSITIVITY = 198
    TRACKING = 199
    AUDIO = 8449


class TalkCommand(IntEnum):
    """What is said on the connection of a talk (section 4)."""

    LEGACY_START = 177
    AUDIO = 180
    KEEP_ALIVE = 188
    LEGACY_START_REPLY = 277
    START = 377
    START_REPLY = 477


class Result(IntEnum):
    """The result field of replies (section 8)."""

    OK = 1001
    OK_PLAYBACK = 1000
    STREAM_OK = 402  # what newer firmware says to 301 where older says 1001 (section 11)
    NO_SUCH_USER = 1011
    WRONG_PASSWORD = 1012
    NO_PRIVILEGE = 1013
    BAD_TIME = 1014
    BAD_HOTSPOT_PASSWORD = 1015
    BAD_STATION_PASSWORD = 1016
    BAD_PASSWORD = 1017
    WRONG_DEVICE_ID = 1018
    NO_NEW_VERSION = 1019
    NO_NETWORK = 1020
    VERIFY_FAILED = 1002
    FAILED = 2001
    FAILED_DEVICE_ID = 2002
    TICKET_EXPIRED = -11
    TICKET_INVALID = -12


class RecordMagic(IntEnum):
    """The first byte of a 12-byte record on the live stream (sections 2c and 11)."""

    FRAGMENT = 0x7F
    PARAMETERS = 0x1F
    IGNORED_FRAGMENT = 0x5B
    KEEP_ALIVE = 0x6F


class FrameType(IntEnum):
    """The u16 at [4] of a media frame (section 2c)."""

    H264_KEY = 0
    H264_DELTA = 1
    JPEG = 9
    PCM16 = 21
    IMA_ADPCM = 22
    AAC_ADTS = 24
    IMA_ADPCM_VARIANT = 25
    G711_ALAW = 26
    MPEG4_KEY = 36
    MPEG4_DELTA = 37
    HEVC_KEY = 40
    HEVC_DELTA = 41
    H264_KEY_TIMED = 50
    H264_DELTA_TIMED = 51
    HEVC_KEY_TIMED = 52
    HEVC_DELTA_TIMED = 53


H264_TYPES = frozenset({0, 1, 50, 51})
HEVC_TYPES = frozenset({40, 41, 52, 53})
MPEG4_TYPES = frozenset({36, 37})
VIDEO_TYPES = H264_TYPES | HEVC_TYPES
LIVE_VIDEO_TYPES = VIDEO_TYPES | MPEG4_TYPES | {FrameType.JPEG}
AUDIO_TYPES = frozenset({21, 22, 24, 25, 26})
