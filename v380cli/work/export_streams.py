"""Texts that bring cameras into other programs: go2rtc, MediaMTX, Frigate, Home Assistant.

Each is the whole text, with comments on where it goes. They hold no password: `v380` finds it in
the device list, and what a program asks for is named as an environment variable or a file.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from v380cli.models import Device
from v380cli.text import clean_text

PLAIN_WORD_SIGNS = frozenset("._-")
SERVE_PORT, PAGE_PORT = 8554, 8080
PLAIN_KEY = re.compile(r"[A-Za-z][\w.-]*")
# YAML 1.1 takes these for something else than text.
YAML_WORDS = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPlan:
    """What the texts are about: cameras by their names in addresses, and how `v380` is called.

    `host` is where `v380 serve` runs; `is_all` says that the cameras are the whole list.
    """

    cameras: Mapping[str, Device]
    command: str
    host: str = "127.0.0.1"
    is_all: bool = False

    @property
    def targets(self) -> str:
        """The cameras on a command line."""
        return "--all" if self.is_all else " ".join(map(name_target, self.cameras.values()))

    def locate(self, name: str, *, is_small: bool = False) -> str:
        """Where `v380 serve` has a camera's stream."""
        return f"rtsp://{self.place}:{SERVE_PORT}/{name}{'/sd' if is_small else ''}"

    @property
    def place(self) -> str:
        """The host as it stands in an address."""
        return f"[{self.host}]" if ":" in self.host else self.host


def name_target(camera: Device) -> str:
    """How a command line names a camera where no shell takes quotes away."""
    name = camera.name
    is_plain = all(sign.isalnum() or sign in PLAIN_WORD_SIGNS for sign in name)
    if name and is_plain and name[0].isalnum():
        return name
    return str(camera.device_id) if camera.device_id else camera.address


def export_go2rtc(plan: ExportPlan) -> Iterator[str]:
    """Streams for `go2rtc.yaml`.

    go2rtc splits the words itself and takes what stands behind # for parameters. Signals are
    numbers; without one it kills, and a killed recording link leaves its camera busy for a while.
    """
    yield "# go2rtc.yaml: add this to it. Where `exec: allow_paths:` is set, add the command there:"
    yield f"#   exec: {{allow_paths: [{plan.command}]}}"
    yield "# Streams of `exec:` cannot be added over go2rtc's API."
    yield "streams:"
    for name, camera in plan.cameras.items():
        target = name_target(camera)
        yield f"  {_quote_key(name)}:  # {clean_text(camera.label)}"
        yield f"    - exec:{plan.command} stream {target} -o -#killsignal=15#killtimeout=5"
        yield (
            f"  #  - exec:{plan.command} stream {target} --to {{output}}"
            "#killsignal=15#killtimeout=5#starttimeout=20"
        )
        yield f"  #  - exec:{plan.command} talk {target} -#backchannel=1#audio=alaw/8000"


def export_mediamtx(plan: ExportPlan) -> Iterator[str]:
    """Paths for `mediamtx.yml`, opened when somebody looks."""
    yield "# mediamtx.yml: add this to it. The start time-out is 10 s unless told, too short for a"
    yield "# camera that is being looked for."
    yield "paths:"
    for name, camera in plan.cameras.items():
        target = name_target(camera)
        yield f"  {_quote_key(name)}:  # {clean_text(camera.label)}"
        yield (
            f"    runOnDemand: {plan.command} stream {target}"
            " --to rtsp://127.0.0.1:$RTSP_PORT/$MTX_PATH"
        )
        yield "    runOnDemandRestart: yes"
        yield "    runOnDemandStartTimeout: 20s"
        yield "    runOnDemandCloseAfter: 30s"


def export_frigate(plan: ExportPlan) -> Iterator[str]:
    """Streams and cameras for Frigate's `config.yml`.

    Its container has no v380 and refuses `exec:`, so the streams come from `v380 serve`.
    """
    yield from _explain_serving(plan, "config.yml of Frigate 0.17: add this to it")
    yield "go2rtc:"
    yield "  streams:"
    for name in plan.cameras:
        yield f"    {_quote_key(name)}: {plan.locate(name)}"
        yield f"    {_quote_key(f'{name}_sub')}: {plan.locate(name, is_small=True)}"
    yield "cameras:"
    for name in plan.cameras:
        yield from _export_frigate_camera(name)


def _export_frigate_camera(slug: str) -> Iterator[str]:
    restream = "input_args: preset-rtsp-restream"
    yield f"  {_quote_key(slug)}:"
    yield "    ffmpeg:"
    yield "      inputs:"
    yield f"        - {{path: rtsp://127.0.0.1:8554/{slug}_sub, {restream}, roles: [detect]}}"
    yield f"        - {{path: rtsp://127.0.0.1:8554/{slug}, {restream}, roles: [record, audio]}}"
    yield "    detect: {enabled: true, width: 640, height: 360, fps: 5}  # off unless told"


def export_homeassistant(plan: ExportPlan) -> Iterator[str]:
    """Cameras for Home Assistant's `configuration.yaml`."""
    where = "configuration.yaml of Home Assistant: add this to it"
    yield from _explain_serving(plan, where, has_pages=True)
    yield "# Or in its pages: Settings, Devices, Add integration, Generic Camera, with the address"
    yield "# as the stream source, RTSP transport tcp, and as the still image"
    yield f"# http://{plan.place}:{PAGE_PORT}/NAME/snapshot.jpg."
    yield "# Motion and pictures of it come by themselves (2024.11 or newer), by way of a broker of"
    yield "# MQTT, whose user and password are V380_MQTT_USERNAME and V380_MQTT_PASSWORD of this:"
    yield f"#   {plan.command} watch {plan.targets} --mqtt mqtt://BROKER"
    yield "camera:"
    for name, camera in plan.cameras.items():
        yield "  - platform: ffmpeg"
        yield f"    name: {_quote(clean_text(camera.label))}"
        yield f"    input: -rtsp_transport tcp -i {plan.locate(name)}"


def _explain_serving(plan: ExportPlan, where: str, *, has_pages: bool = False) -> Iterator[str]:
    yield f"# {where}. The streams come from this command, which runs all the time:"
    pages = f" --http {plan.place}:{PAGE_PORT}" if has_pages else ""
    yield f"#   {plan.command} serve {plan.targets} --rtsp {plan.place}:{SERVE_PORT}{pages}"
    if not plan.host.startswith("127."):
        yield "# Beyond loopback it asks for a user and a password: they go before the host"
        yield "# below as USER:PASSWORD@, or better into a secret of the program's own."


def _quote_key(name: str) -> str:
    """A YAML key that is text, whatever it looks like."""
    is_plain = PLAIN_KEY.fullmatch(name) and name.lower() not in YAML_WORDS
    return name if is_plain else _quote(name)


def _quote(text: str) -> str:
    """A YAML string in double quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
