"""What a CAMERA argument means: the list first, then the network."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import pytest
import typer

from v380cli.camera import discover, rtsp
from v380cli.commands._names import complete_camera
from v380cli.commands._target import LoginOptions, resolve_targets
from v380cli.errors import CameraNotFound, CredentialsRefused, StorageError, UsageError
from v380cli.models import Beacon, Device, Secret, Via
from v380cli.store.database import DeviceRecord, find_list_path, open_device_list
from v380cli.work.targets import find_again, reach, remember_login

MAC = "00:11:22:33:44:55"
YARD = Device(name="Yard", device_id=11, host="10.0.0.1", mac=MAC)
HALL = Device(name="hall", device_id=12, host="10.0.0.2", port=8801, username="me")


@dataclass
class FakeNetwork:
    """Cameras that answer, in place of discovery; notes who was asked for."""

    beacons: list[Beacon] = field(default_factory=list)
    questions: list[dict[str, object]] = field(default_factory=list)
    rtsp_hosts: set[str] = field(default_factory=set)

    def find_beacon(
        self, *, device_id: int = 0, mac: str = "", host: str = "", port: int = 0, stop: object
    ) -> SimpleNamespace | None:
        self.questions.append({"device_id": device_id, "mac": mac, "host": host, "port": port})
        for beacon in self.beacons:
            wanted = {device_id: beacon.device_id, mac: beacon.mac}
            if not device_id and not mac:
                wanted = {host: beacon.ip, port: beacon.port}
            if all(not asked or asked == answer for asked, answer in wanted.items()):
                return SimpleNamespace(beacon=beacon)
        return None


@pytest.fixture(autouse=True)
def network(monkeypatch: pytest.MonkeyPatch) -> FakeNetwork:
    fake = FakeNetwork()
    monkeypatch.setattr(discover, "find_beacon", fake.find_beacon)
    monkeypatch.setattr(rtsp, "listens", lambda device: device.host in fake.rtsp_hosts)
    return fake


def add(*devices: Device, groups: tuple[str, ...] = ()) -> None:
    with open_device_list() as opened:
        for device in devices:
            opened.add(DeviceRecord(device=device, groups=groups))


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("Yard", ["Yard"]),
        ("yARD", ["Yard"]),
        ("11", ["Yard"]),
        (MAC, ["Yard"]),
        (MAC.upper().replace(":", "-"), ["Yard"]),
        ("10.0.0.1", ["Yard"]),
        ("10.0.0.1:8800", ["Yard"]),
        ("10.0.0.2", ["hall"]),
        ("10.0.0.2:8801", ["hall"]),
        ("@all", ["hall", "Yard"]),
    ],
)
def test_the_list_is_asked_first(target: str, expected: list[str], network: FakeNetwork) -> None:
    add(YARD, HALL, groups=("all",))
    assert [device.name for device in resolve_targets([target])] == expected
    assert network.questions == []


def test_a_name_comes_before_what_it_looks_like() -> None:
    add(Device(name="12", device_id=99, host="h"), HALL)
    assert [device.device_id for device in resolve_targets(["12"])] == [99]


def test_each_camera_comes_once_in_the_order_asked() -> None:
    add(YARD, HALL, groups=("all",))
    assert [d.name for d in resolve_targets(["11", "@all", "Yard"])] == ["Yard", "hall"]


def test_all_of_them() -> None:
    add(YARD, HALL)
    assert [device.name for device in resolve_targets([], all_devices=True)] == ["hall", "Yard"]


@pytest.mark.parametrize("target", ["YARD", "11", "10.0.0.1"])
def test_ambiguity_is_told_with_the_candidates(target: str) -> None:
    add(YARD, Device(name="yard", device_id=11, host="10.0.0.1", port=8801))
    with pytest.raises(UsageError, match="'Yard', 'yard'"):
        resolve_targets([target])


def test_names_that_differ_in_case_need_the_right_case(network: FakeNetwork) -> None:
    add(Device(name="X", device_id=1, host="h"), Device(name="x", device_id=2, host="h"))
    assert [device.device_id for device in resolve_targets(["x", "X"])] == [2, 1]


@pytest.mark.parametrize(
    ("target", "suggestion"),
    [
        ("yrad", "'Yard'"),
        ("ya", "'Yard'"),
        ("@al", "'@all'"),
        ("quite different", "v380 devices list"),
    ],
)
def test_near_misses_are_suggested(target: str, suggestion: str, network: FakeNetwork) -> None:
    add(YARD, groups=("all",))
    with pytest.raises(CameraNotFound) as caught:
        resolve_targets([target])
    assert suggestion in caught.value.hint
    assert network.questions == []


def test_what_is_unknown_twice_is_unknown_once(
    network: FakeNetwork, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CameraNotFound, match="no camera 'porch' in the device list"):
        resolve_targets(["porch", "porch"])
    assert capsys.readouterr().err == ""
    assert network.questions == []


@pytest.mark.parametrize("target", ["11", MAC, "10.0.0.9", "10.0.0.9:8805", "localhost", "cam.lan"])
def test_nobody_answers(target: str, network: FakeNetwork) -> None:
    with pytest.raises(CameraNotFound, match=target):
        resolve_targets([target])
    assert len(network.questions) == 1


def test_a_camera_with_rtsp_only_needs_no_id(network: FakeNetwork) -> None:
    network.rtsp_hosts.add("10.0.0.9")
    assert resolve_targets(["10.0.0.9"])[0].host == "10.0.0.9"
    with pytest.raises(CameraNotFound):
        resolve_targets(["10.0.0.9"], login=LoginOptions(via=Via.LAN))


def test_for_rtsp_nobody_is_asked_for_an_id(network: FakeNetwork) -> None:
    device = resolve_targets(["10.0.0.9"], login=LoginOptions(via=Via.RTSP))[0]
    assert (device.host, device.via, network.questions) == ("10.0.0.9", Via.RTSP, [])


@pytest.mark.parametrize("target", ["", "0", "2147483648", "10.0.0.1:0", "10.0.0.1:x", "fe80::1"])
def test_what_is_no_camera_is_not_looked_for(target: str, network: FakeNetwork) -> None:
    with pytest.raises(CameraNotFound):
        resolve_targets([target])
    assert network.questions == []


def test_an_id_is_that_of_the_camera_at_the_address_and_of_no_other(network: FakeNetwork) -> None:
    add(YARD, HALL)
    assert resolve_targets(["10.0.0.1"], login=LoginOptions(device_id=11))[0].name == "Yard"
    (other,) = resolve_targets(["10.0.0.2:8801"], login=LoginOptions(device_id=99))
    assert (other.name, other.device_id, other.address) == ("", 99, "10.0.0.2:8801")
    for target in ("Yard", "11", MAC):
        with pytest.raises(UsageError, match="not the camera with the id 12"):
            resolve_targets([target], login=LoginOptions(device_id=12))
    assert network.questions == []


def test_no_target_is_a_usage_problem_and_an_empty_list_is_not() -> None:
    with pytest.raises(typer.BadParameter):
        resolve_targets([])
    with pytest.raises(CameraNotFound, match="empty"):
        resolve_targets([], all_devices=True)


@pytest.mark.parametrize("target", ["77", MAC, "10.0.0.7"])
def test_a_stranger_is_looked_for(target: str, network: FakeNetwork) -> None:
    network.beacons = [Beacon(device_id=77, ip="10.0.0.7", mac=MAC, port=8805)]
    assert resolve_targets([target]) == [Device(device_id=77, host="10.0.0.7", port=8805, mac=MAC)]
    assert not find_list_path().exists()


def test_a_port_tells_two_cameras_at_one_host_apart(network: FakeNetwork) -> None:
    network.beacons = [
        Beacon(device_id=1, ip="127.0.0.1", port=8800),
        Beacon(device_id=2, ip="127.0.0.1", port=8801),
    ]
    [device] = resolve_targets(["127.0.0.1:8801"])
    assert (device.device_id, device.port) == (2, 8801)


def let_in(device: Device, variant: str = "PADDED") -> Device:
    """As a command ends whose log-in the camera at the device's address accepted."""
    accepted = replace(device, login_variant=variant)
    remember_login(device, accepted)
    return accepted


