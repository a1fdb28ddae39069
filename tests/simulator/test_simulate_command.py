"""`v380 simulate` as a process of its own: what it says, and how it ends."""

import inspect
import json
import signal
import socket
import subprocess
import typing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli import RunHere, RunV380, make_environment
from tests.shapes import read_line
from tests.simulator.viewer import DEVICE_ID, RANDOM_KEY, SMALL, receive
from tests.warm import V380, Process
from v380cli.commands.simulate import simulate
from v380cli.errors import NetworkError
from v380cli.simulator import options
from v380cli.simulator.camera import VARIANTS, CameraSpec
from v380cli.simulator.faults import FAULTS
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.scenes import SceneName
from v380cli.simulator.server import Simulator
from v380cli.wire.crypto import PasswordForm, encrypt_password
from v380cli.wire.login import LoginReply, LoginRequest

TINY = ("--size", "192x128", "--bitrate", "100k", "--port", "0")


def log_in(port: int, password: str) -> int:
    """The result of a log-in."""
    cipher = encrypt_password(password, RANDOM_KEY, PasswordForm.ZERO48)
    request = LoginRequest(device_id=DEVICE_ID, user="admin", random_key=RANDOM_KEY, cipher=cipher)
    with socket.create_connection(("127.0.0.1", port), timeout=60) as sock:
        sock.sendall(request.encode())
        return LoginReply.decode(receive(sock, 256)).result


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_ends_well_on_a_signal(data_dir: Path, end: signal.Signals) -> None:
    command = [*V380, "simulate", "--json", "--id", str(DEVICE_ID), "--duration", "20", *TINY]
    environment = make_environment(data_dir, {"V380_PASSWORD": "hush-hush"})
    with Process[str](
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        line = process.stdout.readline()
        (camera,) = read_line(line, "simulate")["cameras"]
        results = [log_in(camera["port"], password) for password in ("hush-hush", "wrong")]
        process.send_signal(end)
        rest = process.stdout.read() + process.stderr.read()
    assert process.returncode == 0
    assert results == [1001, 1012]
    assert (camera["id"], camera["host"], camera["video"]) == (
        DEVICE_ID,
        "127.0.0.1",
        "h264 192x128",
    )
    assert rest == ""
    assert "hush" not in line


def test_several_cameras_and_an_end_of_its_own(run_v380: RunV380) -> None:
    result = run_v380("simulate", "--count", "3", "--audio", "none", "--duration", "0.1", *TINY)
    assert result.returncode == 0
    lines = [line.split("\t") for line in result.stdout.splitlines()]
    assert [line[0] for line in lines] == ["12345678", "12345679", "12345680"]
    assert len({line[1] for line in lines}) == 3
    assert f"v380 record {lines[0][1]}" in result.stderr


def test_the_list_of_faults_is_the_table(run_here: RunHere) -> None:
    result = run_here("simulate", "--list-faults")
    assert result.returncode == 0
    assert dict(line.split("\t") for line in result.stdout.splitlines()) == {
        name: kind.description for name, kind in FAULTS.items()
    }


def test_the_list_of_scenes_is_the_table(run_here: RunHere) -> None:
    lines = run_here("simulate", "--list-scenes").stdout.splitlines()
    assert [line.split("\t")[0] for line in lines] == list(SceneName)


def test_a_scene_is_what_a_camera_shows(run_here: RunHere) -> None:
    args = ("--size", "128x128", "--fps", "2", "--port", "0", "--duration", "0.1", "--json")
    result = run_here("simulate", "--scene", "person", *args)
    assert json.loads(result.stdout)["cameras"][0]["video"] == "h264 128x128"


@pytest.mark.parametrize(
    ("args", "code", "sentence"),
    [
        (["--scene", "person", "--file", "a.mp4"], 2, "choose one"),
        (["--scene", "dragon"], 2, "dragon"),
        (["--host", "0.0.0.0"], 2, "--expose"),
        (["--host", "example.org"], 2, "not an IPv4 address"),
        (["--fault", "explode"], 2, "no fault is called"),
        (["--size", "big"], 2, "is not a size"),
        (["--id", "1", "--id", "1"], 2, "one id"),
        (["--file", "/nowhere/at-all.mp4"], 8, "No such file"),
    ],
)
def test_what_makes_no_sense_is_refused(
    run_here: RunHere, args: list[str], code: int, sentence: str
) -> None:
    result = run_here("simulate", "--duration", "0.1", *TINY, *args)
    assert result.returncode == code
    assert sentence in result.stderr


def test_a_taken_port_is_a_network_error(run_here: RunHere) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        result = run_here("simulate", *TINY, "--port", port, "--duration", "0.1")
    assert result.returncode == 4
    assert port in result.stderr


def test_a_taken_port_is_told_before_the_footage_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SimulatedCamera, "load", lambda _: pytest.fail("it took seconds"))
    with socket.create_server(("127.0.0.1", 0)) as other:
        spec = CameraSpec(device_id=DEVICE_ID, port=other.getsockname()[1])
        with pytest.raises(NetworkError, match="cannot listen"):
            Simulator([spec]).start()


