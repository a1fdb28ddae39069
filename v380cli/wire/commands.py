"""The numbers of the protocol. An unknown number stays an `int` and is carried on."""

from enum import IntEnum

REPLY_OFFSET = 100  # reply number = request number + 100 (section 0)


class Command(IntEnum):
    """Request and reply numbers, the first i32 of every message."""

    LEGACY_LOGIN = 167
    LEGACY_LOGIN_REPLY = 168
    STREAM_LOGIN = 301
    STREAM_LOGIN_REPLY = 401
    STREAM_START = 303
    LOGIN = 1167
    LOGIN_REPLY = 1168
    UNSUPPORTED = -100
    UNSUPPORTED_SETTING = -300


class Result(IntEnum):
    """The result field of replies (section 8)."""

    OK = 1001
    OK_PLAYBACK = 1000
    STREAM_OK = 402  # what newer firmware says to 301 where older says 1001 (section 11)
    NO_SUCH_USER = 1011
    WRONG_PASSWORD = 1012
    NO_PRIVILEGE = 1013
    WRONG_DEVICE_ID = 1018
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
VIDEO_TYPES = H264_TYPES | HEVC_TYPES
AUDIO_TYPES = frozenset({21, 22, 24, 25, 26})
