"""One camera: from its address to its first picture, and who else may look at it."""

import datetime as dt
import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from v380cli.camera import discover
from v380cli.camera.access import Access
from v380cli.camera.fingerprint import read_device_version
from v380cli.camera.inspection import Inspection, Inspector, Missing
from v380cli.camera.onvif import OnvifClient
from v380cli.camera.rtsp import PATHS, listens, make_url
from v380cli.camera.rtsp_dialogue import Dialogue, NoRtspThere
from v380cli.camera.stream_sample import StreamSample, take_sample
from v380cli.errors import (
    CredentialsRefused,
    NetworkError,
    Refused,
    RemoteProtocolError,
    V380Error,
)
from v380cli.models import Quality, Secret
from v380cli.net.interfaces import list_interfaces
from v380cli.wire.settings.record import CardCondition
from v380cli.wire.versions import Versions
from v380cli.work.doctor.finding import Found, fail, fail_with, ok, skip, warn

LATE_KEYFRAME_S = 5.0
LARGE_DRIFT_S = 60.0
DISCOVERY_TIMEOUT_S = 3.0
OPEN_HINT = "everybody in this network can watch: keep the camera in a network of its own"
# As the vendor's help has it, and owners of several models; other lines of that section drive
# the motors and the lamp.
CESHI_HINT = (
    "many cameras have RTSP, switched off. A file ceshi.ini at the root of the card (FAT32) with "
    "the lines [CONST_PARAM], rtsp=1, rtsp_enable=1, rtsp_ctrl=1 and no others: power on with the "
    "card in, wait up to 5 minutes for a voice, take the file away. It leaves a stream without a "
    "password in your network; some firmware does not do it, and a wrong file can keep a camera "
    "from starting until it is removed"
)


@dataclass(slots=True)
class Examination:
    """A camera, and what earlier checks have found."""

    access: Access
    answers_discovery: bool = False
    answers_tcp: bool = False
    is_let_in: bool = False
    has_rtsp: bool = False
    inspection: Inspection | None = None
    sample: StreamSample | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        return self.access.device.host


def check_network(found: Examination) -> Found:
    """Whether the camera's address is in a network of this machine."""
    try:
        address = ipaddress.IPv4Address(found.host)
    except ValueError:
        if not found.host:
            return fail("its address is not known", "v380 discover; then devices edit --address")
        return skip(f"{found.host} is a name")
    networks = [entry.network for entry in list_interfaces()]
    if any(address in network for network in networks):
        return ok(f"{found.host} is in a network of this machine")
    said = f"{found.host} is in no network of this machine"
    try:
        with found.access.interrupt.connect(found.host, found.access.device.port):
            return warn(f"{said}, and answers", "discovery does not cross networks")
    except NetworkError:
        found.access.interrupt.check()
    return fail(
        f"{said}, and does not answer: another VLAN, a guest network, or an old address",
        f"let TCP {found.access.device.port} through, or find it: v380 discover",
    )


def check_discovery(found: Examination) -> Found:
    """Whether it answers beacons; networks that keep their guests apart stop those."""
    device = found.access.device
    sighting = discover.find_beacon(
        device_id=device.device_id,
        mac=device.mac,
        host=device.host,
        timeout_s=DISCOVERY_TIMEOUT_S,
        stop=found.access.interrupt,
    )
    if sighting is None:
        return warn(
            "it does not answer discovery",
            "is it on? a Wi-Fi that keeps its guests apart, and firewalls, stop this first",
        )
    found.answers_discovery = True
    beacon = sighting.beacon
    if device.host and beacon.ip != device.host and not device.host.startswith("127."):
        found.access.device = replace(device, host=beacon.ip, port=beacon.port)
        return warn(f"it answers at {beacon.ip}, not at {device.host}", "v380 discover --save")
    if not device.device_id:
        found.access.device = replace(device, device_id=beacon.device_id)
    return ok(f"answers as {beacon.device_id} {beacon.version}".rstrip())


def check_tcp(found: Examination) -> Found:
    """Whether something takes a connection where the private protocol is."""
    device = found.access.device
    try:
        with found.access.interrupt.connect(device.host, device.port):
            found.answers_tcp = True
            return ok(f"takes a connection at {device.address}")
    except NetworkError as error:
        found.access.interrupt.check()
        if listens(device):
            return warn(f"{error.message}, but RTSP answers", "it can be watched all the same")
        return fail_with(error)


def check_version(found: Examination) -> Found:
    """Whether it is a V380 camera, and of which generation."""
    if not found.answers_tcp:
        return skip("not asked: no connection")
    device = found.access.device
    version = read_device_version(device.host, device.port, found.access.interrupt.connect)
    return ok(f"a V380 camera, device version {version or 'not told'}")


def check_login(found: Examination) -> Found:
    """Whether it lets us in."""
    if not found.answers_tcp:
        return skip("not asked: no connection")
    try:
        found.access.log_in()
    except (CredentialsRefused, Refused, NetworkError, RemoteProtocolError) as error:
        found.access.interrupt.check()
        return fail_with(error)
    found.is_let_in = True
    return ok("lets us in")


