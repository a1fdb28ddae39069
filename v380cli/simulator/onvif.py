"""The ONVIF side of a simulated camera: the answers of a real one, its quirks included.

A "V380 Pro" PTZ camera, firmware HS-Camera_No1 (tests/golden/cameras/onvif-*.json): gSOAP, service
addresses without a host, status 400 for presets, status and imaging, and no password asked.
"""

import base64
import datetime as dt
import hashlib
import logging
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from v380cli.errors import NetworkError
from v380cli.models import DEFAULT_USERNAME, Secret
from v380cli.simulator.onvif_extras import OnvifExtras

MAX_REQUEST_BYTES = 64 * 1024
PORT = 8899
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?><SOAP-ENV:Envelope '
    'xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" '
    'xmlns:trt="http://www.onvif.org/ver10/media/wsdl" '
    'xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl" '
    'xmlns:tt="http://www.onvif.org/ver10/schema"><SOAP-ENV:Body>%s</SOAP-ENV:Body>'
    "</SOAP-ENV:Envelope>"
)
_FAULT = (
    "<SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:Sender</SOAP-ENV:Value>"
    "</SOAP-ENV:Code><SOAP-ENV:Reason><SOAP-ENV:Text>%s</SOAP-ENV:Text></SOAP-ENV:Reason>"
    "</SOAP-ENV:Fault>"
)
_CALL = re.compile(r"Body[^>]*>\s*<(?:\w+:)?(\w+)")
_SPEED = re.compile(r'PanTilt x="(-?[0-9.]+)" y="(-?[0-9.]+)"')
_TOKEN = re.compile(r"<ProfileToken>([^<]*)</ProfileToken>")
_FIELDS = {name: re.compile(rf"<{name}[^>]*>([^<]*)</{name}>") for name in (
    *("Username", "Password", "Nonce", "Created"),
)}  # fmt: skip
STREAMS = (("stream0_0", "ch00_1", 1920, 1080), ("stream0_1", "ch00_0", 640, 480))

log = logging.getLogger(__name__)


