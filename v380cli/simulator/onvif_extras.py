"""What some cameras answer by ONVIF and the recorded one does not: positions, imaging, events."""

import datetime as dt
import queue
import re
from dataclasses import dataclass, field
from html import escape, unescape

MAX_PULL_S = 10
_VALUES = re.compile(r"<(?:\w+:)?(PresetToken|PresetName|IrCutFilter|Timeout)>([^<]*)<")
_SECONDS = re.compile(r"PT([0-9]+)S")
_MESSAGE = (
    "<wsnt:NotificationMessage><wsnt:Topic>{topic}</wsnt:Topic><wsnt:Message><tt:Message "
    'UtcTime="{time}" PropertyOperation="{operation}"><tt:Source><tt:SimpleItem '
    'Name="VideoSourceToken" Value="source_0"/></tt:Source><tt:Data><tt:SimpleItem '
    'Name="IsMotion" Value="{value}"/></tt:Data></tt:Message></wsnt:Message>'
    "</wsnt:NotificationMessage>"
)
MOTION_TOPIC = "tns1:RuleEngine/CellMotionDetector/Motion"


@dataclass(slots=True)
class OnvifExtras:
    """The state of such a camera; `visited` are the tokens of positions that it was turned to."""

    presets: dict[str, str] = field(default_factory=dict)
    visited: list[str] = field(default_factory=list)
    ir_cut_filter: str = "AUTO"
    subscriptions: int = 0
    _news: "queue.Queue[str]" = field(default_factory=queue.Queue)

    def notice_motion(self, is_on: bool, *, is_initial: bool = False) -> None:
        """Have it told to who pulls."""
        self._news.put(
            _MESSAGE.format(
                topic=MOTION_TOPIC,
                time=f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
                operation="Initialized" if is_initial else "Changed",
                value=str(is_on).lower(),
            )
        )

    def answer(self, call: str, request: str) -> str:
        """The body of an answer; empty for what it does not know either."""
        told = {name: unescape(value) for name, value in _VALUES.findall(request)}
        token = told.get("PresetToken", "")
        match call:
            case "GetPresets":
                return _wrap("GetPresets", "".join(map(_describe_preset, self.presets.items())))
            case "SetPreset":
                token = token or str(len(self.presets) + 1)
                self.presets[token] = told.get("PresetName", "")
                return _wrap("SetPreset", f"<PresetToken>{token}</PresetToken>")
            case "RemovePreset" if self.presets.pop(token, None) is not None:
                return _wrap("RemovePreset")
            case "GotoPreset" if token in self.presets:
                self.visited.append(token)
                return _wrap("GotoPreset")
            case "GetImagingSettings":
                settings = f"<tt:IrCutFilter>{self.ir_cut_filter}</tt:IrCutFilter>"
                return _wrap(call, f"<ImagingSettings>{settings}</ImagingSettings>")
            case "SetImagingSettings":
                self.ir_cut_filter = told.get("IrCutFilter", self.ir_cut_filter)
                return _wrap(call)
            case "CreatePullPointSubscription":
                self.subscriptions += 1
                address = "<Address>http:///onvif/Subscription?n=1</Address>"
                return _wrap(call, f"<SubscriptionReference>{address}</SubscriptionReference>")
            case "PullMessages" if self.subscriptions:
                return _wrap(call, self._pull(told.get("Timeout", "")))
            case "Renew" if self.subscriptions:
                return _wrap(call)
            case "Unsubscribe" if self.subscriptions:
                self.subscriptions -= 1
                return _wrap(call)
        return ""

    def _pull(self, timeout: str) -> str:
        """The news, after a wait for the first of it."""
        match = _SECONDS.fullmatch(timeout)
        news = []
        try:
            news.append(self._news.get(timeout=min(int(match[1]) if match else 0, MAX_PULL_S)))
            while True:
                news.append(self._news.get_nowait())
        except queue.Empty:
            return "".join(news)


def _wrap(call: str, inside: str = "") -> str:
    namespaces = 'xmlns="http://www.onvif.org/" xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2"'
    return f"<{call}Response {namespaces}>{inside}</{call}Response>"


def _describe_preset(preset: tuple[str, str]) -> str:
    token, name = preset
    return f'<Preset token="{escape(token)}"><tt:Name>{escape(name)}</tt:Name></Preset>'
