"""Events at an MQTT broker: mosquitto, on loopback."""

import datetime as dt
import json
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.commands.recording_lab import find_closed_port, wait_until
from v380cli.errors import InvalidInput, NetworkError
from v380cli.models import Device, Secret
from v380cli.net import mqtt
from v380cli.net.mqtt import Broker, Message, MqttLink, parse_broker
from v380cli.work.watch.events import Event, EventName
from v380cli.work.watch.home_assistant import (
    OFF,
    OFFLINE,
    ON,
    ONLINE,
    MqttTeller,
    describe,
    make_key,
    name_topics,
)

PORCH = Device(name="front porch", device_id=12345678)
NOW = dt.datetime(2026, 11, 27, 12, 0, tzinfo=dt.UTC)
PASSWORD = "sesame"
NEEDS_BROKER = pytest.mark.skipif(
    not shutil.which("mosquitto"), reason="needs mosquitto (apt-get install mosquitto)"
)

HOLD_LINK = """
import sys, time
from v380cli.net.mqtt import Message, MqttLink, parse_broker
link = MqttLink(parse_broker(sys.argv[1]), will=Message("v380/status", "offline"), greet=list)
link.publish(Message("v380/status", "online"))
print("there", flush=True)
time.sleep(600)
"""


@dataclass
class Mosquitto:
    """A broker, and what it says to somebody who listens to everything."""

    port: int
    process: "subprocess.Popen[bytes]"
    heard: dict[str, list[tuple[bytes, bool]]] = field(default_factory=dict)

    def get(self, topic: str) -> list[bytes]:
        return [payload for payload, _ in self.heard.get(topic, [])]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    paho = pytest.importorskip("paho.mqtt.client", reason="needs paho-mqtt")
    port = find_closed_port()
    settings = tmp_path / "mosquitto.conf"
    settings.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    with subprocess.Popen(["mosquitto", "-c", str(settings)], stderr=subprocess.DEVNULL) as process:
        wait_until(lambda: is_listening(port))  # paho leaks a socket where nobody listens yet
        made = Mosquitto(port, process)
        ready = threading.Event()
        listener: Any = paho.Client(paho.CallbackAPIVersion.VERSION2)

        def subscribe(client: Any, *_: object) -> None:
            client.subscribe("#", qos=1)

        def note(_client: object, _data: object, message: Any) -> None:
            made.heard.setdefault(message.topic, []).append((message.payload, message.retain))

        listener.on_connect, listener.on_message = subscribe, note
        listener.on_subscribe = lambda *_: ready.set()
        listener.connect_async("127.0.0.1", port)
        listener.reconnect_delay_set(1, 1)
        listener.loop_start()
        assert ready.wait(60)
        yield made
        listener.disconnect()
        listener.loop_stop()
        process.terminate()


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def make_event(name: EventName, picture: bytes = b"") -> Event:
    return Event(name=name, device=PORCH, time=NOW, start=NOW, source="picture", picture=picture)


@NEEDS_BROKER
def test_a_camera_is_announced_and_its_motion_told(broker: Mosquitto) -> None:
    teller = MqttTeller(Broker(host="127.0.0.1", port=broker.port), [PORCH], "v380")
    teller.tell(make_event(EventName.MOTION_START, b"\xff\xd8jpeg"))
    teller.tell(make_event(EventName.MOTION_END))
    teller.tell(make_event(EventName.CAMERA_LOST))
    teller.close()
    wait_until(lambda: b"offline" in broker.get("v380/status"))
    announced = json.loads(broker.get("homeassistant/device/v380_12345678/config")[0])
    assert announced == describe(PORCH, "v380", "front-porch")
    assert broker.get("v380/front-porch/motion") == [b"OFF", b"ON", b"OFF"]
    assert broker.get("v380/front-porch/status") == [b"online", b"offline"]
    assert broker.get("v380/front-porch/snapshot") == [b"\xff\xd8jpeg"]
    assert broker.get("v380/status") == [b"online", b"offline"]
    told = [json.loads(text)["event"] for text in broker.get("v380/front-porch/event")]
    assert told == ["motion_start", "motion_end", "camera_lost"]


