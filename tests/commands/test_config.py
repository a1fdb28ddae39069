"""The configuration file: defaults of options, below variables and the command line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.conftest import Done
from v380cli.app import make_commands
from v380cli.commands._config import COMMON, find_defaults, list_options
from v380cli.store.paths import find_config_file

V380 = Callable[..., Done]
FILE = """
timezone = "Europe/Madrid"

[devices.list]
json = true

[record]
output = "/srv/{name}"
segment = "15m"
keep_days = 14
reconnect = false

[discover]
interface = ["lo", "eth7"]
"""


@pytest.fixture
def config(tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "settings.toml"
    file.write_text(FILE)
    monkeypatch.setenv("V380_CONFIG", str(file))
    return file


def test_a_value_is_the_default_of_its_option(v380: V380, config: Path) -> None:
    assert v380("devices", "list").out == "[]\n"


def test_a_path_may_begin_at_home(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    config.write_text('[record]\noutput = "~/made/"\n')
    defaults = find_defaults([("record", make_commands()["record"])], ["record"])
    assert defaults == {"output": f"{tmp_path}/made/"}


def test_a_switch_can_be_set_off(v380: V380, config: Path) -> None:
    config.write_text("[devices.list]\njson = false\n")
    assert v380("devices", "list").out == ""
    assert v380("devices", "list", "--json").out == "[]\n"


def test_the_command_line_goes_before_a_variable_and_that_before_the_file(
    v380: V380, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text('[discover]\ninterface = ["of-the-file"]\n')
    assert "'of-the-file'" in v380("discover").err
    monkeypatch.setenv("V380_INTERFACE", "of-a-variable")
    assert "'of-a-variable'" in v380("discover").err
    assert "'of-an-argument'" in v380("discover", "--interface", "of-an-argument").err


def test_what_is_said_of_all_commands_goes_before_the_file(
    v380: V380, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind the command's name, before it and in a variable."""
    monkeypatch.chdir(tmp_path)
    config.write_text('quiet = true\nlog-file = "of-the-file"\n')
    assert v380("devices", "list").err == ""
    assert Path("of-the-file").exists()
    Path("of-the-file").unlink()
    for args in (("--log-file", "x", "devices", "list"), ("devices", "list", "--log-file", "x")):
        v380(*args)
        assert Path("x").exists()
        Path("x").unlink()
    monkeypatch.setenv("V380_LOG_FILE", "x")
    monkeypatch.setenv("V380_QUIET", "0")
    assert "empty" in v380("devices", "list").err
    assert Path("x").exists()
    assert not Path("of-the-file").exists()
    settings = v380("config", "--json").json["settings"]
    assert {"V380_LOG_FILE", "V380_QUIET"} <= {setting["source"] for setting in settings}


