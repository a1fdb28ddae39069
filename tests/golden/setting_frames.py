"""Messages of settings in both families as literal bytes, by hand from PROTOCOL.md, 1a and 5b.

Each line is `offset: bytes`, as in the worked example of section 1a; the rest is zeros. Who asks is
device 12345678 (4e61bc00) with ticket 0x11223344 (44332211), or `admin` (61646d696e) with `pw`
(7077). Numbers: 1000 e803, 1001 e903, 1100 4c04, 1200 b004, 1400 7805, 1007 ef03, 1234 d204.
"""

EX_REQUEST, EX_GET_REPLY, EX_SET_REPLY, LEGACY = 256, 256, 32, 412

WINDOWS = "0102030405060708090a0b0c0d0e0f101112131415"
ALARM_NUMBERS = """e8030000 e9030000 e8030000 e8030000 e9030000 0c000000
                   e8030000 e9030000 e8030000 00000000 d2040000"""
TIME = "323032362d31312d32342030383a33303a3035"  # 2026-11-24 08:30:05
IP, MASK = "3139322e3136382e312e3630", "3235352e3235352e3235352e30"  # 192.168.1.60 255.255.255.0
GATEWAY = "3139322e3136382e312e31"  # 192.168.1.1
DNS, DNS2 = "392e392e392e39", "312e312e312e31"  # 9.9.9.9 1.1.1.1
LEGACY_USER = "4: 61646d696e / 36: 7077"

