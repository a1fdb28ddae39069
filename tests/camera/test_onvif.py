"""ONVIF as a real camera has it, quirks included."""

import datetime as dt
import random
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.golden.recorded import load_recorded
from tests.media_server import find_free_port
from v380cli.camera.access import Access
from v380cli.camera.control import NotAble
from v380cli.camera.onvif import OnvifClient
from v380cli.camera.onvif_controls import OnvifControls, by_any_road
from v380cli.camera.onvif_events import read_events
from v380cli.camera.onvif_presets import OnvifPresets
from v380cli.errors import (
    CredentialsRefused,
    InvalidInput,
    NetworkError,
    RemoteProtocolError,
    UnsupportedFirmware,
)
from v380cli.models import Device, Quality, Secret, Via
from v380cli.net.http_post import parse_answer
from v380cli.simulator.onvif import OnvifDesk, OnvifServer
from v380cli.simulator.onvif_extras import OnvifExtras
from v380cli.wire import onvif_services as soap
from v380cli.wire.control import (
    ColorControl,
    ColorSwitch,
    Control,
    OrientationControl,
    PresetControl,
    ZoomControl,
    ZoomDirection,
)
from v380cli.wire.onvif_events import OnvifEvent, decode_messages
from v380cli.wire.onvif_imaging import IrCutFilter
from v380cli.wire.onvif_services import Service

DEVICE_ID = 12345678
PASSWORD = Secret("tell-nobody")


@pytest.fixture
def desk() -> OnvifDesk:
    return OnvifDesk(DEVICE_ID)


@pytest.fixture
def server(desk: OnvifDesk) -> Iterator[OnvifServer]:
    with OnvifServer(desk, "127.0.0.1", 0) as server:
        yield server


def open_client(server: OnvifServer, password: Secret | None = None) -> OnvifClient:
    device = Device(host="127.0.0.1", password=password or Secret())
    return OnvifClient.open(Access(device), (find_free_port("tcp"), server.port))


def wrap(body: str) -> bytes:
    namespaces = 'xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tds="urn:x"'
    return f"<s:Envelope {namespaces}><s:Body>{body}</s:Body></s:Envelope>".encode()


def test_the_recorded_answer_of_a_real_camera_is_read() -> None:
    """The last four bytes of its serial number are its device id."""
    body = soap.decode_answer(wrap(load_recorded("onvif-device-information")["text"]))
    information = soap.decode_information(body)
    assert (information.manufacturer, information.firmware) == ("IPCAM", "HS-Camera_No1")
    assert information.device_id == DEVICE_ID


@pytest.mark.parametrize("serial", ["", "0c8c24a1b2c3", "unknown", "00000000", "0000ffffffff"])
def test_a_serial_number_that_holds_no_id_gives_none(serial: str) -> None:
    body = soap.decode_answer(wrap(f"<SerialNumber>{serial}</SerialNumber>"))
    assert soap.decode_information(body).device_id == 0


def test_the_next_port_is_asked_and_the_camera_tells_of_itself(server: OnvifServer) -> None:
    client = open_client(server)
    assert client.read_information().device_id == DEVICE_ID
    assert [profile.token for profile in client.list_profiles()] == ["stream0_0", "stream0_1"]
    rows = load_recorded("onvif-profiles")["rows"]
    assert [profile.token for profile in client.list_profiles()] == [row["token"] for row in rows]
    assert not client.asks_for_password


def test_the_address_of_a_stream_is_at_the_host_that_we_ask(server: OnvifServer) -> None:
    """The camera names another, as one behind NAT or with an old address does."""
    client = open_client(server)
    assert client.find_stream(Quality.HD) == "rtsp://127.0.0.1/live/ch00_1"
    assert client.find_stream(Quality.SD) == "rtsp://127.0.0.1/live/ch00_0"


@pytest.mark.parametrize("uri", ["http://a/b", "rtsp://a", "rtsp://a:x/b", "rtsp://a/b c", ""])
def test_an_address_that_makes_no_sense_is_refused(uri: str) -> None:
    with pytest.raises(RemoteProtocolError):
        soap.decode_stream_uri(soap.decode_answer(wrap(f"<Uri>{uri}</Uri>")))


def test_it_turns_and_stops(server: OnvifServer, desk: OnvifDesk) -> None:
    client = open_client(server)
    client.move(-0.5, 0)
    client.stop()
    assert desk.moves == [(-0.5, 0.0), None]


