"""Discovery and SmartLink: what datagrams say."""

import dataclasses
from collections.abc import Iterator

from v380cli.errors import RemoteProtocolError
from v380cli.explain.description import Describer, Description, Unknown
from v380cli.explain.packets import Datagram
from v380cli.wire import smartlink
from v380cli.wire.discovery import (
    HOTSPOT_PORT,
    MULTICAST_PORT,
    PROBE_PORT,
    REPLY_PORT,
    NvrAnswer,
    decode_beacon,
    decode_probe,
)

DISCOVERY_PORTS = frozenset({PROBE_PORT, REPLY_PORT, HOTSPOT_PORT, MULTICAST_PORT})
# Of an answer, by their index: the name, and what `Beacon` has.
KNOWN_FIELDS = frozenset({0, 1, 2, 3, 4, 5, 9, 12, 13})
KNOWN_SEARCH_FIELDS = frozenset({0, 1, 2, 3, 4, 5, 7})
SHORT_CHARS = 5  # a port, a flag: longer fields may be somebody's
MAX_SENDERS = 64


class DatagramReader:
    """What datagrams of this protocol say; one of another protocol says nothing."""

    def __init__(self, describer: Describer) -> None:
        self._describer = describer
        self._smartlink: dict[str, smartlink.SmartLinkDecoder] = {}
        self._heard: set[str] = set()

    def read(self, datagram: Datagram) -> Iterator[tuple[str, Description]]:
        """The name of the message and what it says; nothing for a stranger's."""
        if datagram.target.port == smartlink.PORT and _is_smartlink(datagram.target.host):
            yield from self._read_smartlink(datagram)
        elif {datagram.source.port, datagram.target.port} & DISCOVERY_PORTS:
            yield from self._read_discovery(datagram.payload)

    def _read_discovery(self, data: bytes) -> Iterator[tuple[str, Description]]:
        if probe := decode_probe(data):
            fields = {"kind": probe.kind, "device_id": probe.extra}
            yield "probe", Description(self._describer.describe_fields(fields))
            return
        try:
            beacon = decode_beacon(data)
        except RemoteProtocolError:
            return
        told = Description(self._describer.describe_fields(dataclasses.asdict(beacon)))
        if data[:4] == NvrAnswer.MAGIC.to_bytes(4, "little"):
            told.unknown = self._describer.describe(NvrAnswer, data).unknown
        else:
            told.unknown = list(self._list_other_fields(data))
        yield "beacon", told

    def _list_other_fields(self, data: bytes) -> Iterator[Unknown]:
        """Fields of a text answer that nobody explained; their offset is their index."""
        parts = data.split(b"\0", 1)[0].split(b"^")
        known = KNOWN_SEARCH_FIELDS if parts[0] == b"NVSEARCHRESULT" else KNOWN_FIELDS
        for index, part in enumerate(parts):
            if index not in known and part:
                text = part.decode("ascii", errors="replace")
                is_plain = text.isascii() and text.isdigit() and len(text) <= SHORT_CHARS
                shown = text if is_plain else self._describer.replace("text", text)
                yield Unknown(index, len(part), shown)

    def _read_smartlink(self, datagram: Datagram) -> Iterator[tuple[str, Description]]:
        host = datagram.source.host
        if host not in self._smartlink and len(self._smartlink) >= MAX_SENDERS:
            return
        decoder = self._smartlink.setdefault(host, smartlink.SmartLinkDecoder())
        heard = decoder.receive_address(datagram.target.host)
        if heard is None:
            return
        values = {"ssid": heard.wifi.ssid, "psk": heard.wifi.psk.reveal()}
        if (key := f"{host} {values} {heard.config_id}") not in self._heard:
            self._heard.add(key)
            fields = {**values, "config_id": heard.config_id}
            yield "smartlink", Description(self._describer.describe_fields(fields))


def _is_smartlink(host: str) -> bool:
    return host.startswith(f"{smartlink.NETWORK}.")
