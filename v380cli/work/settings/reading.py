"""What a camera is set to, as documents and dumps."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from v380cli.camera.settings.client import NoAnswer, SettingsClient
from v380cli.camera.settings.clock import ClockWatch
from v380cli.camera.settings.configure import read
from v380cli.errors import (
    CredentialsRefused,
    Refused,
    RemoteProtocolError,
    UnsupportedFirmware,
    V380Error,
)
from v380cli.models import Device
from v380cli.wire.settings.clock import Clock
from v380cli.work.settings import documents
from v380cli.work.settings.topics import Topic

FILE_KIND = "settings of a V380 camera"
FILE_VERSION = 1


def read_topics(
    client: SettingsClient, topics: Sequence[Topic], *, is_each_wanted: bool = False
) -> list[tuple[Topic, Any]]:
    """The value of each, or in its place why there is none; that is raised where it is wanted."""
    found: list[tuple[Topic, Any]] = []
    for topic in topics:
        try:
            found.append((topic, read(client, topic.subject)))
        except CredentialsRefused:
            raise
        except (NoAnswer, RemoteProtocolError, Refused) as error:
            if is_each_wanted or client.access.interrupt():
                raise
            found.append((topic, error))
    return found


def make_document(camera: Device, found: Sequence[tuple[Topic, Any]]) -> dict[str, Any]:
    """The object of `get --json`."""
    return {
        **documents.describe_device(camera),
        "settings": {
            topic.name: None if isinstance(value, V380Error) else describe(value)
            for topic, value in found
        },
        "missing": {t.name: name_reason(v) for t, v in found if isinstance(v, V380Error)},
    }


def make_dump(camera: Device, found: Sequence[tuple[Topic, Any]]) -> dict[str, Any]:
    """The document that `apply` reads."""
    return {
        "kind": FILE_KIND,
        "version": FILE_VERSION,
        "time": dt.datetime.now().astimezone(),
        **documents.describe_device(camera),
        "settings": {
            topic.name: documents.describe_saved(topic, value)
            for topic, value in found
            if not isinstance(value, V380Error)
        },
        "missing": {t.name: name_reason(v) for t, v in found if isinstance(v, V380Error)},
    }


def describe(value: Any) -> dict[str, Any]:
    """A value's document; a clock's with how fast it is."""
    document = documents.describe(value)
    if isinstance(value, Clock):
        document["drift_s"] = ClockWatch().measure_drift(value)
    return document


def name_reason(error: V380Error) -> str:
    """Why a setting is missing, in a word."""
    match error:
        case UnsupportedFirmware():
            return "not offered"
        case NoAnswer():
            return "no answer"
        case Refused():
            return "refused"
    return "not understood"
