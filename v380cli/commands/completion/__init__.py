"""`v380 completion`: the script that completes commands, options and camera names in a shell.

A script knows commands and options by heart, so that a TAB starts no Python; only for the names
of cameras is v380 asked.
"""

import sys
from enum import StrEnum
from typing import Annotated, Any

import typer

from v380cli.commands.completion import bash, fish, zsh
from v380cli.commands.completion.parser import read_parser


class Shell(StrEnum):
    """Shells that scripts are written for."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


FORMATTERS = {
    Shell.BASH: bash.format_script,
    Shell.ZSH: zsh.format_script,
    Shell.FISH: fish.format_script,
}
FILE_NAMES = {Shell.BASH: "v380.bash", Shell.ZSH: "_v380", Shell.FISH: "v380.fish"}


def completion(
    context: typer.Context,
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")],
) -> None:
    """Print the completion script of a shell.

    $ v380 completion bash > ~/.local/share/bash-completion/completions/v380
    $ v380 completion fish > ~/.config/fish/completions/v380.fish
    """
    sys.stdout.write(format_script(shell, context.find_root().command))


def format_script(shell: Shell, command: Any) -> str:
    """The script that completes `command`; it begins with what the shell looks for first."""
    return FORMATTERS[shell](read_parser(command))
