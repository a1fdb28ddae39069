"""What a camera notices, by ONVIF: a subscription whose messages are pulled.

From the ONVIF Core Specification, section 9 (real-time pull-point notification), which rests on
WS-BaseNotification 1.3 and WS-Addressing.
"""

import datetime as dt
from dataclasses import dataclass
from html import escape
from xml.etree import ElementTree

from v380cli.errors import RemoteProtocolError
from v380cli.text import clean_text
from v380cli.wire.onvif_xml import (
    MAX_TEXT_CHARS,
    MAX_URL_CHARS,
    find_element,
    name_call,
    name_of,
    parse_path,
    read_text,
)

MAX_MESSAGES = 32
_EVENTS = "http://www.onvif.org/ver10/events/wsdl"
_NOTIFICATION = "http://docs.oasis-open.org/wsn/bw-2"
_BASE = "http://docs.oasis-open.org/wsn/b-2"
_ADDRESSING = "http://www.w3.org/2005/08/addressing"
_YES, _NO = ("true", "1"), ("false", "0")


@dataclass(frozen=True, slots=True)
class OnvifEvent:
    """One message; `is_on` is its first yes or no, None where it has neither.

    `time` is that of the camera's clock. `is_initial` tells how it is, not that it changed.
    """

    topic: str
    is_on: bool | None
    time: dt.datetime | None = None
    is_initial: bool = False

    @property
    def is_motion(self) -> bool:
        """Whether it is about something that moves: several topics are."""
        return "motion" in self.topic.lower()


def encode_subscribe(lifetime_s: int) -> str:
    """The body of CreatePullPointSubscription."""
    told = f"<InitialTerminationTime>PT{lifetime_s}S</InitialTerminationTime>"
    return f"<CreatePullPointSubscription>{told}</CreatePullPointSubscription>"


def encode_pull(wait_s: int) -> str:
    """The body of PullMessages: the camera answers when there is something, or after so long."""
    told = f"<Timeout>PT{wait_s}S</Timeout><MessageLimit>{MAX_MESSAGES}</MessageLimit>"
    return f"<PullMessages>{told}</PullMessages>"


def encode_renew(lifetime_s: int) -> str:
    """The body of Renew."""
    return f'<Renew xmlns="{_BASE}"><TerminationTime>PT{lifetime_s}S</TerminationTime></Renew>'


def encode_unsubscribe() -> str:
    return f'<Unsubscribe xmlns="{_BASE}"/>'


def encode_addressing(body: str, to: str, message_id: str) -> str:
    """The header with which these calls go to `to`, an address of the camera."""
    call = name_call(body)
    port = {"CreatePullPointSubscription": "EventPortType", "PullMessages": "PullPointSubscription"}
    action = (
        f"{_EVENTS}/{port[call]}/{call}Request"
        if call in port
        else f"{_NOTIFICATION}/SubscriptionManager/{call}Request"
    )
    return (
        f'<Action xmlns="{_ADDRESSING}">{action}</Action>'
        f'<MessageID xmlns="{_ADDRESSING}">{escape(message_id)}</MessageID>'
        f'<To xmlns="{_ADDRESSING}">{escape(to)}</To>'
    )


def decode_subscription(body: ElementTree.Element) -> str:
    """The path of a new subscription; what the camera says of hosts is let be."""
    reference = find_element(body, "SubscriptionReference")
    path = parse_path(read_text(reference, "Address", MAX_URL_CHARS))
    if not path:
        raise RemoteProtocolError("the camera's ONVIF answer has no subscription")
    return path


def decode_messages(body: ElementTree.Element) -> list[OnvifEvent]:
    """The events of one answer to PullMessages, in the camera's order."""
    elements = [e for e in body.iter() if name_of(e) == "NotificationMessage"][:MAX_MESSAGES]
    return [_decode_message(element) for element in elements]


def _decode_message(element: ElementTree.Element) -> OnvifEvent:
    inner = [e for e in element.iter() if name_of(e) == "Message"]
    message = inner[-1] if inner else element  # that of ONVIF is inside that of the notification
    return OnvifEvent(
        topic=read_text(element, "Topic"),
        is_on=_read_state(find_element(message, "Data")),
        time=_parse_time(message.get("UtcTime", "")),
        is_initial=message.get("PropertyOperation", "") == "Initialized",
    )


def _read_state(data: ElementTree.Element | None) -> bool | None:
    items = data.iter() if data is not None else iter(())
    for item in items:
        value = clean_text(item.get("Value", ""))[:MAX_TEXT_CHARS].lower()
        if value in _YES + _NO:
            return value in _YES
    return None


def _parse_time(text: str) -> dt.datetime | None:
    try:
        time = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=dt.UTC)