# size and bytes, by the number of the message
TEXTS: dict[int, tuple[int, str]] = {
    # record plan
    313: (EX_REQUEST, "0: 39010000 4e61bc00 01 44332211"),
    413: (
        EX_GET_REPLY,
        """0: 9d010000 e9030000 01 / 9: 4c040000 b0040000 78050000 e4760000 d2040000
        / 29: 01000001000000 / 37: ef03 e903 f4ff 01""",
    ),
    314: (
        EX_REQUEST,
        "0: 3a010000 4e61bc00 01 44332211 / 13: 4c040000 b0040000 78050000 ef03 e903",
    ),
    414: (EX_SET_REPLY, "0: 9e010000 e9030000 01"),
    113: (LEGACY, f"0: 71000000 / {LEGACY_USER} / 68: 4e61bc00"),
    213: (
        LEGACY,
        """0: d5000000 e9030000 / 8: 4c040000 b0040000 78050000 e4760000 d2040000
        / 28: 01000001000000 / 36: ef03 e903 f4ff 01""",
    ),
    114: (
        LEGACY,
        f"0: 72000000 / {LEGACY_USER} / 68: 4c040000 b0040000 78050000 4e61bc00 ef03 e903",
    ),
    214: (LEGACY, "0: d6000000 e9030000"),
    # card
    341: (EX_REQUEST, "0: 55010000 4e61bc00 01 44332211"),
    441: (EX_SET_REPLY, "0: b9010000 e9030000 01"),
    141: (LEGACY, f"0: 8d000000 / {LEGACY_USER} / 68: 4e61bc00"),
    241: (LEGACY, "0: f1000000 e9030000"),
    # clock
    315: (EX_REQUEST, "0: 3b010000 4e61bc00 01 44332211"),
    415: (
        EX_GET_REPLY,
        f"0: 9f010000 e9030000 01 / 9: 07000000 / 13: {TIME} / 45: 15000000 01 f0f1ffff",
    ),
    316: (
        EX_REQUEST,
        f"0: 3c010000 4e61bc00 01 44332211 / 13: 07000000 / 17: {TIME} / 49: 15000000 01 f0f1ffff",
    ),
    416: (EX_SET_REPLY, "0: a0010000 e9030000 01"),
    115: (LEGACY, f"0: 73000000 / {LEGACY_USER} / 68: 4e61bc00"),
    215: (
        LEGACY,
        f"0: d7000000 e9030000 / 8: 07000000 / 12: {TIME} / 44: 15000000 01 f0f1ffff",
    ),
    116: (
        LEGACY,
        f"""0: 74000000 / {LEGACY_USER} / 68: 07000000 / 72: {TIME} / 104: 4e61bc00
        / 108: 15000000 01 f0f1ffff""",
    ),
    216: (LEGACY, "0: d8000000 e9030000"),
    # user and password; 418 and 218 have no more than a result
    317: (EX_REQUEST, "0: 3d010000 4e61bc00 01 44332211"),
    417: (
        EX_GET_REPLY,
        """0: a1010000 e9030000 01 / 17: 01000000 61646d696e
        / 53: 73686f776e2d696e2d636c656172""",
    ),
    117: (LEGACY, f"0: 75000000 / {LEGACY_USER} / 68: 4e61bc00"),
    217: (
        LEGACY,
        """0: d9000000 e9030000 / 8: 01000000 / 16: 01000000 61646d696e
        / 52: 73686f776e2d696e2d636c656172""",
    ),
    118: (
        LEGACY,
        f"""0: 76000000 / {LEGACY_USER} / 68: 05000000 6f70657261746f72 / 104: 73656372657431
        / 136: 4e61bc00""",
    ),
    418: (EX_SET_REPLY, "0: a2010000 e9030000 01"),
    218: (LEGACY, "0: da000000 e9030000"),
    # versions
    319: (EX_REQUEST, "0: 3f010000 4e61bc00 01 44332211"),
    419: (
        EX_GET_REPLY,
        """0: a3010000 e9030000 01 / 9: 4170705f312e32 / 41: 323032362d30352d3034
        / 51: 4b5f332e34 / 83: 323032352d31312d3230 / 93: 48575f37 / 125: 323032352d30312d3135
        / 135: 01 4d000000 4170705f312e33""",
    ),
    119: (LEGACY, f"0: 77000000 / {LEGACY_USER} / 68: 4e61bc00"),
    219: (
        LEGACY,
        """0: db000000 e9030000 / 8: 4170705f312e32 / 72: 323032362d30352d3034
        / 82: 4b5f332e34 / 146: 323032352d31312d3230 / 156: 48575f37 / 220: 323032352d30312d3135
        / 230: 01 4d000000 4170705f312e33""",
    ),
    327: (EX_REQUEST, "0: 47010000 4e61bc00 01 44332211"),
    427: (
        EX_GET_REPLY,
        """0: ab010000 e9030000 01 / 9: 0a000000 / 13: 4170705f312e32 / 45: 323032362d30352d3034
        / 65: 0b000000 / 69: 4170705f312e33 / 101: 323032362d31302d3031 / 121: 626574746572""",
    ),
    # alarm; the grid's 176 bytes begin with a5 and end with 5a
    321: (EX_REQUEST, "0: 41010000 4e61bc00 01 44332211"),
    421: (
        EX_GET_REPLY,
        f"""0: a5010000 e9030000 01 / 9: {ALARM_NUMBERS} / 53: 01 02 {WINDOWS} 08 16 a5
        / 253: 5a""",
    ),
    322: (
        EX_REQUEST,
        f"""0: 42010000 4e61bc00 01 44332211 / 13: {ALARM_NUMBERS} / 57: 01 02 {WINDOWS} a5
        / 255: 5a""",
    ),
    422: (EX_SET_REPLY, "0: a6010000 e9030000 01"),
    121: (LEGACY, f"0: 79000000 / {LEGACY_USER} / 68: 4e61bc00"),
    221: (
        LEGACY,
        f"0: dd000000 e9030000 / 8: {ALARM_NUMBERS} / 52: 01 02 {WINDOWS} 08 16 a5 / 252: 5a",
    ),
    122: (
        LEGACY,
        f"""0: 7a000000 / {LEGACY_USER} / 68: {ALARM_NUMBERS} / 112: 4e61bc00
        / 116: 01 02 {WINDOWS} a5 / 314: 5a""",
    ),
    222: (LEGACY, "0: de000000 e9030000"),
    344: (EX_REQUEST, "0: 58010000 4e61bc00 01 44332211 / 13: e8030000"),
    444: (EX_SET_REPLY, "0: bc010000 e9030000 01"),
    144: (LEGACY, f"0: 90000000 / {LEGACY_USER} / 68: 4e61bc00 e8030000"),
    244: (LEGACY, "0: f4000000 e9030000"),
    # light and motion sensor, which have no legacy form
    347: (EX_REQUEST, "0: 5b010000 4e61bc00 01 44332211"),
    447: (EX_GET_REPLY, "0: bf010000 e9030000 01 / 9: 03 c8 2c01 02 01"),
    348: (EX_REQUEST, "0: 5c010000 4e61bc00 01 44332211 / 13: 03 c8 2c01 02 01"),
    448: (EX_SET_REPLY, "0: c0010000 e9030000 01"),
    # address
    342: (EX_REQUEST, "0: 56010000 4e61bc00 01 44332211"),
    442: (
        EX_GET_REPLY,
        f"""0: ba010000 e9030000 01 / 9: 01 / 10: {IP} / 26: {MASK} / 42: {GATEWAY}
        / 58: {DNS} / 74: {DNS2}""",
    ),
    343: (
        EX_REQUEST,
        f"""0: 57010000 4e61bc00 01 44332211 / 13: 01 / 14: {IP} / 30: {MASK} / 46: {GATEWAY}
        / 62: {DNS} / 78: {DNS2}""",
    ),
    443: (EX_SET_REPLY, "0: bb010000 e9030000 01"),
    142: (LEGACY, f"0: 8e000000 / {LEGACY_USER} / 68: 4e61bc00"),
    242: (
        LEGACY,
        f"""0: f2000000 e9030000 / 8: 01 / 9: {IP} / 25: {MASK} / 41: {GATEWAY}
        / 57: {DNS} / 73: {DNS2}""",
    ),
    143: (
        LEGACY,
        f"""0: 8f000000 / {LEGACY_USER} / 68: 4e61bc00 / 72: 01 / 73: {IP} / 89: {MASK}
        / 105: {GATEWAY} / 121: {DNS} / 137: {DNS2}""",
    ),
    243: (LEGACY, "0: f3000000 e9030000"),
}


def _read(size: int, text: str) -> bytes:
    data = bytearray(size)
    for part in text.split("/"):
        offset, _, digits = part.partition(":")
        value = bytes.fromhex(digits)
        data[int(offset) : int(offset) + len(value)] = value
    return bytes(data)


FRAMES = {number: _read(size, text) for number, (size, text) in TEXTS.items()}
