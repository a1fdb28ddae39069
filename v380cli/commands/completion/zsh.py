"""The completion script for zsh."""

from collections.abc import Iterator

from v380cli.commands.completion.parser import (
    ASK_CAMERA,
    ASK_TARGET,
    Node,
    Option,
    Value,
    walk,
)

ACTIONS = {
    Value.FILE: "_files",
    Value.CAMERA: "_v380_cameras",
    Value.TARGET: "_v380_targets",
    Value.POSITION: "_v380_positions",
}


def format_script(root: Node) -> str:
    """The script; its first line is the one by which zsh's compinit knows it."""
    functions = "\n\n".join(
        _format_group(node) if node.children else _format_command(node) for node in walk(root)
    )
    return (
        SCRIPT.replace("@ASK_CAMERA@", ASK_CAMERA)
        .replace("@ASK_TARGET@", ASK_TARGET)
        .replace("@FUNCTIONS@", functions)
    )


def _format_command(node: Node) -> str:
    specs = _list_specs(node)
    if not node.places:
        return COMMAND.replace("@NAME@", _name(node)).replace("@SPECS@", _continue(specs))
    return (
        PLACES.replace("@NAME@", _name(node))
        .replace("@SPECS@", _continue([*specs, "'*::argument:->place'"]))
        .replace("@NAMED@", NAMED if node.begins_with_camera else "")
        .replace("@CASES@", "\n".join(_list_cases(node)))
    )


def _list_cases(node: Node) -> Iterator[str]:
    for number, option in enumerate(node.places):
        is_last = number == len(node.places) - 1
        yield f"    {'*' if is_last and node.repeats else number}) {_format_place(option)} ;;"


def _format_place(option: Option) -> str:
    if option.choices:
        return f"compadd -- {' '.join(option.choices)}"
    if option.assignments:
        cases = (
            f"{name}) compadd -S '' -- {' '.join(all_)} ;;"
            for name, all_ in option.assignments.items()
        )
        return f"case $words[2-named] in {' '.join(cases)} esac"
    return ACTIONS.get(option.value, ":")


def _format_group(node: Node) -> str:
    commands = [f"    '{child.name}:{child.summary}'" for child in node.children]
    cases = [f"    {child.name}) {_name(child)} ;;" for child in node.children]
    return (
        GROUP.replace("@NAME@", _name(node))
        .replace("@COMMANDS@", "\n".join(commands))
        .replace("@CASES@", "\n".join(cases))
        .replace("@SPECS@", _continue(_list_specs(node)))
    )


def _list_specs(node: Node) -> list[str]:
    return [_format_spec(option, name) for option in node.options for name in option.names]


def _format_spec(option: Option, name: str) -> str:
    """A spelling shuts out the others, unless the option may come again."""
    once = "*" if option.repeatable else f"({' '.join(option.names)})"
    value = "" if option.value is Value.NONE else f":{option.value}:{_find_action(option)}"
    return f"'{once}{name}[{option.summary}]{value}'"


def _find_action(option: Option) -> str:
    return f"({' '.join(option.choices)})" if option.choices else ACTIONS.get(option.value, " ")


def _name(node: Node) -> str:
    return "_".join(["_v380", *node.path]).replace("-", "_")


def _continue(specs: list[str]) -> str:
    return " \\\n    ".join(specs)


COMMAND = r"""@NAME@() {
  _arguments -S \
    @SPECS@
}"""

PLACES = r"""@NAME@() {
  local curcontext=$curcontext state line
  local -A opt_args
  _arguments -C -S \
    @SPECS@ && return
  [[ $state == place ]] || return
  local -i place=CURRENT-1 named=0
@NAMED@  case $place in
@CASES@
  esac
}"""

NAMED = """  (( named = ${+opt_args[-d]} + ${+opt_args[--device]} + ${+opt_args[--all]} > 0 ))
  (( place += named ))
"""

GROUP = r"""@NAME@() {
  local -a commands=(
@COMMANDS@
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe command commands
    return
  fi
  case $words[2] in
    -*) _arguments -S \
    @SPECS@
    return ;;
  esac
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
@CASES@
  esac
}"""

SCRIPT = r"""#compdef v380
# zsh completion for v380, written by `v380 completion zsh`

_v380_cameras() {
  local -a cameras=(${(f)"$(@ASK_CAMERA@)"})
  compadd -a cameras
}

_v380_targets() {
  local -a targets=(${(f)"$(@ASK_TARGET@)"})
  compadd -a targets
}

_v380_positions() {
  local -a positions=(${(f)"$(_V380_COMPLETE=positions v380 ${(Q)words[1]} 2>/dev/null)"})
  compadd -a positions
}

@FUNCTIONS@

if [[ $funcstack[1] == _v380 ]]; then
  _v380 "$@"
else
  compdef _v380 v380
fi
"""
