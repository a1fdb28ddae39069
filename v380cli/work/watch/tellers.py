"""Who is told of events: the catalogue, a command, the desktop; and a web server."""

from collections.abc import Callable

from v380cli.errors import StorageError
from v380cli.net.tool import run_tool
from v380cli.net.webhook import Webhook, WebhookRefused
from v380cli.store.events import StoredEvent, open_events
from v380cli.work.hooks import Hook
from v380cli.work.watch.events import Event, EventName
from v380cli.work.watch.outbox import Unwanted

NOTIFY_TOOL = "notify-send"
NOTIFY_TIMEOUT_S = 10.0

STORED_KINDS = {
    EventName.MOTION_START: "motion",
    EventName.MOTION_END: "motion",
    EventName.ALARM: "alarm",
    EventName.ALARM_END: "alarm",
    EventName.CAMERA_LOST: "camera_lost",
    EventName.CAMERA_BACK: "camera_lost",
}
TITLES = {
    EventName.MOTION_START: "something moves",
    EventName.ALARM: "alarm",
    EventName.CAMERA_LOST: "the camera is lost",
    EventName.CAMERA_BACK: "the camera is back",
}


class PrintingTeller:
    """Prints events; `on_reader_gone` is called when nobody takes them any more."""

    name = "standard output"
    retries = wants_pictures = False

    def __init__(self, print_event: Callable[[Event], None]) -> None:
        self._print = print_event
        self.is_reader_gone = False
        self.on_reader_gone: Callable[[], None] = lambda: None

    def tell(self, event: Event) -> None:
        try:
            self._print(event)
        except BrokenPipeError:
            self.is_reader_gone = True
            self.on_reader_gone()
        except OSError as error:
            raise StorageError(f"it cannot be written: {error.strerror or error}") from None

    def close(self) -> None:
        pass


class CatalogueTeller:
    """Notes events where `v380 events` finds them."""

    name = "catalogue"
    retries = True
    wants_pictures = False

    def tell(self, event: Event) -> None:
        with open_events() as events:
            events.put(
                StoredEvent(
                    key=event.key,
                    kind=STORED_KINDS[event.name],
                    device=event.device.label,
                    device_id=event.device.device_id,
                    source=event.source,
                    start=event.start,
                    duration_s=event.duration_s,
                    score=event.score,
                    area=event.area,
                    clip=event.clip and event.clip.absolute(),
                    snapshot=event.snapshot and event.snapshot.absolute(),
                    reason=event.reason,
                )
            )

    def close(self) -> None:
        pass


class HookTeller:
    """Runs the user's command, once for each event, one after the other."""

    name = "--on-event"
    retries = wants_pictures = False

    def __init__(self, command: str) -> None:
        self._hook = Hook(command)

    def tell(self, event: Event) -> None:
        self._hook.run(event.to_values(), event.to_line())

    def close(self) -> None:
        self._hook.stop()


class WebhookTeller:
    """Posts events to a web server."""

    name = "--webhook"
    retries = True
    wants_pictures = False

    def __init__(self, webhook: Webhook) -> None:
        self._webhook = webhook

    def tell(self, event: Event) -> None:
        try:
            self._webhook.post(event.to_line().encode())
        except WebhookRefused as error:
            raise Unwanted(error.message) from None

    def close(self) -> None:
        self._webhook.close()


class NotifyTeller:
    """Shows the beginning of things on the desktop."""

    name = "--notify"
    retries = wants_pictures = False

    def tell(self, event: Event) -> None:
        if event.name not in TITLES:
            return
        title = f"{event.device.label}: {TITLES[event.name]}"
        icon = [f"--icon={event.snapshot.absolute()}"] if event.snapshot else []
        text = event.reason or f"{event.time:%H:%M:%S}"
        command = [NOTIFY_TOOL, "--app-name=v380", *icon, "--", title, text]
        run_tool(command, timeout_s=NOTIFY_TIMEOUT_S)

    def close(self) -> None:
        pass
