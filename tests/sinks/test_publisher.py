"""Whether a server is whom it says it is, before anything is said to it."""

import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
import threading
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.commands.recording_lab import TIMEOUT_S
from tests.media_samples import make_video
from v380cli.errors import MediaError
from v380cli.media.sink import Codec, Formats
from v380cli.sinks.publish import PublishSink
from v380cli.sinks.server import parse_server

VIDEO = make_video(Codec.H264)


class TlsListener:
    """Ends each connection after what the first words in it were; knows its own certificate."""

    def __init__(self, folder: Path, address: str) -> None:
        self.authorities = folder / "server.pem"
        self.authorities.write_bytes(make_certificate(address))
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.authorities)
        self._sock = socket.create_server(("127.0.0.1", 0))
        self.url = f"rtsps://127.0.0.1:{self._sock.getsockname()[1]}/porch"
        self._sock.settimeout(TIMEOUT_S)
        self._thread = threading.Thread(target=self._run)
        self.heard = b""

    def __enter__(self) -> "TlsListener":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()
        self._sock.close()

    def _run(self) -> None:
        connection, _ = self._sock.accept()
        connection.settimeout(TIMEOUT_S)
        with (
            contextlib.suppress(OSError),
            self._context.wrap_socket(connection, server_side=True) as encrypted,
        ):
            self.heard = encrypted.recv(7)
        connection.close()


def make_certificate(address: str) -> bytes:
    """A certificate for an address, signed by itself, behind its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a server")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - dt.timedelta(1)).not_valid_after(now + dt.timedelta(1))
    signed = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + signed.public_bytes(Encoding.PEM)


@pytest.mark.parametrize(
    ("address", "is_known", "is_checked", "heard"),
    [
        ("127.0.0.1", True, True, b"OPTIONS"),
        ("127.0.0.1", False, True, b""),
        ("127.0.0.2", True, True, b""),
        ("127.0.0.2", False, False, b"OPTIONS"),
    ],
    ids=["good", "unknown", "of another", "insecure"],
)
def test_nothing_is_said_to_an_rtsps_server_without_a_good_certificate(
    address: str,
    is_known: bool,
    is_checked: bool,
    heard: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with TlsListener(tmp_path, address) as listener:
        if is_known:
            monkeypatch.setenv("SSL_CERT_FILE", str(listener.authorities))
        sink = PublishSink(parse_server(listener.url, is_checked=is_checked))
        with pytest.raises(MediaError):
            sink.open(Formats(VIDEO.format), VIDEO.keyframe)
        sink.close()
    assert listener.heard == heard
    assert sink.failure
    assert ("--insecure" in sink.failure.hint) is not bool(heard)