@dataclass(slots=True)
class OnvifDesk:
    """Answers one call after the other; `moves` are the speeds that were asked for, None is a stop.

    `rtsp_place` is put into the addresses of the streams. A camera that is `guarded` asks for the
    password, by a digest that holds at its own clock. One with `extras` answers more than the
    recorded one does.
    """

    device_id: int
    rtsp_place: str = "192.0.2.10"
    username: str = DEFAULT_USERNAME
    password: Secret = field(default_factory=Secret)
    guarded: bool = False
    clock_offset: dt.timedelta = dt.timedelta(hours=-8)
    moves: list[tuple[float, float] | None] = field(default_factory=list)
    extras: OnvifExtras | None = None

    def answer(self, request: str) -> tuple[int, str]:
        """The status and the envelope for one envelope."""
        match = _CALL.search(request)
        call = match[1] if match else ""
        if self.guarded and call != "GetSystemDateAndTime" and not self._is_right(request):
            return 400, _ENVELOPE % (_FAULT % "ter:NotAuthorized")
        body = self._make_body(call, request)
        return (200, _ENVELOPE % body) if body else (400, _ENVELOPE % (_FAULT % "not implemented"))

    def _make_body(self, call: str, request: str) -> str:
        """The body of an answer; empty for what the camera does not know."""
        match call:
            case "GetSystemDateAndTime":
                return self._describe_clock()
            case "GetDeviceInformation":
                return self._describe_device()
            case "GetCapabilities":
                return _describe_services("GetCapabilitiesResponse")
            case "GetServices":
                return _describe_services("GetServicesResponse")
            case "GetProfiles":
                return _describe_profiles()
            case "GetStreamUri":
                return self._describe_stream(request)
            case "ContinuousMove":
                speed = _SPEED.search(request)
                self.moves.append((float(speed[1]), float(speed[2])) if speed else (0.0, 0.0))
                return "<tptz:ContinuousMoveResponse/>"
            case "Stop":
                self.moves.append(None)
                return "<tptz:StopResponse/>"
        return self.extras.answer(call, request) if self.extras else ""

    def _is_right(self, request: str) -> bool:
        told = {name: m[1] for name, form in _FIELDS.items() if (m := form.search(request))}
        if len(told) < len(_FIELDS) or told["Username"] != self.username:
            return False
        created = dt.datetime.fromisoformat(told["Created"].replace("Z", "+00:00"))
        if abs(created - self._read_clock()) > dt.timedelta(minutes=5):
            return False
        known = base64.b64decode(told["Nonce"]) + told["Created"].encode()
        known += self.password.reveal().encode()
        digest = hashlib.sha1(known, usedforsecurity=False).digest()
        return base64.b64decode(told["Password"]) == digest

    def _read_clock(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self.clock_offset

    def _describe_clock(self) -> str:
        now = self._read_clock()
        return (
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:UTCDateTime><tt:Time>"
            f"<tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute>"
            f"<tt:Second>{now.second}</tt:Second></tt:Time><tt:Date><tt:Year>{now.year}</tt:Year>"
            f"<tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day></tt:Date>"
            "</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
        )

    def _describe_device(self) -> str:
        return (
            "<tds:GetDeviceInformationResponse><tds:Manufacturer>IPCAM</tds:Manufacturer>"
            "<tds:Model>IPCAM</tds:Model><tds:FirmwareVersion>HS-Camera_No1</tds:FirmwareVersion>"
            f"<tds:SerialNumber>{self.device_id:012x}</tds:SerialNumber><tds:HardwareId>"
            "00000000-0000-4000-8000-000000000001</tds:HardwareId>"
            "</tds:GetDeviceInformationResponse>"
        )

    def _describe_stream(self, request: str) -> str:
        match = _TOKEN.search(request)
        streams = {token: path for token, path, _, _ in STREAMS}
        path = streams.get(match[1] if match else "", "ch00_1")
        return (
            f"<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>rtsp://{self.rtsp_place}/live/{path}"
            "</tt:Uri><tt:InvalidAfterConnect>false</tt:InvalidAfterConnect></trt:MediaUri>"
            "</trt:GetStreamUriResponse>"
        )


class OnvifServer:
    """Serves a desk over HTTP between `start` and `close`, one thread a request."""

    def __init__(self, desk: OnvifDesk, host: str, port: int = PORT) -> None:
        self.desk = desk
        try:
            self._server = _QuietServer((host, port), _make_handler(desk))
        except OSError as error:
            raise NetworkError(
                f"ONVIF cannot listen on {host}:{port}: {error.strerror}",
                hint="Choose another address with --host.",
            ) from error
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, name="v380-onvif")

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """End the thread and those of requests."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, _request: object, _client: object) -> None:
        log.debug("a request was broken off", exc_info=True)


def _make_handler(desk: OnvifDesk) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        server_version, sys_version = "gSOAP/2.8", ""
        timeout = 5.0

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            size = int(length) if length.isdecimal() else 0
            text = self.rfile.read(min(size, MAX_REQUEST_BYTES)).decode("utf-8", "replace")
            status, envelope = desk.answer(text)
            body = envelope.encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/soap+xml; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return Handler


def _describe_services(response: str) -> str:
    """As real cameras give them: without a host."""
    services = (("Device", "device_service"), ("Media", "Media"), ("PTZ", "PTZ"))
    parts = [
        f"<tt:{name}><tt:XAddr>http:///onvif/{path}</tt:XAddr></tt:{name}>"
        for name, path in services
    ]
    return f"<tds:{response}><tds:Capabilities>{''.join(parts)}</tds:Capabilities></tds:{response}>"


def _describe_profiles() -> str:
    profiles = "".join(
        f'<trt:Profiles token="{token}" fixed="true"><tt:Name>{token}</tt:Name>'
        "<tt:VideoSourceConfiguration><tt:SourceToken>source_0</tt:SourceToken>"
        "</tt:VideoSourceConfiguration>"
        "<tt:VideoEncoderConfiguration><tt:Encoding>H264</tt:Encoding><tt:Resolution>"
        f"<tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height></tt:Resolution>"
        "</tt:VideoEncoderConfiguration>"
        f'<tt:PTZConfiguration token="Anv_ptz_{number}"><tt:NodeToken>Anv_ptz_node_{number}'
        "</tt:NodeToken></tt:PTZConfiguration></trt:Profiles>"
        for number, (token, _, width, height) in enumerate(STREAMS)
    )
    return f"<trt:GetProfilesResponse>{profiles}</trt:GetProfilesResponse>"