def test_what_the_camera_does_not_know_is_unsupported(server: OnvifServer) -> None:
    with pytest.raises(UnsupportedFirmware):
        open_client(server).list_presets()


def test_presets_are_read_where_there_are_some() -> None:
    body = soap.decode_answer(wrap('<Preset token="1"><Name>door</Name></Preset><Preset/>'))
    assert soap.decode_presets(body) == [soap.Preset("1", "door")]


@pytest.fixture
def extras(desk: OnvifDesk) -> OnvifExtras:
    """What the recorded camera has not, in one that has it."""
    desk.extras = OnvifExtras(presets={"1": "gate", "2": "door & yard"})
    return desk.extras


def test_positions_are_gone_to_stored_and_removed(server: OnvifServer, extras: OnvifExtras) -> None:
    presets = OnvifPresets(open_client(server))
    presets.go("2")
    presets.go("GATE")
    assert extras.visited == ["2", "1"]
    assert presets.store("gate") == "1"
    assert presets.store("street <1>") == "3"
    assert extras.presets["3"] == "street <1>"
    presets.remove("door & yard")
    assert [preset.token for preset in presets.list_presets()] == ["1", "3"]
    with pytest.raises(InvalidInput, match="it has: 1, 3"):
        presets.go("2")


def test_colour_is_chosen_by_the_infrared_filter(server: OnvifServer, extras: OnvifExtras) -> None:
    device = Device(host="127.0.0.1")
    controls = OnvifControls(Access(device), open_client(server))
    for switch, told in (
        (ColorSwitch.BLACK_AND_WHITE, "OFF"),
        (ColorSwitch.COLOR, "ON"),
        (ColorSwitch.AUTO, "AUTO"),
    ):
        controls.send(ColorControl(switch=switch))
        assert extras.ir_cut_filter == told


def test_a_camera_whose_filter_is_not_told_is_left_alone(
    server: OnvifServer, extras: OnvifExtras
) -> None:
    extras.ir_cut_filter = "SOMETIMES"
    with pytest.raises(UnsupportedFirmware, match="infrared"):
        open_client(server).set_filter(IrCutFilter.ON)
    assert extras.ir_cut_filter == "SOMETIMES"


@pytest.mark.parametrize(
    "control",
    [
        ColorControl(switch=ColorSwitch.COLOR),
        PresetControl(preset_id=0),
        OrientationControl(orientation=0),
    ],
)
def test_what_the_recorded_camera_answers_with_400_it_is_not_able_to(
    server: OnvifServer, control: Control
) -> None:
    controls = OnvifControls(Access(Device(host="127.0.0.1")), open_client(server))
    with pytest.raises(NotAble):
        controls.send(control)


def refuse() -> str:
    raise NetworkError("8800 is shut")


@pytest.mark.parametrize(
    ("via", "learnt", "by_lan", "taken"),
    [
        (Via.AUTO, None, str, Via.LAN),
        (Via.AUTO, None, refuse, Via.RTSP),
        (Via.AUTO, Via.RTSP, str, Via.RTSP),
        (Via.LAN, Via.RTSP, str, Via.LAN),
        (Via.RTSP, None, str, Via.RTSP),
    ],
)
def test_onvif_is_taken_where_it_is_wanted_or_the_other_fails_or_failed_last(
    via: Via, learnt: Via | None, by_lan: Callable[[], str], taken: Via
) -> None:
    host = f"127.78.{random.randrange(1, 255)}.{random.randrange(1, 255)}"
    with OnvifServer(OnvifDesk(DEVICE_ID), host):
        access = Access(Device(host=host, learnt_via=learnt))
        assert by_any_road(access, via, by_lan, lambda _client: "")[1] is taken


def test_the_private_protocol_is_tried_where_onvif_has_gone() -> None:
    access = Access(Device(host="127.0.0.1", port=1, learnt_via=Via.RTSP))
    assert by_any_road(access, Via.AUTO, str, lambda _client: "")[1] is Via.LAN


def test_zoom_is_a_move_that_ends(server: OnvifServer, desk: OnvifDesk) -> None:
    controls = OnvifControls(Access(Device(host="127.0.0.1")), open_client(server))
    controls.send(ZoomControl(direction=ZoomDirection.IN))
    assert desk.moves == [(0.0, 0.0), None]


