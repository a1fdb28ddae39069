"""How a player wants its media: the Transport header (RFC 2326, section 12.39)."""

import re
from dataclasses import astuple, dataclass
from typing import TypeAlias

_PAIR = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")


@dataclass(frozen=True, slots=True)
class Interleaved:
    """RTP and RTCP in the connection itself, each on a channel."""

    rtp_channel: int
    rtcp_channel: int

    def fits_beside(self, other: "Transport") -> bool:
        """Whether another track of the session can come the other way."""
        return isinstance(other, Interleaved) and not {*astuple(self)} & {*astuple(other)}

    def format(self) -> str:
        return f"RTP/AVP/TCP;unicast;interleaved={self.rtp_channel}-{self.rtcp_channel}"


@dataclass(frozen=True, slots=True)
class Datagrams:
    """RTP and RTCP to two ports of the player, always at the address that its request is from."""

    rtp_port: int
    rtcp_port: int

    def fits_beside(self, other: "Transport") -> bool:
        """Whether another track of the session can come the other way."""
        return isinstance(other, Datagrams) and not {*astuple(self)} & {*astuple(other)}

    def format(self) -> str:
        return f"RTP/AVP;unicast;client_port={self.rtp_port}-{self.rtcp_port}"


Transport: TypeAlias = Interleaved | Datagrams


def choose_transport(header: str, peer: str, free_channel: int) -> Transport | None:
    """The first of the offered transports that we have, or None.

    `free_channel` is taken where the player leaves the choice of channels to us. Media for another
    address than `peer` are not sent.
    """
    for offer in header.split(","):
        if transport := _parse_offer(offer, peer, free_channel):
            return transport
    return None


def _parse_offer(offer: str, peer: str, free_channel: int) -> Transport | None:
    protocol, *parameters = [part.strip() for part in offer.split(";")]
    values = {name.lower(): value for name, _, value in (p.partition("=") for p in parameters)}
    is_play = values.get("mode", "play").strip('"').lower() == "play"
    if "multicast" in values or values.get("destination", peer) != peer or not is_play:
        return None
    match protocol.upper():
        case "RTP/AVP/TCP":
            pair = _parse_pair(values.get("interleaved", str(free_channel)), 255)
            return Interleaved(*pair) if pair else None
        case "RTP/AVP" | "RTP/AVP/UDP":
            pair = _parse_pair(values.get("client_port", ""), 65535)
            return Datagrams(*pair) if pair and 0 not in pair else None
    return None


def _parse_pair(text: str, largest: int) -> tuple[int, int] | None:
    match = _PAIR.fullmatch(text)
    if match is None:
        return None
    first = int(match[1])
    second = int(match[2]) if match[2] else first + 1
    is_usable = first != second and max(first, second) <= largest
    return (first, second) if is_usable else None