def check_rtsp(found: Examination) -> Found:
    """Whether it has RTSP, and whether that asks for a password."""
    if not found.host:
        return skip("not asked: no address")
    url = found.access.device.rtsp_url or make_url(found.access.device, PATHS[Quality.HD][0])
    nobody = Access(
        replace(found.access.device, username="", password=Secret()),
        interrupt=found.access.interrupt,
    )
    try:
        dialogue = Dialogue.open(nobody, url)
    except NoRtspThere:
        return skip("no RTSP", CESHI_HINT)
    found.has_rtsp = True
    try:
        dialogue.ask("DESCRIBE", url, {"Accept": "application/sdp"})
    except CredentialsRefused:
        return ok("RTSP asks for a password")
    except V380Error as error:
        found.access.interrupt.check()
        return ok(f"has RTSP: {error.message}")
    finally:
        dialogue.close()
    return warn(f"RTSP asks for no password: {url}", OPEN_HINT)


def check_onvif(found: Examination) -> Found:
    """Whether it has ONVIF, and whether that asks for a password."""
    if not found.host:
        return skip("not asked: no address")
    nobody = Access(
        replace(found.access.device, username="", password=Secret()),
        interrupt=found.access.interrupt,
    )
    try:
        client = OnvifClient.open(nobody)
    except NetworkError:
        found.access.interrupt.check()
        return skip("no ONVIF")
    try:
        information = client.read_information()
    except CredentialsRefused:
        return ok(f"ONVIF at port {client.port} asks for a password")
    said = f"ONVIF at port {client.port} asks for no password: {information.model}"
    return warn(f"{said}, firmware {information.firmware}", OPEN_HINT)


def check_stream(found: Examination) -> Found:
    """Whether pictures come, and when the first one does."""
    if not (found.is_let_in or found.has_rtsp):
        return skip("not opened: no way to the camera")
    started_s = time.monotonic()
    try:
        found.sample = take_sample(found.access, Quality.HD)
    except (Refused, NetworkError, RemoteProtocolError) as error:
        found.access.interrupt.check()
        return fail_with(error)
    took_s = time.monotonic() - started_s
    said = f"{found.sample.codec} comes, the first picture after {took_s:.1f} s"
    return ok(said) if took_s < LATE_KEYFRAME_S else warn(said, "a weak Wi-Fi, perhaps")


def check_clock(found: Examination) -> Found:
    """How far the camera's clock is off; a whole zone may be meant so."""
    if not found.is_let_in:
        return skip("not asked: no log-in")
    found.inspection = Inspector(found.access, streams=False).run()
    clock = found.inspection.clock
    if isinstance(clock, Missing) or clock.value.time is None:
        return skip("the camera does not tell its time")
    drift_s = (clock.value.time - clock.time.astimezone().replace(tzinfo=None)).total_seconds()
    if abs(drift_s) < LARGE_DRIFT_S:
        side = "slow" if drift_s < 0 else "fast"
        return ok(f"its clock is {abs(drift_s):.0f} s {side}" if round(drift_s) else "goes right")
    size = dt.timedelta(seconds=round(abs(drift_s)))
    words = f"its clock is {size} {'ahead' if drift_s > 0 else 'behind'}"
    return warn(words, "another time zone, perhaps; v380 settings set clock")


def check_card(found: Examination) -> Found:
    """The SD card."""
    if found.inspection is None:
        return skip("not asked: no log-in")
    record = found.inspection.record
    if isinstance(record, Missing):
        return skip(f"the camera does not tell: {record.message}")
    card = record.value.card
    if card == CardCondition.NONE:
        return skip("no card")
    name = card.word if isinstance(card, CardCondition) else f"condition {card}"
    return ok(f"card: {name}") if record.value.card_size > 0 else warn(f"card: {name}")


def check_firmware(found: Examination) -> Found:
    """Whether the camera speaks of newer firmware."""
    if found.inspection is None:
        return skip("not asked: no log-in")
    versions = found.inspection.versions
    if isinstance(versions, Missing):
        return skip(f"the camera does not tell: {versions.message}")
    assert isinstance(versions.value, Versions)
    if versions.value.new_name:
        return warn(
            f"runs {versions.value.app}, and says that there is {versions.value.new_name}",
            "updates can take a protocol away: read what others say of it first",
        )
    return ok(f"runs {versions.value.app or 'what it does not tell'}")


# In the order in which one thing causes the next.
CHECKS: tuple[tuple[str, Callable[[Examination], Found]], ...] = (
    ("network", check_network),
    ("discovery", check_discovery),
    ("tcp", check_tcp),
    ("version", check_version),
    ("login", check_login),
    ("rtsp", check_rtsp),
    ("onvif", check_onvif),
    ("stream", check_stream),
    ("camera clock", check_clock),
    ("card", check_card),
    ("firmware", check_firmware),
)
