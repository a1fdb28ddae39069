"""How a running watch is shown, and how it ends."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from v380cli.commands import _console
from v380cli.commands._ending import Result
from v380cli.commands._signals import stop_on_signals, tell_how_to_stop
from v380cli.errors import InvalidInput
from v380cli.models import Device, Secret
from v380cli.net.mqtt import Broker, parse_broker
from v380cli.net.tool import has_tool
from v380cli.net.webhook import Webhook
from v380cli.work.outcome import join_errors
from v380cli.work.watch.events import ENDS, Event, EventName
from v380cli.work.watch.job import WatchJob
from v380cli.work.watch.outbox import Outbox, Teller
from v380cli.work.watch.plan import WatchPlan
from v380cli.work.watch.tellers import (
    NOTIFY_TOOL,
    CatalogueTeller,
    HookTeller,
    NotifyTeller,
    PrintingTeller,
    WebhookTeller,
)

# For what is still to be told at the end: a command that runs, a server that is slow.
GRACE_S = 10.0
WEBHOOK_SECRET_VARIABLE = "V380_WEBHOOK_SECRET"  # noqa: S105 - the names of variables
MQTT_USERNAME_VARIABLE = "V380_MQTT_USERNAME"
MQTT_PASSWORD_VARIABLE = "V380_MQTT_PASSWORD"  # noqa: S105

WORDS = {
    EventName.MOTION_START: "motion",
    EventName.MOTION_END: "quiet",
    EventName.ALARM: "alarm",
    EventName.ALARM_END: "alarm is over",
    EventName.CAMERA_LOST: "lost",
    EventName.CAMERA_BACK: "back",
}


@dataclass(frozen=True, kw_only=True)
class TellPlan:
    """Who is to be told, as the options say; empty for nobody."""

    on_event: str = ""
    webhook: str = ""
    mqtt: str = ""
    mqtt_prefix: str = ""
    notify: bool = False


def make_tellers(plan: TellPlan) -> list[Teller]:
    """Who is told of events besides standard output; InvalidInput for what cannot be told."""
    tellers: list[Teller] = [CatalogueTeller()]
    if plan.on_event:
        tellers.append(HookTeller(plan.on_event))
    if plan.webhook:
        secret = Secret(os.environ.get(WEBHOOK_SECRET_VARIABLE, ""))
        tellers.append(WebhookTeller(Webhook(plan.webhook, secret)))
    if plan.notify:
        if not has_tool(NOTIFY_TOOL):
            raise InvalidInput(
                f"there is no {NOTIFY_TOOL}, which shows things on the desktop",
                hint="apt-get install libnotify-bin",
            )
        tellers.append(NotifyTeller())
    return tellers


def read_broker(plan: TellPlan) -> Broker | None:
    """The MQTT broker that is to be told, with its credentials; InvalidInput."""
    if not plan.mqtt:
        return None
    username = os.environ.get(MQTT_USERNAME_VARIABLE, "")
    password = Secret(os.environ.get(MQTT_PASSWORD_VARIABLE, ""))
    return parse_broker(plan.mqtt, username, password)


def run_watch(
    devices: Sequence[Device], plan: WatchPlan, tellers: Sequence[Teller], *, jsonl: bool
) -> Result:
    """Watch to the end and tell what happens; what is left to say is how it ended.

    BrokenPipeError, in the end, where nobody takes what is printed.
    """
    printer = PrintingTeller(_print_line if jsonl else _print_sentence)
    outboxes = [Outbox(teller) for teller in (printer, *tellers)]

    def tell(event: Event) -> None:
        for outbox in outboxes:
            outbox.post(event)

    if plan.duration_s == float("inf"):
        tell_how_to_stop()
    try:
        job = WatchJob(devices, plan, tell, _console.say)
        printer.on_reader_gone = job.stop
        with stop_on_signals(job.stop) as caught:
            results = job.run()
    finally:
        for outbox in outboxes:
            outbox.close(GRACE_S)
    if printer.is_reader_gone:
        raise BrokenPipeError
    error = join_errors([(result.device.label, result.error) for result in results])
    return Result(error=error, is_empty=True, exit_code=caught.exit_code)


def _print_line(event: Event) -> None:
    _console.print_json_line(event.to_json())


def _print_sentence(event: Event) -> None:
    """For a person; one line with tabs for a pipe."""
    _console.print_row([f"{event.time:%H:%M:%S}", event.device.label, *_describe(event)])


def _describe(event: Event) -> list[str]:
    details = []
    if event.name is EventName.MOTION_START:
        details.append(f"{event.area:.1%} of the picture")
    if event.duration_s is not None:
        details.append(f"after {event.duration_s:.1f} s")
    if event.reason:
        details.append(event.reason)
    if event.clip and event.name in ENDS.values():
        details.append(str(event.clip))
    return [WORDS[event.name], ", ".join(details)]
