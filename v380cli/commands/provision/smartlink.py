"""`v380 provision smartlink`: by the addresses of multicast datagrams."""

from typing import Annotated

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
    choose_interfaces,
    parse_timeout,
)


def smartlink(
    ssid: SsidOption = "",
    psk_stdin: PskStdinOption = False,
    from_system: FromSystemOption = False,
    device_id: IdOption = 0,
    interface: InterfaceOption = None,
    timeout: Annotated[str, typer.Option(metavar="TIME", help="Else 80 s.")] = "",
    save: SaveOption = False,
    name: NameOption = "",
    force: ForceOption = False,
    json_: _options.JsonOption = False,
) -> None:
    """Tell an older camera its network by SmartLink, until it answers in that network.

    This machine must be on the same 2.4 GHz Wi-Fi, or behind an access point that sends multicast
    into the air as it is.

    $ v380 provision smartlink --ssid Home --save --name porch
    """
    from v380cli.camera.provision import Progress, choose_config_id, provision_smartlink
    from v380cli.commands.provision import network, outcome
    from v380cli.wire.smartlink import SMARTLINK_PSK_MAX_BYTES, TIMEOUT_S, is_sent
    from v380cli.work.provisioning import Ending

    wifi = network.read_network(
        ssid,
        psk_stdin=psk_stdin,
        from_system=from_system,
        force=force,
        psk_max_bytes=SMARTLINK_PSK_MAX_BYTES,
    )
    if not is_sent(wifi.ssid):
        _console.talk(
            "note: SmartLink leaves out an SSID that is not plain ASCII, as the vendor's app does"
        )
    senders = choose_interfaces(interface)
    progress = Progress(device_id=device_id)
    with outcome.attempt(progress) as waiting:
        provision_smartlink(
            wifi,
            choose_config_id(),
            progress,
            senders=senders,
            interfaces=tuple(interface) if interface else None,
            timeout_s=parse_timeout(timeout, TIMEOUT_S),
            interrupt=waiting,
            say=waiting.say,
        )
    ending = Ending(method="smartlink", is_saved=save, name=name)
    outcome.finish(progress, wifi, ending, waiting, json_=json_)