@pytest.mark.parametrize("variant", ["", "PADDED"])
def test_a_listed_camera_without_an_address_is_learnt_when_it_lets_us_in(
    network: FakeNetwork, variant: str
) -> None:
    add(Device(name="yard", device_id=77, login_variant=variant))
    network.beacons = [Beacon(device_id=77, ip="10.0.0.7", mac=MAC, port=8805)]
    [found] = resolve_targets(["yard"])
    assert found == Device(name="yard", device_id=77, host="10.0.0.7", port=8805, mac=MAC)
    network.beacons = []
    with pytest.raises(CameraNotFound):
        resolve_targets(["yard"])
    accepted = let_in(found)
    assert resolve_targets(["yard"]) == [accepted]


def test_a_listed_address_without_an_id_is_asked_and_learnt(network: FakeNetwork) -> None:
    add(Device(name="yard", host="cam.lan"))
    network.beacons = [Beacon(device_id=77, ip="cam.lan", mac=MAC)]
    [device] = resolve_targets(["yard"])
    assert (device.device_id, device.host) == (77, "cam.lan")
    assert network.questions == [{"device_id": 0, "mac": "", "host": "cam.lan", "port": 8800}]
    accepted = let_in(device)
    assert resolve_targets([MAC]) == [accepted]


def test_a_new_lease_is_learnt_when_the_camera_lets_us_in_there(network: FakeNetwork) -> None:
    add(YARD)
    network.beacons = [Beacon(device_id=11, ip="10.0.0.99", mac=MAC)]
    [stale] = resolve_targets(["yard"])
    moved = find_again(stale)
    assert moved.host == "10.0.0.99"
    assert resolve_targets(["yard"]) == [stale]
    remember_login(stale, moved)
    assert resolve_targets(["yard"]) == [moved]