@NEEDS_BROKER
def test_a_kill_is_told_by_the_broker(broker: Mosquitto) -> None:
    command = [sys.executable, "-c", HOLD_LINK, f"mqtt://127.0.0.1:{broker.port}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"there\n"
        process.kill()
    wait_until(lambda: broker.get("v380/status") == [b"online", b"offline"])


def test_a_broker_that_says_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("paho.mqtt.client", reason="needs paho-mqtt")
    monkeypatch.setattr(mqtt, "PUBLISH_TIMEOUT_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        broker = Broker(host="127.0.0.1", port=server.getsockname()[1])
        link = MqttLink(broker, will=Message("a", "b"), greet=list)
        with pytest.raises(NetworkError, match="cannot be reached"):
            link.publish(Message("a", "c"))
        link.close()


def test_the_url_of_a_broker() -> None:
    assert parse_broker("mqtt://me@host", "you", Secret(PASSWORD)) == Broker(
        host="host", port=1883, username="me", password=Secret(PASSWORD)
    )
    assert parse_broker("host:99", "you") == Broker(host="host", port=99, username="you")
    assert parse_broker("mqtts://[::1]") == Broker(host="::1", port=8883, is_encrypted=True)


@pytest.mark.parametrize(
    "url",
    [
        *("", "http://host", "mqtt://", "mqtt://host:port", "mqtt://host/x", "mqtt://me:word@host"),
        *("ssl://host:8883", "tcp://host:1883", "https://host:8883"),
    ],
)
def test_what_is_no_broker_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_broker(url)
    assert "word@" not in caught.value.message


@pytest.mark.parametrize("prefix", ["", "/", "a/+", "#"])
def test_what_is_no_prefix_is_refused(prefix: str) -> None:
    with pytest.raises(InvalidInput):
        MqttTeller(Broker(host="127.0.0.1", port=1), [PORCH], prefix)


# What Home Assistant 2025.4 takes in device discovery of these platforms, by its documentation:
# written down here by hand, since the program itself is too large for these tests. A message of
# this form was taken by a running one.
DEVICE_WORDS = {
    *{"identifiers", "name", "manufacturer", "model", "model_id", "serial_number"},
    *{"sw_version", "hw_version", "configuration_url", "suggested_area", "connections"},
}
ORIGIN_WORDS = {"name", "sw_version", "support_url"}
COMMON_WORDS = {"platform", "name", "unique_id", "json_attributes_topic", "icon", "qos"}
WORDS = {
    "binary_sensor": COMMON_WORDS | {"device_class", "state_topic", "payload_on", "payload_off"},
    "image": COMMON_WORDS | {"image_topic", "content_type", "image_encoding"},
}
NEEDED_WORDS = {
    "binary_sensor": {"platform", "unique_id", "state_topic"},
    "image": {"platform", "unique_id", "image_topic"},
}


def test_home_assistant_knows_each_word_of_the_announcement() -> None:
    message = describe(PORCH, "v380", "front-porch")
    assert set(message) == {
        *{"device", "origin", "components", "availability", "availability_mode"},
    }
    assert set(message["device"]) <= DEVICE_WORDS
    assert message["device"]["identifiers"]
    assert {"name"} <= set(message["origin"]) <= ORIGIN_WORDS
    assert message["availability_mode"] in {"all", "any", "latest"}
    assert all(set(each) == {"topic"} for each in message["availability"])
    for component in message["components"].values():
        words = WORDS[component["platform"]]
        assert NEEDED_WORDS[component["platform"]] <= set(component) <= words
    ids = [component["unique_id"] for component in message["components"].values()]
    assert len(set(ids)) == len(ids)


def test_cameras_whose_ids_are_not_known_are_told_apart() -> None:
    devices = [Device(name=name) for name in ("Front Door", "garage", "前门", "后门")]
    names = name_topics(devices)
    keys = [make_key(device, names[device.label]) for device in devices]
    assert keys == ["v380_Front-Door", "v380_garage", "v380__524d_95e8", "v380__540e_95e8"]


@pytest.mark.parametrize("labels", [["a b", "a-b", "a/b"], ["a-b", "a/b", "a b"]], ids=str)
def test_names_that_look_alike_in_topics_have_topics_of_their_own(labels: list[str]) -> None:
    names = name_topics(Device(name=label) for label in labels)
    assert names == {"a-b": "a-b", "a b": "a-b-806c5cd3", "a/b": "a-b-07f4401c"}
    assert name_topics([Device(name="a b")]) == {"a b": "a-b"}


def test_the_words_of_states_are_home_assistant_s_own() -> None:
    """So that no payload needs to be named in the announcement."""
    assert (ON, OFF, ONLINE, OFFLINE) == ("ON", "OFF", "online", "offline")


@NEEDS_BROKER
def test_an_alarm_of_the_camera_is_motion_too(broker: Mosquitto) -> None:
    teller = MqttTeller(Broker(host="127.0.0.1", port=broker.port), [PORCH], "v380")
    teller.tell(make_event(EventName.ALARM))
    teller.tell(make_event(EventName.ALARM_END))
    teller.close()
    wait_until(lambda: broker.get("v380/front-porch/motion") == [b"OFF", b"ON", b"OFF"])
