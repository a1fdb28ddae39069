"""What an inspection found, for a person or for a pipe, made from its document."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

import typer

from v380cli.commands import _console
from v380cli.text import format_clock
from v380cli.work.inspection_document import Document

Rows = Iterator[tuple[str, Any]]  # words and values; those without a value are left out

CODECS = {"h264": "H.264", "hevc": "H.265"}
SOUNDS = {
    "pcm16": "PCM",
    "ima_adpcm": "IMA ADPCM",
    "ima_variant": "IMA ADPCM (variant)",
    "aac_adts": "AAC",
    "alaw": "G.711 A-law",
}
ENCRYPTIONS = {
    "clear": "not encrypted",
    "64-of-80": "encrypted",
    "whole-blocks": "encrypted",
}
YES_NO = {True: "yes", False: "no", None: "the camera does not say"}
MINUTE_S, QUARTER_HOUR_S = 60.0, 900.0  # zones are a multiple of a quarter of an hour apart
# What stands in place of a part that is missing. Not to know it needs no reason.
REASONS = {
    "not_offered": "not offered",
    "not_asked": "not asked",
    "no_answer": "not offered ({message})",
    "refused": "refused: {message}",
    "not_understood": "not understood: {message}",
}


def print_documents(documents: Sequence[Document]) -> None:
    """For a person a table for each camera; for a pipe a line for each word, with its camera."""
    for number, document in enumerate(documents):
        rows = list(list_rows(document))
        if not _console.is_terminal():
            _console.print_table((), [(document["device"], *row) for row in rows])
            continue
        if number:
            typer.echo()
        _console.print_table(("camera", "", document["device"]), _blank_repeated(rows))


def _blank_repeated(rows: Sequence[tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
    """Each section's name once."""
    for section, group in groupby(rows, key=lambda row: row[0]):
        for number, (_, word, value) in enumerate(group):
            yield ("" if number else section), word, value


def list_rows(document: Document) -> Iterator[tuple[str, str, str]]:
    if not any(document[name] for name, _ in SECTIONS.values() if name != "identity"):
        yield from (("identity", word, str(value)) for word, value in _list_known(document))
        yield "log-in", "", document["error"]["message"] if "error" in document else "none"
        return
    for section, (name, list_words) in SECTIONS.items():
        part = document[name]
        if name in EXTRAS and not part:
            continue
        words = list_words(part) if part else [("", _explain_missing(document, name))]
        for word, value in words:
            if value is not None and value != "":
                yield section, word, str(value)


def _list_known(document: Document) -> Rows:
    """What the device list says of a camera that did not let us in."""
    return ((word, value) for word, value in _list_identity(document["identity"]) if value)


def _explain_missing(document: Document, name: str) -> str:
    missing = document["missing"].get(name)
    if missing:
        return REASONS[missing["reason"]].format(message=missing["message"])
    return YES_NO[None] if document["login"] else "no log-in"


def _list_identity(part: Document) -> Rows:
    yield "id", part["id"]
    yield "name", part["name"]
    yield "address", part["address"]
    yield "mac", part["mac"]
    yield "maker's prefix", part["mac_maker"]
    yield "domain", part["domain"]


def _list_onvif(part: Document) -> Rows:
    for name in ("manufacturer", "model", "firmware", "serial", "id"):
        yield name, part[name]


def _list_login(part: Document) -> Rows:
    media = "which encrypts its media" if part["encrypts_media"] else "which does not encrypt"
    yield "device version", f"{part['device_version']}, {media}"
    kind = part["device_type"]
    name = f"lens type {kind}" if isinstance(kind, int) else kind
    yield "kind", f"{name}, mounted: {part['mount']}"
    yield "channels", part["channels"]


def _list_abilities(part: Document) -> Rows:
    for name, value in part.items():
        is_switch = value is None or isinstance(value, bool)
        yield name.replace("_", " "), YES_NO[value] if is_switch else value or "none"


def _list_versions(part: Document) -> Rows:
    for name in ("app", "kernel", "hardware"):
        yield name, " ".join(filter(None, [part[name], part[f"{name}_date"]]))
    yield "offered", part["new_name"]


def _list_card(part: Document) -> Rows:
    yield "state", part["card"]
    if (size := part["card_size"]) > 0:
        free = part["card_free"]
        yield "free", f"{free / size:.0%} ({free} of {size}, in the camera's own unit)"


def _list_recording(part: Document) -> Rows:
    yield "always", part["always"]
    yield "on alarm", part["on_alarm"]
    yield "when full", part["full"]
    yield "picture size", part["size"]
    yield "sizes offered", ", ".join(part["sizes"])
    yield "sound", part["sound"]


def _list_clock(part: Document) -> Rows:
    yield "shows", part["time"] or "nothing"
    yield "drift", _describe_drift(part["drift_s"], part["drift_tolerance_s"])
    if part["zone_on"]:
        yield "zone", f"{part['zone']}, offset {part['zone_offset']}, as the camera counts"


def _describe_drift(drift_s: float | None, tolerance_s: float | None) -> str:
    if drift_s is None or tolerance_s is None:
        return "unknown: that is not a time"
    if abs(drift_s) <= tolerance_s:
        return f"none to be seen (within {tolerance_s:g} s)"
    size = f"{abs(drift_s):g} s" if abs(drift_s) < MINUTE_S else format_clock(abs(drift_s))
    words = f"{size} {'ahead' if drift_s > 0 else 'behind'}, give or take {tolerance_s:g} s"
    quarters = abs(drift_s) / QUARTER_HOUR_S
    if round(quarters) and abs(quarters - round(quarters)) * QUARTER_HOUR_S < MINUTE_S:
        words += "; another time zone, perhaps: --timezone"
    return words


def _list_network(part: Document) -> Rows:
    yield "mode", part["mode"]
    yield "ssid", part["ssid"] or "none set"
    if part["ssid"]:
        yield "psk", "set, not shown" if part["has_psk"] else "none: it is open"
    yield "own hotspot", part["hotspot"]


def _list_stream(part: Document) -> Rows:
    yield "", _describe_stream(part)


def _describe_stream(stream: Document) -> str:
    size, claimed = _format_size(stream, ""), _format_size(stream, "claimed_")
    words = [
        f"{CODECS.get(stream['codec'], stream['codec'])} {size or 'of unknown size'}",
        f"the camera says {claimed}" if claimed and claimed != size else "",
        f"{stream['fps']} fps" if stream["fps"] else "",
        SOUNDS.get(stream["audio"], "no") + " sound",
        ENCRYPTIONS[stream["encryption"]],
    ]
    return ", ".join(filter(None, words))


def _format_size(stream: Document, prefix: str) -> str:
    width, height = stream[f"{prefix}width"], stream[f"{prefix}height"]
    return f"{width}x{height}" if width and height else ""


EXTRAS = {"onvif"}  # what is shown only where it was asked for
# The sections in their order: the part of the document that each shows, and how.
SECTIONS: dict[str, tuple[str, Callable[[Document], Rows]]] = {
    "identity": ("identity", _list_identity),
    "onvif": ("onvif", _list_onvif),
    "log-in": ("login", _list_login),
    "abilities": ("abilities", _list_abilities),
    "versions": ("versions", _list_versions),
    "card": ("record", _list_card),
    "recording": ("record", _list_recording),
    "clock": ("clock", _list_clock),
    "network": ("network", _list_network),
    "hd stream": ("hd_stream", _list_stream),
    "sd stream": ("sd_stream", _list_stream),
}