def test_the_variants_of_the_option_are_those_that_there_are() -> None:
    hint = typing.get_type_hints(simulate)["variant"]
    assert list(typing.get_args(hint)) == list(VARIANTS)
    assert inspect.signature(simulate).parameters["variant"].default in VARIANTS


@pytest.mark.parametrize(
    ("text", "bitrate"), [("1500000", 1_500_000), ("1.5M", 1_500_000), ("800k", 800_000)]
)
def test_parse_bitrate(text: str, bitrate: int) -> None:
    assert options.parse_bitrate(text) == bitrate


@pytest.mark.parametrize("text", ["", "fast", "-1M", "1", "1G", "1000M"])
def test_a_bit_rate_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="is not a bit rate"):
        options.parse_bitrate(text)


@pytest.mark.parametrize("text", ["", "720p", "1280x", "1280x722", "64x64", "99999x99999"])
def test_a_size_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size"):
        options.parse_size(text)


def test_ids() -> None:
    assert options.list_ids([], None) == [options.FIRST_ID]
    assert options.list_ids([5, 9], None) == [5, 9]
    assert options.list_ids([5], 3) == [5, 6, 7]
    for ids, count in (([5, 9], 2), ([5, 5], None), ([0], None), ([2**31 - 1], 2)):
        with pytest.raises(ValueError, match="id"):
            options.list_ids(ids, count)


def test_too_many_cameras_are_refused_before_they_are_counted() -> None:
    with pytest.raises(ValueError, match="at most"):
        options.list_ids([], 1 << 62)


def test_hosts_beyond_loopback_need_to_be_meant() -> None:
    assert options.check_host("127.0.0.7", is_exposed=False) == "127.0.0.7"
    assert options.check_host("10.0.0.5", is_exposed=True) == "10.0.0.5"
    with pytest.raises(ValueError, match="--expose"):
        options.check_host("10.0.0.5", is_exposed=False)


def list_places(spec: CameraSpec, count: int, *, over_addresses: bool) -> list[tuple[str, int]]:
    specs = options.spread(spec, range(1, count + 1), over_addresses=over_addresses)
    return [(spec.host, spec.port) for spec in specs]


def test_cameras_spread_over_ports_or_addresses() -> None:
    spec = replace(SMALL, port=8800)
    on_ports = list_places(spec, 3, over_addresses=False)
    assert on_ports == [("127.0.0.1", 8800), ("127.0.0.1", 8801), ("127.0.0.1", 8802)]
    on_addresses = list_places(spec, 3, over_addresses=True)
    assert on_addresses == [("127.0.0.1", 8800), ("127.0.0.2", 8800), ("127.0.0.3", 8800)]
    with pytest.raises(ValueError, match="ports"):
        list_places(replace(spec, port=65535), 2, over_addresses=False)
    with pytest.raises(ValueError, match="loopback"):
        list_places(replace(spec, host="10.0.0.5"), 2, over_addresses=True)


def test_many_cameras_share_one_picture() -> None:
    few = options.spread(SMALL, [1, 2], over_addresses=False)
    many = options.spread(SMALL, range(1, 65), over_addresses=False)
    assert [spec.picture_id for spec in few] == [1, 2]
    assert {spec.picture_id for spec in many} == {1}


def test_encryption_follows_the_variant_unless_told() -> None:
    versions = [
        options.choose_device_version(VARIANTS[name], encrypted)
        for name in ("today", "older")
        for encrypted in (None, True, False)
    ]
    assert versions == [31, 31, 20, 20, 31, 20]
