"""WS-Discovery, as ONVIF cameras speak it: a SOAP probe by multicast, SOAP matches by unicast.

From "Web Services Dynamic Discovery" (April 2005), section 5, and the ONVIF Core Specification,
section 7. Some V380 models answer it next to their own protocol (PROTOCOL.md, section 2).
"""

import re
from dataclasses import dataclass
from html import escape
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

from v380cli.errors import RemoteProtocolError
from v380cli.text import clean_text
from v380cli.wire.discovery import parse_address, parse_mac

ONVIF_GROUP = "239.255.255.250"
ONVIF_PORT = 3702

# One match has 1 to 3 KiB; a datagram cannot have more than 64.
MAX_ONVIF_BYTES = 16 * 1024
MAX_URLS = 8
MAX_SCOPES = 64
MAX_TEXT_CHARS = 64

_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
_DISCOVERY = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
_NETWORK = "http://www.onvif.org/ver10/network/wsdl"
_SCOPE = "onvif://www.onvif.org/"

_PROBE = f"""<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="{_SOAP}" xmlns:a="{_ADDRESSING}" xmlns:d="{_DISCOVERY}" xmlns:n="{_NETWORK}">\
<s:Header><a:Action s:mustUnderstand="1">{_DISCOVERY}/Probe</a:Action>\
<a:MessageID>%s</a:MessageID>\
<a:To s:mustUnderstand="1">urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header>\
<s:Body><d:Probe><d:Types>n:NetworkVideoTransmitter</d:Types></d:Probe></s:Body></s:Envelope>"""

_NODE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-([0-9a-f]{12})")


@dataclass(frozen=True, slots=True, kw_only=True)
class OnvifAnswer:
    """What a device says of itself; all text is cleaned, and what makes no sense is empty.

    `addresses` are the IPv4 hosts of its service URLs. `macs` are its MAC as a scope names it and
    the node of its UUID, which in a UUID of version 1 is the MAC (RFC 9562, section 5.1).
    """

    addresses: tuple[str, ...] = ()
    port: int = 80
    mac: str = ""
    macs: frozenset[str] = frozenset()
    name: str = ""
    hardware: str = ""


def encode_onvif_probe(message_id: str) -> bytes:
    """Encode a probe for video transmitters; a repeat keeps its id, so that nobody answers twice.

    `message_id` is a URI such as `urn:uuid:...`.
    """
    return (_PROBE % escape(message_id)).encode()


def decode_onvif_answer(data: bytes) -> OnvifAnswer:
    """Decode the first match of an answer; RemoteProtocolError for what is none."""
    match = parse_xml(data, MAX_ONVIF_BYTES).find(f".//{{{_DISCOVERY}}}ProbeMatch")
    if match is None:
        raise RemoteProtocolError("an ONVIF answer without a match")
    endpoint = _find_text(match, f".//{{{_ADDRESSING}}}Address").lower()
    scopes = _parse_scopes(_find_text(match, f"{{{_DISCOVERY}}}Scopes"))
    hosts = _parse_urls(_find_text(match, f"{{{_DISCOVERY}}}XAddrs"))
    mac = parse_mac(scopes.get("mac", ""))
    return OnvifAnswer(
        addresses=tuple(host for host, _ in hosts),
        port=hosts[0][1] if hosts else 80,
        mac=mac,
        macs=frozenset({mac, _parse_node(endpoint)} - {""}),
        name=scopes.get("name", ""),
        hardware=scopes.get("hardware", ""),
    )


def parse_xml(data: bytes, max_bytes: int) -> ElementTree.Element:
    """Parse without entities: a document that declares any is refused before the parser sees it."""
    if len(data) > max_bytes:
        raise RemoteProtocolError(f"an ONVIF answer of {len(data)} bytes")
    try:
        document = data.decode("utf-8-sig").strip()  # no other encoding can hide a declaration
        if "<!DOCTYPE" in document or "<!ENTITY" in document:
            raise RemoteProtocolError("an ONVIF answer with a document type")
        return ElementTree.fromstring(document)  # noqa: S314  (nothing is declared, see above)
    except (UnicodeDecodeError, ElementTree.ParseError) as error:
        raise RemoteProtocolError("an ONVIF answer that is not XML") from error


def _find_text(element: ElementTree.Element, path: str) -> str:
    return element.findtext(path) or ""


def _parse_scopes(value: str) -> dict[str, str]:
    """`onvif://www.onvif.org/hardware/IPC-X` reads `{"hardware": "IPC-X"}`; the first one wins."""
    scopes: dict[str, str] = {}
    for scope in value.split()[:MAX_SCOPES]:
        key, _, text = scope.removeprefix(_SCOPE).partition("/")
        if scope.startswith(_SCOPE):
            scopes.setdefault(key.lower(), clean_text(unquote(text))[:MAX_TEXT_CHARS])
    return scopes


def _parse_urls(value: str) -> list[tuple[str, int]]:
    """List (IPv4 address, port) of the service URLs; those of names or IPv6 are left out."""
    hosts = []
    for url in value.split()[:MAX_URLS]:
        try:
            parts = urlsplit(url)
            host, port = parse_address(parts.hostname or ""), parts.port or 80
        except ValueError:
            continue
        if host:
            hosts.append((host, port))
    return hosts


def _parse_node(endpoint: str) -> str:
    uuid = _NODE.search(endpoint)
    if uuid is None:
        return ""
    node = uuid.group(1)
    return parse_mac(":".join(node[i : i + 2] for i in range(0, 12, 2)))
