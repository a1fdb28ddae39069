"""From the configuration file to defaults of the options of a command.

A table has the name of a command, or of a group with tables of its commands in it; its keys are
options. What stands before all tables is for every command that has the option.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from v380cli.errors import InvalidInput
from v380cli.store.config import read_config
from v380cli.text import advise_word

# What may stand before all tables: an option that means the same wherever it is.
COMMON = ("via", "username", "timezone", "quiet", "verbose", "log-file")
Level = tuple[str, Any]  # the name of a command, and the command


def find_defaults(levels: Sequence[Level], command_names: Sequence[str]) -> dict[str, Any]:
    """The defaults of the last of these commands, by the names of its parameters.

    `levels` lead down to it; `command_names` are those of the root. Raises InvalidInput for what
    is no option, and for a table that is no command's.
    """
    file, document = read_config()
    if not document:
        return {}
    _check_keys(file, document, "", COMMON, command_names)
    options = list_options(levels[-1][1])
    found = _take_values(document, options)
    table: Any = document
    for name, command in levels:
        table = table.get(name, {})
        check_table(file, name, table, command)
        found |= _take_values(table, options)
    return {
        options[key].name: read_value(file, key, value, options[key])
        for key, value in found.items()
    }


def check_table(file: Path, name: str, table: Any, command: Any) -> None:
    """Raise InvalidInput for keys that are no options of a command, or of those in a group."""
    if not isinstance(table, dict):
        raise InvalidInput(f"{file}: {name} is a table", hint=f"write [{name}]")
    children: Mapping[str, Any] = getattr(command, "commands", {})
    owners = children.values() if children else [command]
    options = {key for owner in owners for key in list_options(owner)}
    _check_keys(file, table, name, sorted(options), list(children))


def list_options(command: Any) -> dict[str, Any]:
    """The options of a command by their long spellings without dashes; of on and off, on."""
    return {
        spelling.removeprefix("--"): param
        for param in command.params
        for spelling in param.opts
        if spelling.startswith("--")
    }


def read_value(file: Path, key: str, value: Any, option: Any) -> Any:
    """A value as the option parses it; InvalidInput for another kind."""
    is_switch = getattr(option, "is_flag", False)
    if is_switch != isinstance(value, bool):
        raise InvalidInput(f"{file}: {key} is {'true or false' if is_switch else 'a value'}")
    if is_switch:
        return value
    if getattr(option, "multiple", False):
        return [str(each) for each in (value if isinstance(value, list) else [value])]
    if isinstance(value, list):
        raise InvalidInput(f"{file}: {key} is one value")
    return os.path.expanduser(str(value))  # noqa: PTH111 - a Path would drop a slash at the end


def _take_values(table: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """What of a table is for these options."""
    values = {_spell(key): value for key, value in table.items() if not isinstance(value, dict)}
    return {key: value for key, value in values.items() if key in options}


def _check_keys(
    file: Path,
    table: Mapping[str, Any],
    name: str,
    options: Sequence[str],
    commands: Sequence[str],
) -> None:
    for key, value in table.items():
        is_table = isinstance(value, dict)
        known = commands if is_table else options
        if (key if is_table else _spell(key)) not in known:
            where = f"in [{name}]" if name else "for all commands"
            said = f"there is no option {key!r} {where}"
            if is_table:
                said = f"[{f'{name}.' if name else ''}{key}] is for no command"
            raise InvalidInput(f"{file}: {said}", hint=_advise(_spell(key), known))


def _spell(key: str) -> str:
    """`max_gap` is `max-gap`."""
    return key.replace("_", "-")


def _advise(key: str, known: Sequence[str]) -> str:
    return advise_word(key, known) or f"there is {', '.join(known)}"
