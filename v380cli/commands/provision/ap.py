"""`v380 provision ap`: over the camera's own hotspot."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from v380cli.commands import _console, _options, _passwords
from v380cli.commands.provision.options import (
    ForceOption,
    FromSystemOption,
    IdOption,
    InterfaceOption,
    JoinOption,
    NameOption,
    PskStdinOption,
    SaveOption,
    SsidOption,
    WifiInterfaceOption,
    check_interfaces,
    parse_timeout,
)
from v380cli.models import DEFAULT_USERNAME, Secret
from v380cli.wire.crypto import PasswordForm
from v380cli.work.identity import parse_address

if TYPE_CHECKING:
    from v380cli.wire.provisioning import WifiSettings
    from v380cli.wire.settings.exchange import Form

MASK = Secret("********")
MASK_KEY = b"*" * 16
HEX_ROW_BYTES = 16


def ap(
    ssid: SsidOption = "",
    psk_stdin: PskStdinOption = False,
    from_system: FromSystemOption = False,
    device_id: IdOption = 0,
    address: Annotated[
        str,
        typer.Option(metavar="HOST[:PORT]", help="Where the camera is now, if in no hotspot."),
    ] = "",
    join: JoinOption = False,
    hotspot: Annotated[
        str, typer.Option(metavar="SSID", help="The hotspot that --join takes; else by the id.")
    ] = "",
    wifi_interface: WifiInterfaceOption = "",
    interface: InterfaceOption = None,
    username: _options.UsernameOption = "",
    password_stdin: _options.PasswordStdinOption = False,
    set_password: Annotated[
        bool,
        typer.Option("--set-password", help="Give it a new device password; V380_NEW_PASSWORD."),
    ] = False,
    new_password_stdin: Annotated[
        bool, typer.Option("--new-password-stdin", help="The same, from standard input.")
    ] = False,
    timeout: Annotated[
        str, typer.Option(metavar="TIME", help="How long the camera has to join; else 90 s.")
    ] = "",
    hotspot_timeout: Annotated[
        str, typer.Option(metavar="TIME", help="How long to wait for its hotspot; else 2m.")
    ] = "",
    save: SaveOption = False,
    name: NameOption = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the bytes, secrets masked, and send nothing.")
    ] = False,
    force: ForceOption = False,
    json_: _options.JsonOption = False,
) -> None:
    """Tell a camera its network over its own hotspot, and wait until it is seen there.

    The PSK comes from --psk-stdin, V380_PSK, --from-system or a prompt. What is read from standard
    input has a line each: the PSK, the camera's present password, its new one.

    $ v380 provision ap --from-system --join --save --name porch
    $ v380 provision ap --ssid Home --id 12345678 --dry-run
    """
    from v380cli.camera.provision import (
        HOTSPOT_TIMEOUT_S,
        JOIN_TIMEOUT_S,
        Order,
        Progress,
        provision_ap,
    )
    from v380cli.commands.provision import network, outcome
    from v380cli.work.provisioning import Ending

    if dry_run and json_:
        raise typer.BadParameter("--dry-run prints the bytes, for a person: leave --json out")
    wifi = network.read_network(ssid, psk_stdin=psk_stdin, from_system=from_system, force=force)
    password = _passwords.read_given_password(password_stdin)
    wants_password = set_password or new_password_stdin
    new_password = (
        _passwords.read_new_password(from_stdin=new_password_stdin) if wants_password else None
    )
    user = username or DEFAULT_USERNAME
    if dry_run:
        _print_bytes(wifi, device_id, user, has_new_password=wants_password)
        return
    host, port = parse_address(address) if address else ("", None)
    order = Order(
        wifi=wifi,
        device_id=device_id,
        host=host,
        port=port or 0,
        username=user,
        password=password,
        new_password=new_password,
        joins_hotspot=join or bool(hotspot),
        hotspot_ssid=hotspot,
        hotspot_psk=network.read_hotspot_psk(),
        wifi_interface=wifi_interface,
        interfaces=check_interfaces(interface),
        hotspot_timeout_s=parse_timeout(hotspot_timeout, HOTSPOT_TIMEOUT_S),
        timeout_s=parse_timeout(timeout, JOIN_TIMEOUT_S),
    )
    progress = Progress()
    with outcome.attempt(progress) as waiting:
        provision_ap(order, progress, waiting, waiting.say)
    ending = Ending(
        method="ap",
        is_saved=save,
        name=name,
        username=user,
        password=password if new_password is None else new_password,
    )
    outcome.finish(progress, wifi, ending, waiting, json_=json_)


def _print_bytes(
    wifi: "WifiSettings", device_id: int, user: str, *, has_new_password: bool
) -> None:
    """Every request that may be sent, ticket 0 and each secret as asterisks."""
    from v380cli.wire.provisioning import (
        WifiSettings,
        list_scan_forms,
        list_state_forms,
        list_wifi_forms,
    )
    from v380cli.wire.settings.exchange import SettingLogin
    from v380cli.wire.settings.users import Account, list_account_forms

    masked = WifiSettings(ssid=wifi.ssid, psk=MASK if wifi.psk else Secret())
    groups: list[dict[int, Form[object]]] = [{**list_state_forms()}, {**list_scan_forms()}]
    if has_new_password:
        groups.append({**list_account_forms(Account(password=MASK), PasswordForm.ZERO48, MASK_KEY)})
    groups.append({**list_wifi_forms(masked)})
    login = SettingLogin(device_id=device_id, ticket=0, username=user, password=MASK)
    for forms in groups:
        for number, (command, form) in enumerate(forms.items()):
            request = form(login).data_to_send()
            why = "if the former is not supported, " if number else ""
            typer.echo(f"{why}command {command}, {len(request)} bytes:")
            for row in _format_hex(request):
                typer.echo(f"  {row}")
    _console.talk("nothing was sent; secrets are shown as ********, the ticket as 0")


def _format_hex(data: bytes) -> Iterator[str]:
    """Rows of 16 bytes with their offset; rows of zeros are left out."""
    for offset in range(0, len(data), HEX_ROW_BYTES):
        row = data[offset : offset + HEX_ROW_BYTES]
        if any(row):
            text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
            yield f"{offset:04x}  {row.hex(' '):47}  {text}"
