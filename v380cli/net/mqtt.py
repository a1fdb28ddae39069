"""A connection to an MQTT broker that mends itself. The only owner of paho."""

import contextlib
import ssl
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from v380cli.errors import CredentialsRefused, InvalidInput, NetworkError
from v380cli.models import Secret

if TYPE_CHECKING:
    from paho.mqtt.client import Client

PORTS = {"mqtt": 1883, "mqtts": 8883}
KEEP_ALIVE_S = 30  # the broker tells our last will after one and a half of these
LONGEST_RETRY_S = 60
PUBLISH_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Message:
    """What is published; a retained one waits at the broker for who comes later."""

    topic: str
    payload: str | bytes
    is_retained: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Where it is, and as whom we come."""

    host: str
    port: int
    is_encrypted: bool = False
    username: str = ""
    password: Secret = field(default_factory=Secret)


def parse_broker(url: str, username: str = "", password: Secret | None = None) -> Broker:
    """`mqtt[s]://[USER@]HOST[:PORT]`; raises InvalidInput."""
    try:
        parts = urlsplit(url if "://" in url else f"mqtt://{url}")
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        parts, port = urlsplit(""), 0
    is_known = parts.scheme in PORTS  # another word for TLS must not mean that there is none
    if not (is_known and parts.hostname and port) or parts.path not in ("", "/"):
        raise InvalidInput(
            "the MQTT broker is not a URL", hint="write mqtt://[USER@]HOST[:PORT], or mqtts://..."
        )
    if parts.password:
        raise InvalidInput(
            "the broker's URL holds a password, which others can read there",
            hint="give it in V380_MQTT_PASSWORD",
        )
    return Broker(
        host=parts.hostname,
        port=port,
        is_encrypted=parts.scheme == "mqtts",
        username=parts.username or username,
        password=password or Secret(),
    )


class MqttLink:
    """Stays connected in a thread of its own; `will` is told by the broker when we are gone.

    `greet` says what is published after each connection.
    """

    def __init__(
        self, broker: Broker, *, will: Message, greet: Callable[[], Iterable[Message]]
    ) -> None:
        self._client = _make_client(broker)
        self._will, self._greet = will, greet
        self._refusal = ""
        self._is_welcome = threading.Event()
        self._client.will_set(will.topic, will.payload, qos=1, retain=True)
        self._client.on_connect = self._note_connection
        self._client.on_disconnect = self._note_loss
        self._client.connect_async(broker.host, broker.port, KEEP_ALIVE_S)
        self._client.loop_start()

    def publish(self, message: Message) -> None:
        """Publish, and wait until the broker has it; raises NetworkError."""
        if not self._is_welcome.wait(PUBLISH_TIMEOUT_S):
            if self._refusal:
                raise CredentialsRefused(f"the MQTT broker refuses us: {self._refusal}")
            raise NetworkError("the MQTT broker cannot be reached")
        info = self._send(message)
        try:
            info.wait_for_publish(PUBLISH_TIMEOUT_S)
        except (RuntimeError, ValueError) as error:
            raise NetworkError(f"the MQTT broker did not take it: {error}") from None
        if not info.is_published():
            raise NetworkError("the MQTT broker does not answer")

    def close(self) -> None:
        """Say that we are gone, and leave."""
        if self._is_welcome.is_set():
            with contextlib.suppress(RuntimeError, ValueError):  # lost just now
                self._send(self._will).wait_for_publish(PUBLISH_TIMEOUT_S)
        self._client.disconnect()
        self._client.loop_stop()

    def _send(self, message: Message) -> Any:
        return self._client.publish(
            message.topic, message.payload, qos=1, retain=message.is_retained
        )

    def _note_connection(self, _client: Any, _data: Any, _flags: Any, code: Any, _: Any) -> None:
        if code.is_failure:
            self._refusal = str(code)
            return
        for message in self._greet():
            self._send(message)
        self._refusal = ""
        self._is_welcome.set()

    def _note_loss(self, *_: Any) -> None:
        self._is_welcome.clear()


def _make_client(broker: Broker) -> "Client":
    try:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion
    except ImportError:
        raise InvalidInput(
            "MQTT needs the package paho-mqtt", hint="install it: pip install 'v380cli[mqtt]'"
        ) from None
    client = Client(CallbackAPIVersion.VERSION2)
    client.reconnect_delay_set(1, LONGEST_RETRY_S)
    if broker.username:
        client.username_pw_set(broker.username, broker.password.reveal() or None)
    if broker.is_encrypted:
        client.tls_set_context(ssl.create_default_context())
    return client
