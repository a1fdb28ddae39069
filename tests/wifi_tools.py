"""Programs `nmcli` and `iw` that replay a machine with Wi-Fi, for a PATH of the test's own.

Each call is a line in `calls`; what a passwd-file said is in `secrets`. A file `fail-add`,
`fail-join` or `fail-home` makes that step fail, `hang-join` makes it last until it is ended; shell
text in `on-join` and `on-home` is run then.
"""

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

HOME_UUID = "6f0c5a4e-0000-4000-8000-000000000001"
HOME_PROFILE = "Home: upstairs"
PSK = "Sesame-4711"
AIR = (
    "*:home:AA\\:BB\\:CC\\:00\\:00\\:01:2437 MHz:90:WPA2\n"
    " :MV12345678:AA\\:BB\\:CC\\:00\\:00\\:02:2412 MHz:70:\n"
    " :caf\\:e \\\\o/:AA\\:BB\\:CC\\:00\\:00\\:03:5180 MHz:40:WPA1 WPA2\n"
)
NMCLI = f'''#!{sys.executable} -IS
import json, sys, time
from pathlib import Path

folder = Path(__file__).parent
args = sys.argv[1:]
text = " ".join(args)
with (folder / "calls").open("a") as calls:
    calls.write(json.dumps(args) + "\\n")

def step(name):
    if (folder / f"hang-{{name}}").exists():
        (folder / "hanging").touch()
        time.sleep(60)
    if (folder / f"fail-{{name}}").exists():
        sys.exit("Error: Connection activation failed: it was told to.")
    hook = folder / f"on-{{name}}"
    if hook.exists():
        import subprocess

        subprocess.run(["sh", "-e", hook], check=True)

if "passwd-file" in args:
    said = Path(args[args.index("passwd-file") + 1]).read_text()
    (folder / "secrets").write_text(said)
if "device status" in text:
    print("eth0:ethernet\\nwlan0:wifi\\nlo:loopback")
elif "--active" in args:
    if not (folder / "offline").exists():
        print("{HOME_PROFILE.replace(":", chr(92) * 2 + ":")}:{HOME_UUID}:802-11-wireless:wlan0")
    print("Wired:6f0c5a4e-0000-4000-8000-000000000002:802-3-ethernet:eth0")
elif "-g" in args:
    print((folder / args[args.index("-g") + 1]).read_text())
elif "wifi list" in text:
    print((folder / "air").read_text(), end="")
elif "connection add" in text:
    step("add")
elif "connection up id v380-hotspot-" in text:
    step("join")
elif "connection up uuid" in text or "device disconnect" in text:
    step("home")
'''
IW = f"""#!{sys.executable} -IS
import sys
from pathlib import Path

if sys.argv[1:] == ["dev"]:
    print("phy#0\\n\\tInterface wlan0\\n\\t\\tifindex 3")
else:
    print((Path(__file__).parent / "iw-scan").read_text(), end="")
"""
IW_SCAN = """BSS aa:bb:cc:00:00:01(on wlan0) -- associated
\tfreq: 2437.0
\tcapability: ESS Privacy ShortSlotTime (0x0411)
\tsignal: -40.00 dBm
\tSSID: home
\tRSN:\t * Version: 1
BSS aa:bb:cc:00:00:02(on wlan0)
\tfreq: 2412
\tcapability: ESS (0x0401)
\tsignal: -60.00 dBm
\tSSID: MV12345678
BSS aa:bb:cc:00:00:03(on wlan0)
\tfreq: 5180
\tsignal: -75.00 dBm
\tSSID: \\xe5\\xae\\xa2\\xe5\\x8e\\x85
\tWPA:\t * Version: 1
BSS aa:bb:cc:00:00:04(on wlan0)
\tfreq: 2412
\tsignal: -30.00 dBm
\tSSID: \n"""


class WifiTools:
    """The two programs, in a folder that comes first on the PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.write("air", AIR)
        self.write("iw-scan", IW_SCAN)
        self.write("802-11-wireless.ssid", "home")
        self.write("802-11-wireless-security.psk", PSK)
        self.write("802-11-wireless-security.key-mgmt", "wpa-psk")

    def install(self, *names: str) -> None:
        """Put `nmcli` or `iw` there."""
        for name in names:
            path = self.folder / name
            path.write_text({"nmcli": NMCLI, "iw": IW}[name], encoding="utf-8")
            path.chmod(0o755)

    def write(self, name: str, text: str = "") -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def wait_for(self, name: str, timeout_s: float = 20.0) -> None:
        """Wait until a program has made that file."""
        deadline = time.monotonic() + timeout_s
        while not (self.folder / name).exists():
            assert time.monotonic() < deadline, f"there is no {name} yet"
            time.sleep(0.02)

    def make_environment(self, *, only: bool = False) -> Mapping[str, str]:
        """A PATH with the programs first, or with nothing but them."""
        others = [] if only else [os.environ["PATH"]]
        return {"PATH": os.pathsep.join([str(self.folder), *others])}

    def list_calls(self) -> list[str]:
        """The calls of nmcli that changed something, without the random end of a profile name."""
        path = self.folder / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        calls = [" ".join(_simplify(word) for word in json.loads(line)) for line in lines]
        return [call for call in calls if _changes(call)]


def _simplify(word: str) -> str:
    return "TEMPORARY" if word.startswith("v380-hotspot-") else word


def _changes(call: str) -> bool:
    return any(verb in call for verb in (" add ", " up ", " delete ", " disconnect "))