def test_a_full_disk_keeps_nobody_from_a_camera_that_has_moved(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**_: bool) -> None:
        raise StorageError("the device list cannot be written: the disk is full")

    monkeypatch.setattr("v380cli.work.targets.open_device_list", fail)
    remember_login(YARD, replace(YARD, host="10.0.0.99"))
    assert caplog.messages == ["the device list cannot be written: the disk is full"]


def test_what_became_another_camera_in_the_list_meanwhile_stays(network: FakeNetwork) -> None:
    add(YARD)
    with open_device_list() as devices:
        devices.update("Yard", lambda r: replace(r, device=replace(r.device, device_id=12)))
    before = resolve_targets(["yard"])
    remember_login(YARD, replace(YARD, host="10.0.0.99"))
    assert resolve_targets(["yard"]) == before


def test_a_camera_that_is_off_is_not_found_again() -> None:
    add(YARD)
    with pytest.raises(CameraNotFound, match="Yard"):
        find_again(YARD)


def refuse(_device: Device, **_: object) -> None:
    raise CredentialsRefused("no")


class TestPassword:
    """stdin, the list, V380_PASSWORD, a prompt, nothing: in this order."""

    @pytest.fixture(autouse=True)
    def _cameras(self, network: FakeNetwork) -> None:
        add(Device(name="yard", device_id=11, host="h", password=Secret("from the list")))
        add(Device(name="hall", device_id=12, host="h"))
        network.beacons = [Beacon(device_id=77, ip="10.0.0.7")]

    @pytest.fixture
    def terminal(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
        def type_in(answer: str) -> None:
            monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
            monkeypatch.setattr(typer, "prompt", lambda *_, **__: answer)

        monkeypatch.setattr("sys.stdin", io.StringIO("from stdin\r\nnot this\n"))
        return type_in

    def resolve(self, target: str, *, password_stdin: bool = False) -> str:
        login = LoginOptions(password_stdin=password_stdin)
        [device] = resolve_targets([target], login=login)
        return device.password.reveal()

    def test_stdin_wins(
        self, monkeypatch: pytest.MonkeyPatch, terminal: Callable[[str], None]
    ) -> None:
        monkeypatch.setenv("V380_PASSWORD", "from the environment")
        assert self.resolve("yard", password_stdin=True) == "from stdin"

    @pytest.mark.parametrize("value", ["from the environment", ""])
    def test_the_list_comes_before_the_environment(
        self, monkeypatch: pytest.MonkeyPatch, value: str
    ) -> None:
        monkeypatch.setenv("V380_PASSWORD", value)
        assert self.resolve("yard") == "from the list"
        assert self.resolve("hall") == value
        assert self.resolve("77") == value

    def test_the_list_is_believed(self, terminal: Callable[[str], None]) -> None:
        terminal("never asked")
        assert self.resolve("yard") == "from the list"
        assert self.resolve("hall") == ""

    @pytest.mark.parametrize(
        ("target", "value", "told"),
        [
            ("yard", "x", "(user 'admin', the password in the device list)"),
            ("hall", "x", "(user 'admin', the password from V380_PASSWORD)"),
            ("hall", "", "(user 'admin', no password)"),
            ("77", "x", "(user 'admin', the password from V380_PASSWORD)"),
        ],
    )
    def test_a_refusal_says_whose_it_was(
        self, monkeypatch: pytest.MonkeyPatch, target: str, value: str, told: str
    ) -> None:
        monkeypatch.setenv("V380_PASSWORD", value)
        monkeypatch.setattr("v380cli.camera.access.log_in", refuse)
        [device] = resolve_targets([target])
        with pytest.raises(CredentialsRefused) as caught:
            reach(device).log_in()
        assert caught.value.message == f"no {told}"
        mend = "--password-stdin" if target == "77" else f"devices edit {target} --new-password"
        assert mend in caught.value.hint

    def test_a_stranger_is_asked_for_on_a_terminal(self, terminal: Callable[[str], None]) -> None:
        terminal("from the prompt")
        assert self.resolve("77") == "from the prompt"

    def test_a_stranger_without_a_terminal_has_none(self, terminal: object) -> None:
        assert self.resolve("77") == ""

    def test_a_file_by_mistake_is_no_password(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO("x" * 5000))
        with pytest.raises(typer.BadParameter):
            self.resolve("yard", password_stdin=True)


@pytest.mark.parametrize(("given", "expected"), [("", "me"), ("root", "root")])
def test_the_user_is_the_one_given_or_the_lists(given: str, expected: str) -> None:
    add(HALL)
    [device] = resolve_targets(["hall"], login=LoginOptions(username=given))
    assert device.username == expected


def test_the_variant_is_learnt_for_who_is_in_the_list() -> None:
    add(YARD)
    let_in(YARD)
    [device] = resolve_targets(["yard"])
    assert device.login_variant == "PADDED"
    let_in(Device(device_id=11), "LEGACY")
    let_in(replace(YARD, name="gone"), "LEGACY")
    assert resolve_targets(["yard"]) == [device]


def test_a_variant_that_cannot_be_kept_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    add(YARD)
    find_list_path().chmod(0o644)
    let_in(YARD)
    assert "chmod" not in caplog.text
    assert str(find_list_path()) in caplog.text
    with pytest.raises(StorageError):
        resolve_targets(["yard"])


def test_a_tab_names_cameras_and_touches_nothing() -> None:
    assert complete_camera("") == []
    assert not find_list_path().parent.exists()
    add(YARD, HALL, Device(name="yet another"))
    assert complete_camera("Y") == [("Yard", "11 10.0.0.1"), ("yet another", "")]
