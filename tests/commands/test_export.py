"""What `export` writes: texts for other programs, command lines that ours takes, no secret."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import Done
from tests.commands.recording_lab import PASSWORD, add_to_list
from v380cli.app import make_commands
from v380cli.models import Device, Secret

PROGRAMS = ("go2rtc", "frigate", "mediamtx", "homeassistant", "systemd", "compose", "k8s")
YAML_PROGRAMS = tuple(program for program in PROGRAMS if program != "systemd")
NAMES = ("porch", "Front door", "yes", "дом #2: {x}", "-rf")
PARTS = re.compile(r"#(?:killsignal|killtimeout|starttimeout|backchannel|audio)=\S*")


@pytest.fixture(autouse=True)
def _cameras(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["v380"])
    for number, name in enumerate(NAMES, start=1):
        device = Device(
            name=name, device_id=number, host=f"192.0.2.{number}", password=Secret(PASSWORD)
        )
        add_to_list(device, "home")


def export(v380: Any, program: str, *args: str) -> str:
    done: Done = v380("export", program, *(args or ("--all",)))
    assert (done.code, done.err) == (0, "")
    return done.out


def list_commands(text: str) -> list[list[str]]:
    """The words of each command line of ours in it, without the program's own parameters."""
    joined = text.replace("\\\n", " ")
    commands = []
    for line in joined.splitlines():
        if match := re.search(r"(?:^|[\s:=\[\"])(?:\S*/)?v380\b[\",]* (.*)", line):
            words = PARTS.sub("", match[1])
            if line.lstrip().startswith("command: ["):
                words = words.strip('"').removesuffix("]").replace('", "', '" "')
                words = f'"{words}'
            commands.append(shlex.split(words))
    known = [words for words in commands if words and words[0] in list(make_commands())]
    return [words for words in known if words[:2] != ["devices", "export,"]]


@pytest.mark.parametrize("program", PROGRAMS)
def test_its_command_lines_are_ours(
    v380: Any, program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rclone").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    commands = list_commands(export(v380, program))
    assert commands
    for name, *words in commands:
        filled = [re.sub(r"\$\(\(.*?\)\)", "1", word) for word in words]
        make_commands()[name].make_context(name, filled)


def test_the_unit_starts_the_program_by_its_whole_path(
    v380: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/v380").touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", [".venv/bin/v380"])
    assert f"ExecStart={tmp_path}/.venv/bin/v380 record" in export(v380, "systemd")


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_secret_is_in_it(v380: Any, program: str) -> None:
    text = export(v380, program)
    assert PASSWORD not in text
    assert "\x1b" not in text


@pytest.mark.parametrize("program", YAML_PROGRAMS)
def test_it_is_yaml(v380: Any, program: str) -> None:
    yaml = pytest.importorskip("yaml")
    document = yaml.safe_load(export(v380, program))
    keys = {"frigate": "cameras", "go2rtc": "streams", "mediamtx": "paths"}
    if program in keys:
        assert len(document[keys[program]]) == len(NAMES)
        assert all(isinstance(name, str) for name in document[keys[program]])


def test_go2rtc_gets_words_without_its_own_signs(v380: Any) -> None:
    lines = [line for line in export(v380, "go2rtc").splitlines() if "- exec:" in line]
    assert len(lines) == 3 * len(NAMES)
    for line in lines:
        command, *parameters = line.split("#  -")[-1].split("exec:", 1)[1].split("#")
        assert parameters
        assert "'" not in command
        assert '"' not in command
    assert all("killsignal=15" in line for line in lines if "stream" in line)


def test_mediamtx_waits_long_enough(v380: Any) -> None:
    text = export(v380, "mediamtx", "porch")
    assert "runOnDemandStartTimeout: 20s" in text
    assert "stream porch --to rtsp://127.0.0.1:$RTSP_PORT/$MTX_PATH" in text


def test_frigate_gets_no_exec_and_detects(v380: Any) -> None:
    text = export(v380, "frigate", "porch", "--host", "192.0.2.9")
    assert "exec" not in text
    assert "porch: rtsp://192.0.2.9:8554/porch\n" in text
    assert "porch_sub: rtsp://192.0.2.9:8554/porch/sd\n" in text
    assert "detect: {enabled: true" in text
    assert "USER:PASSWORD@" in text


def test_home_assistant_is_told_of_pictures_and_of_motion(v380: Any) -> None:
    text = export(v380, "homeassistant", "porch", "--host", "192.0.2.9")
    assert "v380 serve porch --rtsp 192.0.2.9:8554 --http 192.0.2.9:8080\n" in text
    assert "http://192.0.2.9:8080/NAME/snapshot.jpg" in text
    assert "v380 watch porch --mqtt mqtt://BROKER\n" in text


def test_an_address_of_the_sixth_version(v380: Any) -> None:
    assert "rtsp://[fd00::9]:8554/porch" in export(v380, "frigate", "porch", "--host", "fd00::9")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_takes_the_unit(v380: Any, tmp_path: Path) -> None:
    text = export(v380, "systemd").replace("ExecStart=v380", "ExecStart=/bin/true")
    unit = tmp_path / "v380-record.service"
    unit.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", text))
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", str(unit)],
        capture_output=True,
        text=True,
        check=False,
        env={"XDG_RUNTIME_DIR": str(tmp_path), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )
    assert str(unit.name) not in done.stderr


@pytest.mark.skipif(not shutil.which("docker-compose"), reason="needs docker-compose")
def test_compose_takes_its_file(v380: Any, tmp_path: Path) -> None:
    (tmp_path / "rclone.conf").touch()
    (tmp_path / "compose.yaml").write_text('version: "3.8"\n' + export(v380, "compose"))
    subprocess.run(
        ["docker-compose", "-f", str(tmp_path / "compose.yaml"), "config", "-q"], check=True
    )


@pytest.mark.skipif(not shutil.which("kubernetes-validate"), reason="needs kubernetes-validate")
def test_kubernetes_takes_the_manifest(v380: Any, tmp_path: Path) -> None:
    path = tmp_path / "k8s.yaml"
    path.write_text(export(v380, "k8s"))
    subprocess.run(["kubernetes-validate", str(path)], check=True)


def test_many_cameras_are_shared_out(v380: Any) -> None:
    for number in range(100, 130):
        add_to_list(Device(name=f"hall {number}", device_id=number, host="192.0.2.99"))
    assert re.findall(r"(\d)/3\"", export(v380, "compose")) == ["1", "2", "3"]
    k8s = export(v380, "k8s")
    assert "replicas: 3\n" in k8s
    assert '--shard "$(( ${POD_NAME##*-} + 1 ))/3"' in k8s


def test_whom_it_does_not_know(v380: Any) -> None:
    assert v380("export", "go2rtc").code == 2
    assert v380("export", "go2rtc", "nobody").code == 3
    assert v380("export", "nothing", "--all").code == 2
