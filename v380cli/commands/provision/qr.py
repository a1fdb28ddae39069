"""`v380 provision qr`: a code for the camera to read, if its firmware reads one."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from v380cli.commands import _console, _options
from v380cli.commands.provision.options import (
    ForceOption,
    FromSystemOption,
    IdOption,
    InterfaceOption,
    NameOption,
    PskStdinOption,
    SaveOption,
    SsidOption,
    check_interfaces,
    parse_timeout,
)
from v380cli.work import qr as qr_code

if TYPE_CHECKING:
    from v380cli.wire.provisioning import WifiSettings

NOTE = "note: whether this camera's firmware reads such a code is unknown; no source says it"


def qr(
    ssid: SsidOption = "",
    psk_stdin: PskStdinOption = False,
    from_system: FromSystemOption = False,
    device_id: IdOption = 0,
    template: Annotated[
        str,
        typer.Option(
            metavar="TEXT",
            help="Text of the code with {ssid}, {psk}, {config_id}; else the usual WIFI: text.",
        ),
    ] = "",
    output: _options.CodeFileOption = None,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Show the code and do not wait for the camera.")
    ] = False,
    interface: InterfaceOption = None,
    timeout: Annotated[str, typer.Option(metavar="TIME", help="Else 90 s.")] = "",
    save: SaveOption = False,
    name: NameOption = "",
    force: ForceOption = False,
    json_: _options.JsonOption = False,
) -> None:
    """Show a QR code with the network to the camera, and wait until it is seen there.

    Anyone who sees the code can read the PSK in it.

    $ v380 provision qr --ssid Home --save --name porch
    $ v380 provision qr --from-system -o code.png --no-wait
    """
    from v380cli.camera.provision import JOIN_TIMEOUT_S, Progress, await_answer, choose_config_id
    from v380cli.commands.provision import network, outcome
    from v380cli.wire.provisioning import format_template, format_wifi_uri
    from v380cli.wire.smartlink import SMARTLINK_PSK_MAX_BYTES
    from v380cli.work.provisioning import Ending

    if no_wait and json_:
        raise typer.BadParameter("--json tells who came, and --no-wait waits for nobody")
    wifi = network.read_network(
        ssid,
        psk_stdin=psk_stdin,
        from_system=from_system,
        force=force,
        psk_max_bytes=SMARTLINK_PSK_MAX_BYTES,
    )
    config_id = choose_config_id()
    has_config_id = "{config_id}" in template
    if not (device_id or has_config_id or no_wait):
        raise typer.BadParameter("say --id, for which camera to wait, or --no-wait")
    payload = format_template(template, wifi, config_id) if template else format_wifi_uri(wifi)
    interfaces = check_interfaces(interface)
    _show(payload, output, wifi)
    _console.talk(NOTE)
    if no_wait:
        return
    progress = Progress(device_id=device_id)
    with outcome.attempt(progress) as waiting:
        await_answer(
            progress,
            config_id=config_id if has_config_id else 0,
            interfaces=interfaces,
            timeout_s=parse_timeout(timeout, JOIN_TIMEOUT_S),
            interrupt=waiting,
            say=waiting.say,
        )
    ending = Ending(method="qr", is_saved=save, name=name)
    outcome.finish(progress, wifi, ending, waiting, json_=json_)


def _show(payload: str, output: Path | None, wifi: "WifiSettings") -> None:
    """On stderr, since stdout is for the result; or into a file that only its owner reads."""
    from v380cli.work.user_files import write_bytes

    if output is None:
        code = qr_code.format_terminal(payload, colour=True)
        side = len(qr_code.make_matrix(payload))
        size = shutil.get_terminal_size((side, side))
        if size.columns < side or size.lines < (side + 1) // 2:
            _console.talk(f"the window is too small for the code: it needs {side} columns")
        _console.say(code)
        return
    write_bytes(output, qr_code.encode_as(output.suffix, payload, [wifi.ssid]), private=True)
