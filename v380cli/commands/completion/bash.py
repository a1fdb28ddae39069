"""The completion script for bash."""

from v380cli.commands.completion.parser import ASK_CAMERAS, Node, Option, Value, walk


def format_script(root: Node) -> str:
    """The script for bash 4.4 and newer."""
    nodes = list(walk(root))
    return (
        SCRIPT.replace("@ASK@", ASK_CAMERAS)
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


def _format_command(node: Node) -> str:
    names = [name for option in node.options for name in option.names]
    words = " ".join([*(child.name for child in node.children), *names])
    lines = [f"        {_quote(node)})", f"            words='{words}'"]
    if node.argument:
        lines.append(
            f"            [[ $current == -* ]] || {{ {_format_action(node.argument)}; return; }}"
        )
    return "\n".join([*lines, "            ;;"])


def _format_action(option: Option) -> str:
    if option.value is Value.CHOICE:
        return f"_v380_words '{' '.join(option.choices)}'"
    return f"_v380_{option.value}"


def _quote(node: Node, *more: str) -> str:
    """A pattern for the words of a command, each with a blank before it."""
    words = "".join(f" {word}" for word in (*node.path, *more))
    return f"'{words}'"


SCRIPT = r"""# bash completion for v380, written by `v380 completion bash`

_v380_camera() {
    local name
    while IFS= read -r name; do
        [[ $name == "${current//\\/}"* ]] && COMPREPLY+=("$(printf %q "$name")")
    done < <(@ASK@)
}

_v380_words() {
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current")
}

_v380_file() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
}

_v380_text() { :; }

_v380() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command='' words='' word
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case "$command $word" in
        @PATHS@) command+=" $word" ;;
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
