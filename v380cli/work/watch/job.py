"""Watch cameras: what happens before them becomes events, with clips."""

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from v380cli.camera.fleet import Fleet
from v380cli.models import Device, RecordedFile
from v380cli.sinks.segmented import FileListener
from v380cli.work.aftercare import Aftercare
from v380cli.work.sharing import offer_controls
from v380cli.work.watch.card import CardWatch
from v380cli.work.watch.episodes import Tell
from v380cli.work.watch.onvif import OnvifWatch
from v380cli.work.watch.picture import PictureWatch
from v380cli.work.watch.plan import WatchPlan
from v380cli.work.watch.push import AlarmDesk, PushWatch
from v380cli.work.watch.source import Source
from v380cli.work.watch.watcher import Watched, Watcher

if TYPE_CHECKING:
    from v380cli.net.post_receiver import PostReceiver

Talk = Callable[[str], None]

log = logging.getLogger(__name__)


class WatchJob:
    """Watches some devices; each event goes to `tell`, from any thread.

    `talk` gets a sentence for a person about what fails beside that. NetworkError for a port that
    is taken.
    """

    def __init__(
        self, devices: Sequence[Device], plan: WatchPlan, tell: Tell, talk: Talk = log.warning
    ) -> None:
        self._aftercare = Aftercare(plan.care, talk) if plan.record else None
        self._watchers = [self._make_watcher(device, plan, tell) for device in devices]
        self._fleet = Fleet(self._watchers)
        self._receiver = self._open_receiver(plan) if plan.listeners else None

    def stop(self) -> None:
        """Ask for the end; safe in a signal handler."""
        self._fleet.stop()

    def run(self) -> list[Watched]:
        """Watch to the end; how it went with each camera."""
        with ExitStack() as stack:
            if self._receiver:
                stack.enter_context(self._receiver)
            if self._aftercare:
                stack.enter_context(self._aftercare)
            links = (watcher.main for watcher in self._watchers)
            for link in filter(None, links):
                stack.enter_context(offer_controls(link))
            return self._fleet.run(self._tick)

    def _tick(self) -> None:
        for watcher in self._watchers:
            watcher.tick()

    def _make_watcher(self, device: Device, plan: WatchPlan, tell: Tell) -> Watcher:
        listener: FileListener | None = None
        if self._aftercare:
            listener = self._aftercare.watch(device, _hear_nothing)
        match plan.source:
            case Source.CARD:
                return CardWatch(device, plan, tell, listener)
            case Source.PUSH:
                return PushWatch(device, plan, tell, listener)
            case Source.ONVIF:
                return OnvifWatch(device, plan, tell, listener)
        return PictureWatch(device, plan, tell, listener)

    def _open_receiver(self, plan: WatchPlan) -> "PostReceiver":
        from v380cli.net.post_receiver import PostReceiver  # asyncio takes its time

        desk = AlarmDesk([each for each in self._watchers if isinstance(each, PushWatch)])
        return PostReceiver(plan.listeners, desk.answer)


def _hear_nothing(_device: Device, _file: RecordedFile) -> None:
    pass