def test_events_are_pulled_until_the_end(server: OnvifServer, extras: OnvifExtras) -> None:
    extras.notice_motion(False, is_initial=True)
    extras.notice_motion(True)
    events = read_events(open_client(server))
    first, second = next(events), next(events)
    assert (first.is_motion, first.is_on, first.is_initial) == (True, False, True)
    assert (second.is_on, second.is_initial) == (True, False)
    assert second.time is not None
    assert extras.subscriptions == 1
    extras.notice_motion(False)
    assert next(events).is_on is False
    events.close()
    assert extras.subscriptions == 0


def test_the_time_of_events_ends(server: OnvifServer, extras: OnvifExtras) -> None:
    assert list(read_events(open_client(server), deadline_s=lambda: 0.0)) == []
    assert extras.subscriptions == 0


def test_the_recorded_camera_offers_no_events(server: OnvifServer) -> None:
    with pytest.raises(UnsupportedFirmware):
        next(read_events(open_client(server)))


def test_an_event_as_the_specification_has_it_is_read() -> None:
    """Of another topic, in other namespaces, with a state that is no yes or no, and no time."""
    body = soap.decode_answer(
        wrap(
            "<NotificationMessage><Topic>tns1:Device/Trigger/Relay</Topic><Message>"
            '<x:Message xmlns:x="urn:y" UtcTime="noon"><Source><SimpleItem Name="a" Value="true"/>'
            '</Source><Data><SimpleItem Name="LogicalState" Value="inactive"/></Data></x:Message>'
            "</Message></NotificationMessage>"
        )
    )
    assert decode_messages(body) == [OnvifEvent("tns1:Device/Trigger/Relay", None)]


@pytest.mark.parametrize("year", ["0", "1" * 10, "9" * 60, "noon"])
def test_a_clock_that_no_calendar_has_is_not_told(year: str) -> None:
    rest = "".join(f"<{name}>1</{name}>" for name in ("Month", "Day", "Hour", "Minute", "Second"))
    body = wrap(f"<UTCDateTime><Year>{year}</Year>{rest}</UTCDateTime>")
    assert soap.decode_time(soap.decode_answer(body)) is None


def test_the_digest_holds_at_the_clock_of_the_camera(server: OnvifServer, desk: OnvifDesk) -> None:
    desk.guarded, desk.password = True, PASSWORD
    client = open_client(server, PASSWORD)
    assert client.read_information().device_id == DEVICE_ID
    assert client.asks_for_password
    with pytest.raises(CredentialsRefused):
        open_client(server, Secret("wrong")).read_information()


def test_the_digest_is_that_of_the_standard() -> None:
    """ONVIF Application Programmer's Guide, section 6.1.1.3."""
    nonce = bytes.fromhex("2cb69d7fbcb69f50a24b7ba5bdd22a61")
    header = soap.encode_security(
        "user", Secret("userpassword"), nonce, dt.datetime(2010, 9, 16, 7, 50, 45, tzinfo=dt.UTC)
    )
    assert "<Created" in header and "2010-09-16T07:50:45.000Z" in header
    assert "userpassword" not in header


def test_entities_are_not_read() -> None:
    document = b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    with pytest.raises(RemoteProtocolError):
        soap.decode_answer(document)
    with pytest.raises(RemoteProtocolError):
        soap.decode_answer(b"<x>" + b" " * soap.MAX_ANSWER_BYTES + b"</x>")


@given(st.binary(max_size=200))
def test_garbage_is_refused(data: bytes) -> None:
    for decode in (soap.decode_answer, parse_answer):
        with pytest.raises(RemoteProtocolError):
            decode(data)
    soap.is_denial(data)


def test_an_answer_in_chunks_is_read() -> None:
    answer = parse_answer(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    )
    assert (answer.status, answer.body) == (200, b"abcde")


def test_where_nobody_speaks_it_it_is_said() -> None:
    access = Access(replace(Device(), host="127.0.0.1"))
    with pytest.raises(NetworkError, match="does not speak ONVIF"):
        OnvifClient.open(access, (find_free_port("tcp"),))


def test_a_request_is_one_that_the_namespaces_fit() -> None:
    data = soap.encode_call(Service.PTZ, soap.encode_stop("a&b"))
    body = soap.decode_answer(data)
    assert body[0].tag == f"{{{Service.PTZ}}}Stop"
    assert body[0][0].text == "a&b"
