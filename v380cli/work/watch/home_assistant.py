"""Events as MQTT messages, and what Home Assistant is told to make of them (2024.11 or newer)."""

import json
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from v380cli import __version__
from v380cli.errors import InvalidInput
from v380cli.models import Device
from v380cli.net.mqtt import Broker, Message, MqttLink
from v380cli.text import format_slug
from v380cli.work.watch.events import Event, EventName

DISCOVERY_PREFIX = "homeassistant"
NOT_IN_KEYS = re.compile(r"[^A-Za-z0-9_-]")
ON, OFF, ONLINE, OFFLINE = "ON", "OFF", "online", "offline"


class MqttTeller:
    """Publishes each camera under `PREFIX/NAME`: motion, status, snapshot, event."""

    name = "--mqtt"
    retries = wants_pictures = True

    def __init__(self, broker: Broker, devices: Sequence[Device], prefix: str) -> None:
        if not prefix.strip("/") or set(prefix) & set("+#\0"):
            raise InvalidInput(f"{prefix!r} is not a valid prefix of MQTT topics")
        self._prefix = prefix.strip("/")
        self._devices = list(devices)
        self._names = name_topics(devices)
        self._states: dict[str, str] = {}  # the retained ones, by topic
        for device in devices:
            self._states[self._find_topic(device, "motion")] = OFF
            self._states[self._find_topic(device, "status")] = ONLINE
        will = Message(f"{self._prefix}/status", OFFLINE)
        self._link = MqttLink(broker, will=will, greet=self._greet)

    def tell(self, event: Event) -> None:
        """Publish what an event changes; raises NetworkError."""
        for message in self._list_messages(event):
            self._link.publish(message)

    def close(self) -> None:
        self._link.close()

    def _list_messages(self, event: Event) -> Iterator[Message]:
        """The picture comes before the state, so that who wakes up for that one finds it."""
        if event.picture:
            yield Message(self._find_topic(event.device, "snapshot"), event.picture)
        yield Message(self._find_topic(event.device, "event"), event.to_line(), is_retained=False)
        changes = {
            EventName.MOTION_START: ("motion", ON),
            EventName.MOTION_END: ("motion", OFF),
            EventName.ALARM: ("motion", ON),
            EventName.ALARM_END: ("motion", OFF),
            EventName.CAMERA_LOST: ("status", OFFLINE),
            EventName.CAMERA_BACK: ("status", ONLINE),
        }
        if change := changes.get(event.name):
            topic = self._find_topic(event.device, change[0])
            self._states[topic] = change[1]
            yield Message(topic, change[1])

    def _greet(self) -> Iterator[Message]:
        for device in self._devices:
            name = self._find_name(device)
            topic = f"{DISCOVERY_PREFIX}/device/{make_key(device, name)}/config"
            yield Message(topic, json.dumps(describe(device, self._prefix, name)))
        for topic, state in list(self._states.items()):
            yield Message(topic, state)
        yield Message(f"{self._prefix}/status", ONLINE)

    def _find_topic(self, device: Device, leaf: str) -> str:
        return f"{self._prefix}/{self._find_name(device)}/{leaf}"

    def _find_name(self, device: Device) -> str:
        return self._names.get(device.label, format_slug(device.label))


def name_topics(devices: Iterable[Device]) -> dict[str, str]:
    """What stands for each camera in topics, by label; a label that can stand there does.

    Of others that look alike there, some have a number behind them that is made of the label.
    """
    names: dict[str, str] = {}
    labels = {device.label for device in devices}
    for label in sorted(labels, key=lambda label: (label != format_slug(label), label)):
        name = format_slug(label)
        is_taken = name in names.values()
        names[label] = f"{name}-{zlib.crc32(label.encode()):08x}" if is_taken else name
    return names


def make_key(device: Device, name: str) -> str:
    """What tells it from every other one there: its id, else its name; letters, digits, _ and -."""
    plain = NOT_IN_KEYS.sub(lambda found: f"_{ord(found[0]):x}", name)
    return f"v380_{device.device_id or plain}"


def describe(device: Device, prefix: str, name: str) -> dict[str, Any]:
    """The message of device discovery: a motion sensor and the last picture."""
    key, topic = make_key(device, name), f"{prefix}/{name}"
    return {
        "device": {
            "identifiers": [key],
            "name": device.label,
            "manufacturer": "Macro-Video",
            "model": "V380",
        },
        "origin": {"name": "v380cli", "sw_version": __version__},
        "availability": [{"topic": f"{prefix}/status"}, {"topic": f"{topic}/status"}],
        "availability_mode": "all",
        "components": {
            "motion": {
                "platform": "binary_sensor",
                "name": "Motion",
                "unique_id": f"{key}_motion",
                "device_class": "motion",
                "state_topic": f"{topic}/motion",
                "json_attributes_topic": f"{topic}/event",
            },
            "last": {
                "platform": "image",
                "name": "Last event",
                "unique_id": f"{key}_last",
                "image_topic": f"{topic}/snapshot",
                "content_type": "image/jpeg",
            },
        },
    }
