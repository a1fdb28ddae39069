"""What holds for every test: no network beyond loopback, no user's data, nothing left behind."""

import contextlib
import gc
import importlib
import itertools
import os
import signal
import tempfile
import time
import uuid
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests import warm
from tests.cli import SESSION_VARIABLE, RunHere, RunV380, list_children
from tests.guard import network_guard
from tests.lan import NAMESPACES, PREFIX

TESTS = Path(__file__).parent
# There is one discovery port on loopback, and who binds it last gets what is sent to it.
ANSWERS_DISCOVERY_ON_LOOPBACK = {
    "test_demo.py",
    "test_docs.py",
    "test_exposed.py",
    "test_recordings.py",
    "test_secrets.py",
    "test_simulate_command.py",
}
DISCOVERY = "discovery"
# They come last, so that no worker is left alone with a file that takes long.
QUICK_ROOMS = {"explain", "media", "net", "simulator", "sources", "wire", "work"}
# Examples may take as long as a busy machine needs.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")
TESTS_RUN = itertools.count()
NOWHERE = "/dev/null/v380"  # a test that writes files of ours asks for `data_dir`
GRACE_S = 2.0  # a killed child needs a moment to be gone


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--camera",
        metavar="ADDRESS",
        default="",
        help="run the real_camera tests against this camera (IP address, or IP:PORT)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Guard this process, and leave its children what they need to guard and to name themselves."""
    heed_signals()
    forget_user()
    keep_bytecode(config)
    home = network_guard.find_namespace()
    camera_host = config.getoption("--camera").partition(":")[0]
    guard_dir = str(Path(network_guard.__file__).parent)
    os.environ[network_guard.HOME_VARIABLE] = home
    os.environ[network_guard.ALLOWED_VARIABLE] = camera_host
    os.environ[SESSION_VARIABLE] = uuid.uuid4().hex
    os.environ["PYTHONPATH"] = os.pathsep.join(
        filter(None, [guard_dir, os.environ.get("PYTHONPATH")])
    )
    network_guard.install(home, camera_host)


def heed_signals() -> None:
    """Undo what a script or `nohup` has ignored: our children would ignore it, too."""
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def forget_user() -> None:
    """The user's own V380_ settings do not count; neither keyring nor device list is touched."""
    for name in [name for name in os.environ if name.startswith("V380_")]:
        del os.environ[name]
    os.environ["V380_DATA_DIR"] = NOWHERE
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"


def keep_bytecode(config: pytest.Config) -> None:
    """Let children compile each file once also where nothing may be written beside the sources.

    The tests start `v380` hundreds of times; it would take twice as long.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        folder = tempfile.TemporaryDirectory(prefix="v380-bytecode-")
        config.add_cleanup(folder.cleanup)
        os.environ["PYTHONPYCACHEPREFIX"] = folder.name


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """What is collected lives as long as the run: nobody looks through it for what is garbage.

    That would be a third of the time that collecting takes, and it comes back in long tests. Nor
    is what a test holds looked through each time that it has made 700 things more.
    """
    gc.disable()
    import_share(session)
    collected = yield
    gc.freeze()
    gc.set_threshold(50_000)
    gc.enable()
    return collected


def import_share(session: pytest.Session) -> None:
    """Let each worker of a whole run import its share of the tests first.

    Importing rewrites their asserts and keeps that in a file. Workers that began at the same file
    would each do it for all of them.
    """
    worker = getattr(session.config, "workerinput", None)
    if worker is None or session.config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return
    first = int(worker["workerid"].removeprefix("gw"))
    for path in sorted(TESTS.rglob("test_*.py"))[first :: worker["workercount"]]:
        with contextlib.suppress(Exception):  # what fails is told when it is collected
            importlib.import_module(".".join(path.relative_to(TESTS.parent).with_suffix("").parts))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The tests of a file run on one worker, those that answer discovery all on the same.

    By names and not by xdist's groups, which pytest 9.2 does not show to xdist 3.8.
    """
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    scheduling = LoadFileScheduling(config, log)
    scheduling._split_scope = choose_group
    return scheduling


def choose_group(nodeid: str) -> str:
    """What goes to one worker together."""
    file = nodeid.partition("::")[0]
    return DISCOVERY if answers_discovery(file) else file


def answers_discovery(file: str) -> bool:
    return file.rpartition("/")[2] in ANSWERS_DISCOVERY_ON_LOOPBACK


def choose_turn(item: pytest.Item) -> int:
    """What one worker has to do alone comes first, quick rooms last."""
    file = item.nodeid.partition("::")[0]
    if answers_discovery(file):
        return 0
    return 1 if QUICK_ROOMS.isdisjoint(file.split("/")) else 2


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what needs a camera; order the rest for runs side by side (`pytest -n 4`)."""
    items.sort(key=choose_turn)
    if config.getoption("--camera"):
        return
    for item in items:
        if item.get_closest_marker("real_camera"):
            item.add_marker(pytest.mark.skip(reason="needs --camera ADDRESS"))


@pytest.fixture(scope="session", autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    """Fail the run when a process or a network namespace of it outlives it."""
    yield
    warm.close()
    deadline = time.monotonic() + GRACE_S
    while list_children() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list_children() == []
    assert list(NAMESPACES.glob(f"{PREFIX}-{os.getpid()}-*")) == []


@pytest.fixture
def camera_address(request: pytest.FixtureRequest) -> str:
    """The address given with --camera."""
    return str(request.config.getoption("--camera"))


@pytest.fixture(autouse=True)
def _own_files(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each test has its own place for v380's files; few need it, and so it is not made."""
    os.environ["V380_DATA_DIR"] = str(tmp_path_factory.getbasetemp() / f"files-{next(TESTS_RUN)}")


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where v380 keeps its files during this test."""
    path = tmp_path / "v380-data"
    monkeypatch.setenv("V380_DATA_DIR", str(path))
    return path


@pytest.fixture
def run_v380(data_dir: Path) -> RunV380:
    """Run the command `v380` in a process of its own."""
    return RunV380(data_dir)


@pytest.fixture
def run_here(data_dir: Path) -> RunHere:
    """Run the command `v380` in this process."""
    return RunHere(data_dir)
