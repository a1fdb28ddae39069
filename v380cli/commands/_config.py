"""From the configuration file to defaults of the options of a command.

A table has the name of a command, or of a group with tables of its commands in it; its keys are
options. What stands before all tables is for every command that has the option.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from v380cli.errors import InvalidInput
from v380cli.store.config import Config, read_config, spell_key
from v380cli.text import advise_word

# What may stand before all tables: an option that means the same wherever it is.
COMMON = ("via", "username", "timezone", "quiet", "verbose", "log-file")
Level = tuple[str, Any]  # the name of a command, and the command


def find_defaults(levels: Sequence[Level], command_names: Sequence[str]) -> dict[str, Any]:
    """The defaults of the last of these commands, by the names of its parameters.

    `levels` lead down to it; `command_names` are those of the root. Raises InvalidInput for what
    is no option, and for a table that is no command's.
    """
    config = read_config()
    if not config.document:
        return {}
    _check_keys(config, config.document, "", COMMON, command_names)
    options = list_options(levels[-1][1])
    table: Any = config.document
    found = {key: ("", value) for key, value in _take_values(table, options)}
    names = _name_tables([word for word, _ in levels])
    for name, (word, command) in zip(names, levels, strict=True):
        table = table.get(word, {})
        _check_table(config, table, name, command)
        found |= {key: (name, value) for key, value in _take_values(table, options)}
    return {
        options[key].name: _read_value(config.place(name, key), key, value, options[key])
        for key, (name, value) in found.items()
    }


def place_value(words: Sequence[str], option: Any) -> str:
    """Which line of the file sets an option of the command that is called by these words."""
    config = read_config()
    keys = [spelling.removeprefix("--") for spelling in option.opts if spelling.startswith("--")]
    tables = ["", *_name_tables(words)]
    places = [config.place(table, key) for table in reversed(tables) for key in keys]
    return next((place for place in places if place != str(config.path)), str(config.path))


def list_options(command: Any) -> dict[str, Any]:
    """The options of a command by their long spellings without dashes; of on and off, on."""
    return {
        spelling.removeprefix("--"): param
        for param in command.params
        for spelling in param.opts
        if spelling.startswith("--")
    }


def _name_tables(words: Sequence[str]) -> list[str]:
    """`recordings` and `recordings.sync`."""
    return [".".join(words[: count + 1]) for count in range(len(words))]


def _check_table(config: Config, table: Mapping[str, Any], name: str, command: Any) -> None:
    """Raise InvalidInput for keys that are no options of a command, or of those in a group."""
    children: Mapping[str, Any] = getattr(command, "commands", {})
    owners = children.values() if children else [command]
    options = {key for owner in owners for key in list_options(owner)}
    _check_keys(config, table, name, sorted(options), list(children))


def _read_value(place: str, key: str, value: Any, option: Any) -> Any:
    """A value as the option parses it; InvalidInput for another kind."""
    is_switch = getattr(option, "is_flag", False)
    if is_switch != isinstance(value, bool):
        raise InvalidInput(f"{place}: {key} is {'true or false' if is_switch else 'a value'}")
    if is_switch:
        return value
    if getattr(option, "multiple", False):
        return [str(each) for each in (value if isinstance(value, list) else [value])]
    if isinstance(value, list):
        raise InvalidInput(f"{place}: {key} is one value")
    return os.path.expanduser(str(value))  # noqa: PTH111 - a Path would drop a slash at the end


def _take_values(table: Mapping[str, Any], options: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What of a table is for these options."""
    for key, value in table.items():
        if not isinstance(value, dict) and spell_key(key) in options:
            yield spell_key(key), value


def _check_keys(
    config: Config,
    table: Mapping[str, Any],
    name: str,
    options: Sequence[str],
    commands: Sequence[str],
) -> None:
    for key, value in table.items():
        is_table, spelt = isinstance(value, dict), spell_key(key)
        if (key in commands) if is_table else (spelt in options):
            continue
        path = f"{name}.{key}" if name else key
        place = config.place(name, spelt)
        if is_table and spelt in options:
            raise InvalidInput(f"{place}: {key} is one value, not a table")
        if is_table:
            raise InvalidInput(f"{place}: [{path}] is for no command", hint=_advise(key, commands))
        if key in commands:
            raise InvalidInput(f"{place}: {key} is a table", hint=f"write [{path}]")
        where = f"in [{name}]" if name else "for all commands"
        raise InvalidInput(
            f"{place}: there is no option {key!r} {where}", hint=_advise(spelt, options)
        )


def _advise(key: str, known: Sequence[str]) -> str:
    return advise_word(key, known) or (f"there is {', '.join(known)}" if known else "")
