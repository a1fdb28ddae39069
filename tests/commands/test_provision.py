"""`v380 provision` at its edges: what is refused, what is printed, where secrets come from."""

import json
import os
import stat
from pathlib import Path

import pytest

from tests.cli import RunHere
from tests.test_secrets import SPELLINGS
from tests.wifi_tools import PSK, WifiTools

DRY_RUN = ("provision", "ap", "--id", "12345678", "--dry-run")


@pytest.fixture
def tools(tmp_path: Path) -> WifiTools:
    return WifiTools(tmp_path / "bin")


@pytest.mark.parametrize(
    ("ssid", "psk", "sentence"),
    [
        ("home", "short", "8 to 63 characters"),
        ("home", "x" * 33, "32 bytes"),
        ("x" * 33, PSK, "1 to 32 bytes"),
        ("home🏠", PSK, "GBK"),
        ("home", "secret`reboot`", "shell"),
        ("ho$me", PSK, "shell"),
    ],
)
def test_what_no_camera_should_be_told(
    run_here: RunHere, ssid: str, psk: str, sentence: str
) -> None:
    done = run_here(*DRY_RUN, "--ssid", ssid, "--psk-stdin", stdin=f"{psk}\n")
    assert done.returncode == 2
    assert sentence in " ".join(done.stderr.split())
    assert psk not in done.stdout + done.stderr
    assert done.stdout == ""


def test_the_owner_may_know_better(run_here: RunHere) -> None:
    options = ["--ssid", "ho$me", "--psk-stdin", "--force"]
    assert run_here(*DRY_RUN, *options, stdin=f"{PSK}\n").returncode == 0


@pytest.mark.parametrize("args", [["--ssid", "home"], [], ["--psk-stdin"]])
def test_a_network_must_be_given(run_here: RunHere, args: list[str]) -> None:
    assert run_here(*DRY_RUN, *args).returncode == 2


def test_a_dry_run_shows_every_form_and_no_secret(run_here: RunHere) -> None:
    done = run_here(
        *[*DRY_RUN, "--ssid", "home", "--psk-stdin", "--password-stdin", "--new-password-stdin"],
        stdin=f"{PSK}\n{PSK}2\n{PSK}3\n",
    )
    assert done.returncode == 0, done.stderr
    commands = [
        line.split("command ")[1].split(",")[0]
        for line in done.stdout.splitlines()
        if "command" in line
    ]
    assert commands == ["311", "111", "310", "110", "318", "118", "320", "120", "112"]
    seen = (done.stdout + done.stderr).encode()
    assert [name for name, needle in SPELLINGS.items() if needle in seen] == []


def test_psk_of_this_machine(run_here: RunHere, tools: WifiTools) -> None:
    tools.install("nmcli")
    done = run_here(*DRY_RUN, "--from-system", env=tools.make_environment())
    assert done.returncode == 0, done.stderr
    assert "home" in done.stdout
    assert PSK not in done.stdout + done.stderr
    done = run_here(*DRY_RUN, "--from-system", "--ssid", "x", env=tools.make_environment())
    assert done.returncode == 2


def test_a_machine_without_network_manager(run_here: RunHere) -> None:
    options = ["--ssid", "home", "--join", "--id", "12345678"]
    env = {"V380_PSK": PSK, "PATH": "/nowhere"}
    done = run_here("provision", "ap", *options, env=env)
    assert done.returncode == 4
    assert "nmcli" in done.stderr


@pytest.mark.parametrize("program", ["nmcli", "iw"])
def test_hotspots_in_the_air(run_here: RunHere, tools: WifiTools, program: str) -> None:
    tools.install(program)
    environment = tools.make_environment(only=program == "iw")
    done = run_here("provision", "scan", "--json", env=environment)
    assert done.returncode == 0, done.stderr
    (hotspot,) = json.loads(done.stdout)
    assert (hotspot["id"], hotspot["ssid"], hotspot["encrypted"]) == (
        12345678,
        "MV12345678",
        False,
    )


def test_no_hotspot_in_the_air(run_here: RunHere, tools: WifiTools) -> None:
    tools.install("nmcli")
    tools.write("air", "*:home:AA\\:BB\\:CC\\:00\\:00\\:01:2437 MHz:90:WPA2\n")
    done = run_here("provision", "scan", env=tools.make_environment())
    assert done.returncode == 3


QR = ("provision", "qr", "--ssid", "home", "--no-wait")


def test_a_code_on_the_terminal(run_here: RunHere) -> None:
    done = run_here(*QR, env={"V380_PSK": PSK})
    assert done.returncode == 0, done.stderr
    assert "█" in done.stderr
    assert "█" in run_here(*QR, "--quiet", env={"V380_PSK": PSK}).stderr, "it was asked for"
    assert "unknown" in done.stderr
    assert PSK not in done.stdout + done.stderr


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_a_code_in_a_file_of_its_owner(run_here: RunHere, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"code.{suffix}"
    done = run_here(*QR, "--output", str(file), env={"V380_PSK": PSK})
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert PSK.encode() not in file.read_bytes()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to have a file of another user")
def test_a_code_is_never_in_a_file_of_another_user(run_here: RunHere, tmp_path: Path) -> None:
    file, link = tmp_path / "code.svg", tmp_path / "link.svg"
    theirs = tmp_path / "theirs"
    for planted in (file, theirs):
        planted.touch()
        os.chown(planted, 54321, 54321)
    link.symlink_to(theirs)
    for target in (file, link):
        done = run_here(*QR, "--output", str(target), env={"V380_PSK": PSK})
        assert done.returncode == 0, done.stderr
        status = target.lstat()
        assert (status.st_uid, stat.S_IMODE(status.st_mode)) == (os.geteuid(), 0o600)
    assert theirs.read_bytes() == b""


def test_the_code_says_what_the_template_says(run_here: RunHere, tmp_path: Path) -> None:
    cv2 = pytest.importorskip("cv2")
    file = tmp_path / "code.png"
    template = ["--template", "s={ssid}&p={psk}", "--output", str(file)]
    assert run_here(*QR, *template, env={"V380_PSK": PSK}).returncode == 0
    text, *_ = cv2.QRCodeDetector().detectAndDecode(cv2.imread(str(file)))
    assert text == f"s=home&p={PSK}"


def test_a_code_needs_somebody_to_wait_for(run_here: RunHere, tmp_path: Path) -> None:
    qr = ["provision", "qr", "--ssid", "home"]
    assert run_here(*qr, env={"V380_PSK": PSK}).returncode == 2
    bad = [*qr, "--no-wait", "--output", str(tmp_path / "code.gif")]
    assert run_here(*bad, env={"V380_PSK": PSK}).returncode == 2


@pytest.mark.parametrize("words", [("qr", "--no-wait"), ("ap", "--dry-run", "--id", "12345678")])
def test_what_has_no_document_takes_no_json(run_here: RunHere, words: tuple[str, ...]) -> None:
    done = run_here("provision", *words, "--ssid", "home", "--json", env={"V380_PSK": PSK})
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["code"] == "usage"


def test_an_interface_that_is_not_there(run_here: RunHere) -> None:
    for method in ("smartlink", "ap"):
        options = ["--ssid", "home", "--interface", "wlan7"]
        done = run_here("provision", method, *options, env={"V380_PSK": PSK})
        assert done.returncode == 2
        assert "wlan7" in done.stderr


def test_what_helps_does_not_take_the_psk_as_an_argument(run_here: RunHere) -> None:
    for method in ("ap", "smartlink", "qr", "batch"):
        page = run_here("provision", method, "--help").stdout
        assert "--psk-stdin" in page
        assert "--psk " not in page
