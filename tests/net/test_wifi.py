"""Our own Wi-Fi: programs that replay `nmcli` and `iw`, and what they print, parsed."""

import os
import time
from pathlib import Path

import pytest

from tests.wifi_tools import HOME_PROFILE, HOME_UUID, PSK, WifiTools
from v380cli.errors import NetworkError, NetworkTimeout
from v380cli.models import Secret
from v380cli.net import tool, wifi
from v380cli.net.wifi_text import parse_iw_networks, parse_links, parse_nmcli_networks, split_terse

JOINING = [
    "-t connection add save no type wifi ifname wlan0 con-name TEMPORARY ssid MV12345678 "
    "connection.autoconnect no",
    "--wait 40 connection up id TEMPORARY ifname wlan0",
]
GOING_HOME = [
    f"--wait 40 connection up uuid {HOME_UUID} ifname wlan0",
    "-t connection delete id TEMPORARY",
]


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WifiTools:
    tools = WifiTools(tmp_path / "bin")
    tools.install("nmcli", "iw")
    for name, value in tools.make_environment().items():
        monkeypatch.setenv(name, value)
    return tools


def test_joining_and_coming_back(tools: WifiTools) -> None:
    with wifi.join("MV12345678") as joined:
        assert tools.list_calls() == JOINING
    assert tools.list_calls() == JOINING + GOING_HOME
    assert (joined.interface, joined.profile) == ("wlan0", HOME_PROFILE)


def test_coming_back_after_a_failure_inside(tools: WifiTools) -> None:
    with pytest.raises(KeyboardInterrupt), wifi.join("MV12345678"):
        raise KeyboardInterrupt
    assert tools.list_calls() == JOINING + GOING_HOME


def test_coming_back_when_joining_fails(tools: WifiTools) -> None:
    tools.write("fail-join")
    with pytest.raises(NetworkError, match="activation failed"), wifi.join("MV12345678"):
        pytest.fail("it was not joined")
    assert tools.list_calls() == JOINING + GOING_HOME


def test_who_may_not_join_stays_in_the_network_as_it_is(tools: WifiTools) -> None:
    tools.write("fail-add")
    with pytest.raises(NetworkError, match="activation failed"), wifi.join("MV12345678"):
        pytest.fail("it was not joined")
    assert tools.list_calls() == [JOINING[0], GOING_HOME[-1]]


def test_coming_back_when_joining_is_stopped(tools: WifiTools) -> None:
    tools.write("hang-join")
    hanging = tools.folder / "hanging"
    with (
        pytest.raises(NetworkError, match="interrupted"),
        wifi.join("MV12345678", stop=hanging.exists),
    ):
        pytest.fail("it was not joined")
    assert tools.list_calls() == JOINING + GOING_HOME


def test_being_off_line_again(tools: WifiTools) -> None:
    tools.write("offline")
    with wifi.join("MV12345678"):
        pass
    assert "--wait 40 device disconnect wlan0" in tools.list_calls()


def test_a_way_home_that_fails_is_told_with_what_to_do(tools: WifiTools) -> None:
    tools.write("fail-home")
    warnings: list[str] = []
    with (
        pytest.raises(KeyboardInterrupt),
        wifi.join("MV12345678", warn=warnings.append),
    ):
        raise KeyboardInterrupt
    (warning,) = warnings
    assert f"nmcli connection up uuid {HOME_UUID}" in warning
    assert tools.list_calls() == JOINING + GOING_HOME


def test_the_psk_of_a_hotspot_goes_by_a_pipe(tools: WifiTools) -> None:
    with wifi.join("MV12345678", Secret(PSK)):
        pass
    secrets = (tools.folder / "secrets").read_text()
    assert secrets == f"802-11-wireless-security.psk:{PSK}\n"
    assert PSK not in (tools.folder / "calls").read_text()
    assert "wifi-sec.key-mgmt wpa-psk" in tools.list_calls()[0]


def test_the_network_of_this_machine(tools: WifiTools) -> None:
    current = wifi.read_current()
    assert (current.ssid, current.psk.reveal()) == ("home", PSK)
    tools.write("802-11-wireless-security.psk", "")
    with pytest.raises(NetworkError, match="does not tell the PSK"):
        wifi.read_current()
    tools.write("802-11-wireless-security.key-mgmt", "")
    assert not wifi.read_current().psk
    tools.write("offline")
    with pytest.raises(NetworkError, match="no Wi-Fi"):
        wifi.read_current()


def test_the_air_by_nmcli(tools: WifiTools) -> None:
    home, hotspot, cafe = wifi.scan_air()
    assert (home.ssid, home.signal, home.is_encrypted, home.is_ours) == ("home", 90, True, True)
    assert (hotspot.ssid, hotspot.frequency_mhz, hotspot.is_encrypted) == (
        "MV12345678",
        2412,
        False,
    )
    assert (cafe.ssid, cafe.bssid) == ("caf:e \\o/", "aa:bb:cc:00:00:03")


def test_the_air_by_iw(tools: WifiTools, monkeypatch: pytest.MonkeyPatch) -> None:
    (tools.folder / "nmcli").unlink()
    monkeypatch.setenv("PATH", str(tools.folder))
    home, hotspot, living = wifi.scan_air()
    assert (home.ssid, home.signal, home.is_encrypted, home.is_ours) == ("home", -40, True, True)
    assert (hotspot.ssid, hotspot.is_encrypted) == ("MV12345678", False)
    assert (living.ssid, living.frequency_mhz, living.is_encrypted) == ("客厅", 5180, True)


def test_neither_program(tools: WifiTools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NetworkError, match="neither nmcli nor iw"):
        wifi.scan_air()
    with pytest.raises(NetworkError, match="needs nmcli"), wifi.join("MV12345678"):
        pytest.fail("it was not joined")


def test_another_interface_than_there_is(tools: WifiTools) -> None:
    with pytest.raises(NetworkError, match="wlan7"), wifi.join("MV1", interface="wlan7"):
        pytest.fail("it was not joined")
    assert tools.list_calls() == []


def test_terse_fields() -> None:
    assert split_terse(r"a\:b:c\\:d:") == ["a:b", "c\\", "d", ""]


@pytest.mark.parametrize("text", ["", "\n\n", "x", "a:b:c", "BSS \n", "BSS x\n\tSSID: y\n", "\0:"])
def test_odd_output_is_survived(text: str) -> None:
    assert parse_nmcli_networks(text) == []
    assert parse_links(text, text) == []
    assert len(parse_iw_networks(text)) <= 1


def test_a_program_that_is_too_slow_is_ended() -> None:
    began = time.monotonic()
    with pytest.raises(NetworkTimeout, match="sleep"):
        tool.run_tool(["sleep", "600"], timeout_s=0.2)
    assert time.monotonic() - began < 60


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(NetworkError, match="cannot run"):
        tool.run_tool(["/nowhere/nmcli"], timeout_s=1)


def test_what_a_failing_program_says_is_cleaned() -> None:
    command = ["sh", "-c", r"printf 'first\n\033[31mlast\n' >&2; exit 3"]
    with pytest.raises(NetworkError) as caught:
        tool.run_tool(command, timeout_s=5)
    assert caught.value.message == "sh: [31mlast"


def test_a_lent_secret_leaves_no_descriptor() -> None:
    with tool.lend_secret("hush") as descriptor:
        assert os.read(descriptor, 100) == b"hush"
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(descriptor)
