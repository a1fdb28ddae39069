"""SmartLink: Wi-Fi settings told by the addresses of datagrams alone (PROTOCOL.md, section 1b)."""

from collections.abc import Iterator
from dataclasses import dataclass

from v380cli.models import Secret
from v380cli.wire.provisioning import PSK_MIN_CHARS, WifiSettings
from v380cli.wire.settings.wifi import ENCODING

PORT = 12345
PAYLOAD = bytes(20)  # 20 bytes, whatever they are
REPEATS = 2
PAUSE_S = 0.010
ROUND_PAUSE_S = 0.020
TIMEOUT_S = 80.0  # then the vendor's app gives up
CONFIG_IDS = range(1, 10)
SMARTLINK_PSK_MAX_BYTES = 63

NETWORK = 228
START = (84, 85)
FIRST_INDEX = 17
OVERHEAD = 3  # two separators and the encryption; the start does not count itself
NO_ENCRYPTION = 0


@dataclass(frozen=True, slots=True)
class Symbol:
    """An address to send to, `REPEATS` times, and the pause after that."""

    address: str
    pause_s: float


def encode_smartlink(wifi: WifiSettings, config_id: int) -> list[Symbol]:
    """One round. An SSID that is not printable ASCII is left out, as the vendor's library does."""
    ssid = wifi.ssid.encode(ENCODING) if is_sent(wifi.ssid) else b""
    password = str(config_id).encode() + wifi.psk.reveal().encode(ENCODING)
    pairs = [*_split_pairs(ssid), None, *_split_pairs(password), None, (0, NO_ENCRYPTION)]
    symbols = [Symbol(f"{NETWORK}.{START[0]}.{START[1]}.{len(pairs)}", PAUSE_S)]
    for index, pair in enumerate(pairs, start=FIRST_INDEX):
        high, low = pair or (0, 0)
        symbols.append(Symbol(f"{NETWORK}.{index}.{high}.{low}", PAUSE_S if pair else 0.0))
    symbols[-1] = Symbol(symbols[-1].address, PAUSE_S + ROUND_PAUSE_S)
    return symbols


def is_sent(ssid: str) -> bool:
    """Whether SmartLink says this SSID; of another one a camera learns only the password."""
    return ssid.isascii() and ssid.isprintable()


def _split_pairs(data: bytes) -> Iterator[tuple[int, int]]:
    padded = data + bytes(len(data) % 2)
    yield from zip(padded[::2], padded[1::2], strict=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardSettings:
    """What a round said."""

    wifi: WifiSettings
    config_id: int


class SmartLinkDecoder:
    """The camera's half: addresses in, in any order and with gaps; settings out once whole."""

    def __init__(self) -> None:
        self._count = 0
        self._pairs: dict[int, tuple[int, int]] = {}

    def receive_address(self, address: str) -> HeardSettings | None:
        """Take in the destination of a datagram; the settings once a whole round was heard."""
        network, index, high, low = map(int, address.split("."))
        if network != NETWORK:
            return None
        if (index, high) == START:
            if low != self._count:  # another sender, or the first time
                self._count = low
                self._pairs.clear()
        elif FIRST_INDEX <= index < FIRST_INDEX + self._count:
            self._pairs[index - FIRST_INDEX] = (high, low)
        if not self._count or len(self._pairs) < self._count:
            return None
        return _parse_pairs([self._pairs[index] for index in range(self._count)])


def _parse_pairs(pairs: list[tuple[int, int]]) -> HeardSettings | None:
    """SSID, separator, password string, separator, encryption; None for anything else."""
    if len(pairs) < OVERHEAD or (0, 0) not in pairs[:-2] or pairs[-2] != (0, 0):
        return None
    middle = pairs.index((0, 0))
    ssid, password = _join_pairs(pairs[:middle]), _join_pairs(pairs[middle + 1 : -2])
    digit, psk = password[:1], password[1:]
    if not digit.isdecimal() or 0 < len(psk) < PSK_MIN_CHARS:
        return None
    wifi = WifiSettings(ssid=ssid, psk=Secret(psk))
    return HeardSettings(wifi=wifi, config_id=int(digit))


def _join_pairs(pairs: list[tuple[int, int]]) -> str:
    data = bytes(byte for pair in pairs for byte in pair)
    return data.rstrip(b"\0").decode(ENCODING, errors="replace")
