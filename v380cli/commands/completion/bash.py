"""The completion script for bash."""

from collections.abc import Iterator

from v380cli.commands.completion.parser import (
    ASK_CAMERA,
    ASK_TARGET,
    Node,
    Option,
    Value,
    walk,
)


def format_script(root: Node) -> str:
    """The script for bash 4.4 and newer."""
    nodes = list(walk(root))
    return (
        SCRIPT.replace("@ASK_CAMERA@", ASK_CAMERA)
        .replace("@ASK_TARGET@", ASK_TARGET)
        .replace("@VALUED@", " | ".join(_list_patterns(nodes)))
        .replace("@PATHS@", " | ".join(_quote(node) for node in nodes if node.path))
        .replace("@VALUES@", "\n".join(_format_value(*pair) for pair in _list_valued(nodes)))
        .replace("@COMMANDS@", "\n".join(_format_command(node) for node in nodes))
    )


def _list_valued(nodes: list[Node]) -> list[tuple[Node, Option]]:
    return [
        (node, option)
        for node in nodes
        for option in node.options
        if option.value is not Value.NONE
    ]


def _format_value(node: Node, option: Option) -> str:
    pattern = " | ".join(_quote(node, name) for name in option.names)
    return f"        {pattern}) {_format_action(option)}; return ;;"


def _list_patterns(nodes: list[Node]) -> Iterator[str]:
    """Options that a value follows, behind their commands."""
    for node, option in _list_valued(nodes):
        yield from (_quote(node, name) for name in option.names)


def _format_command(node: Node) -> str:
    names = [name for option in node.options for name in option.names]
    words = " ".join([*(child.name for child in node.children), *names])
    lines = [f"        {_quote(node)})", f"            words='{words}'"]
    if node.begins_with_camera:
        lines.append("            (( place += named ))")
    if node.places:
        lines.append(f"            [[ $current == -* ]] || case $place in {_format_places(node)}")
        lines.append("            esac")
    return "\n".join([*lines, "            ;;"])


def _format_places(node: Node) -> str:
    """What is offered at each place; beyond the last there is nothing to say."""
    cases = []
    for number, option in enumerate(node.places):
        is_last = number == len(node.places) - 1
        pattern = "*" if is_last and node.repeats else number
        cases.append(f"{pattern}) {_format_action(option)}; return ;;")
    return " ".join([*cases, *([] if node.repeats else ["*) return ;;"])])


def _format_action(option: Option) -> str:
    if option.value is Value.CHOICE:
        return f"_v380_words '{' '.join(option.choices)}'"
    if option.value is Value.ASSIGNMENT:
        return f"_v380_assignment {_format_assignments(option)}"
    return f"_v380_{option.value}"


def _format_assignments(option: Option) -> str:
    """Each word behind the camera, and what goes with it."""
    return " ".join(f"{name} '{' '.join(all_)}'" for name, all_ in option.assignments.items())


def _quote(node: Node, *more: str) -> str:
    """A pattern for the words of a command, each with a blank before it."""
    words = "".join(f" {word}" for word in (*node.path, *more))
    return f"'{words}'"


SCRIPT = r"""# bash completion for v380, written by `v380 completion bash`

_v380_names() {
    local name
    while IFS= read -r name; do
        [[ $name && $name == "${current//\\/}"* ]] || continue
        printf -v name %q "$name"
        COMPREPLY+=("$name")
    done
}

_v380_camera() { _v380_names < <(@ASK_CAMERA@ "${current//\\/}"); }

_v380_target() { _v380_names < <(@ASK_TARGET@ "${current//\\/}"); }

_v380_position() {
    _v380_names < <(_V380_COMPLETE=positions v380 "${first//[\\\"\']/}" 2>/dev/null)
}

_v380_words() {
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current")
}

_v380_file() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
}

_v380_assignment() {
    local before='' typed=$current
    case $current,$previous in
    =,*) before=$previous= typed='' ;;
    *,=) before=${COMP_WORDS[COMP_CWORD - 2]}= ;;
    esac
    while [[ $# -gt 0 && $1 != "${given[1 - named]}" ]]; do shift 2; done
    mapfile -t COMPREPLY < <(compgen -W "${2-}" -- "$before$typed")
    [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace 2>/dev/null
    COMPREPLY=("${COMPREPLY[@]#"$before"}")
}

_v380_text() { :; }

_v380() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command='' words='' first='' word skip=0 place=0 named=0 given=()
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        if (( skip )); then
            skip=0
            continue
        fi
        case $word in
        -d | --device | --device=* | --all) named=1 ;;
        esac
        case "$command $word" in
        @PATHS@) command+=" $word" ;;
        @VALUED@) skip=1 ;;
        *' '-*) ;;
        *) (( place++ )) || first=$word; given+=("$word") ;;
        esac
    done
    COMPREPLY=()
    case "$command $previous" in
@VALUES@
    esac
    case $command in
@COMMANDS@
    esac
    _v380_words "$words"
}

complete -F _v380 v380
"""