def test_a_group_speaks_for_its_commands(v380: V380, config: Path) -> None:
    config.write_text('[recordings]\nsince = "long ago"\n[recordings.list]\ndate = "today"\n')
    assert "'long ago'" in v380("recordings", "download", "nobody").err
    config.write_text('[recordings]\nsince = "2h"\n[recordings.list]\nsince = "never"\n')
    assert "'never'" in v380("recordings", "list", "nobody").err


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "[record]\nkeep-dys = 3",
            "line 2: there is no option 'keep-dys' in [record]",
            "'keep-days'",
        ),
        ("[recrod]\nsegment = 3", "[recrod] is for no command", "'record'"),
        ("usernme = 'x'", "no option 'usernme' for all commands", "'username'"),
        ("[recordings]\nsinse = '2h'", "no option 'sinse' in [recordings]", "'since'"),
        ("[recordings.lst]\nsince = '2h'", "[recordings.lst] is for no command", "'list'"),
        ("record = 3", "line 1: record is a table", "write [record]"),
        ("[recordings]\nsync = 3", "line 2: sync is a table", "write [recordings.sync]"),
        ("[record]\nsegment = {a = 1}", "line 2: segment is one value, not a table", ""),
        ("\n[record]\nreconnect = 'no'", "line 3: reconnect is true or false", ""),
        ("[record]\nsegment = true", "segment is a value", ""),
        ("[record]\nsegment = [1, 2]", "line 2: segment is one value", ""),
        ("[record]\nsegment = 'x'", "'x' is not a valid duration", "v380 record --help"),
        ("[record]\nkeep-days = 1.5", "'1.5' is not a whole number. (in", "v380 record --help"),
        ("[watch]\nmin-area = 'x'", "'x' is not a number. (in", "v380 watch --help"),
        ("[record]\nmax_gap = 'x'", "line 2)", "v380 record --help"),
        ("via = 'x'\n[record]\nsegment = 1", "line 1)", ""),
        ("[ 'recordings' . sync ] #\nkeep-days = 'x'", "line 2)", "recordings sync --help"),
        ("[recordings]\nformat = 'avi'", "line 2)", ""),
        ("record.segment = 'x'", "settings.toml)", "v380 record --help"),
        ("[record", "is not valid TOML", ""),
    ],
)
def test_what_is_wrong_is_told(
    v380: V380, config: Path, text: str, message: str, hint: str
) -> None:
    config.write_text(text)
    done = v380("config", "--json")
    assert done.code == 2
    error = done.json["error"]
    assert message in error["message"]
    assert str(config) in error["message"]
    assert hint in error["hint"]


def test_a_command_does_not_stumble_over_the_table_of_another(v380: V380, config: Path) -> None:
    config.write_text("[record]\nkeep-dys = 3\n")
    assert v380("devices", "list").code == 0
    assert v380("record", "porch").code == 2


@pytest.mark.parametrize("args", [("record", "--help"), ("--help",), ("help", "config")])
def test_help_is_there_whatever_the_file_says(
    v380: V380, config: Path, args: tuple[str, ...]
) -> None:
    config.write_text("[record]\nkeep-dys = 3\n")
    assert v380(*args).code == 0


def test_config_shows_what_is_set_and_where(
    v380: V380, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("V380_USERNAME", "jo")
    done = v380("config", "--json")
    assert (done.json["path"], done.json["exists"]) == (str(config), True)
    assert done.json["settings"][:2] == [
        {"command": None, "option": "username", "value": "jo", "source": "V380_USERNAME"},
        {
            "command": None,
            "option": "timezone",
            "value": "Europe/Madrid",
            "source": "settings.toml",
        },
    ]
    lines = v380("config").out.splitlines()
    assert lines[0] == str(config)
    assert "record\tkeep-days\t14\tsettings.toml" in lines


def test_no_file_is_no_mistake(v380: V380, config: Path) -> None:
    config.unlink()
    done = v380("config")
    assert (done.code, done.out) == (0, f"{config}\n")
    assert "no such file" in done.err


def test_a_file_that_cannot_be_read_is_told(v380: V380, config: Path) -> None:
    config.unlink()
    config.mkdir()
    assert v380("devices", "list").code == 9
    config.rmdir()
    config.write_bytes(b"#" * 100_000)
    assert v380("devices", "list").code == 2


def test_the_file_has_its_place(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("V380_CONFIG", raising=False)
    assert find_config_file() == data_dir / "config.toml"
    monkeypatch.delenv("V380_DATA_DIR")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert find_config_file() == tmp_path / "v380cli" / "config.toml"


def test_what_may_stand_before_all_tables_is_an_option() -> None:
    commands = make_commands().values()
    assert set(COMMON) <= {key for command in commands for key in list_options(command)}


def test_nothing_is_parsed_where_there_is_no_file(
    v380: V380, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.unlink()
    monkeypatch.setattr("tomllib.loads", lambda _text: pytest.fail("there is no file"))
    assert v380("devices", "list").code == 0
