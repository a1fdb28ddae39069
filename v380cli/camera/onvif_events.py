"""What a camera notices, as it tells by ONVIF: motion, and what else it has topics for."""

import contextlib
import time
from collections.abc import Generator

from v380cli.camera.onvif import OnvifClient
from v380cli.camera.transport import Clock, never
from v380cli.errors import NetworkError, Refused, RemoteProtocolError
from v380cli.wire.onvif_events import (
    OnvifEvent,
    decode_messages,
    decode_subscription,
    encode_pull,
    encode_renew,
    encode_subscribe,
    encode_unsubscribe,
)

# A camera forgets a subscription whose owner was killed after so long.
LIFETIME_S = 60
PULL_S = 2  # below what an answer over HTTP may take


def read_events(
    client: OnvifClient, *, deadline_s: Clock = never
) -> Generator[OnvifEvent, None, None]:
    """Yield what the camera tells, from how things are on, until `deadline_s`.

    Raises UnsupportedFirmware where it offers no events; NetworkError, CredentialsRefused or
    RemoteProtocolError as the client does.
    """
    path = decode_subscription(client.ask_for_events(encode_subscribe(LIFETIME_S)))
    renewal_s = time.monotonic() + LIFETIME_S / 2
    try:
        while time.monotonic() < deadline_s():
            yield from decode_messages(client.ask_for_events(encode_pull(PULL_S), path))
            if time.monotonic() >= renewal_s:
                client.ask_for_events(encode_renew(LIFETIME_S), path)
                renewal_s = time.monotonic() + LIFETIME_S / 2
    finally:
        with contextlib.suppress(NetworkError, Refused, RemoteProtocolError):  # it ends by itself
            client.ask_for_events(encode_unsubscribe(), path)
