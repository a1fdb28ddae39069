"""What the rules of the packet filter mean for discovery, as `nft -j list ruleset` prints them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from v380cli.net.firewall import Verdict, judge_ruleset

PORT = 10009


def make_ruleset(*rules: list[Any], policy: str = "accept", hook: str = "input") -> str:
    place = {"family": "inet", "table": "filter"}
    chain = {"chain": {**place, "name": "input", "hook": hook, "policy": policy}}
    entries = [{"rule": {**place, "chain": "input", "expr": expr}} for expr in rules]
    return json.dumps({"nftables": [{"metainfo": {}}, chain, *entries]})


def match_port(right: Any) -> dict[str, Any]:
    left = {"payload": {"protocol": "udp", "field": "dport"}}
    return {"match": {"op": "==", "left": left, "right": right}}


def match_interface(name: str) -> dict[str, Any]:
    return {"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": name}}


def make_jump(target: str, word: str = "jump") -> dict[str, Any]:
    return {word: {"target": target}}


def add_chains(ruleset: str, **chains: list[list[Any]]) -> str:
    """The rules with chains beside them that one jumps to."""
    place = {"family": "inet", "table": "filter"}
    document = json.loads(ruleset)
    for name, rules in chains.items():
        document["nftables"].append({"chain": {**place, "name": name}})
        for expr in rules:
            document["nftables"].append({"rule": {**place, "chain": name, "expr": expr}})
    return json.dumps(document)


DROP, ACCEPT = {"drop": None}, {"accept": None}
REJECT, RETURN = {"reject": {"type": "icmpx", "expr": "admin-prohibited"}}, {"return": None}
COUNTER = {"counter": {"packets": 0, "bytes": 0}}
CONNTRACK = {"xt": {"type": "match", "name": "conntrack"}}
LIMIT = {"limit": {"rate": 3, "per": "minute"}}
# As ufw and firewalld make them.
UFW = make_ruleset([COUNTER, make_jump("before")], [COUNTER, make_jump("user")], policy="drop")
FIREWALLD = make_ruleset([match_interface("lo"), ACCEPT], [make_jump("zones")], [REJECT])
ZONES: list[list[Any]] = [
    [match_interface("eth9"), make_jump("dmz", "goto")],
    [make_jump("home", "goto")],
]


@pytest.mark.parametrize(
    ("ruleset", "verdict"),
    [
        (make_ruleset(), Verdict.ACCEPT),
        (make_ruleset([match_port(PORT), DROP]), Verdict.DROP),
        (make_ruleset([match_port(PORT), {"counter": {}}, {"reject": None}]), Verdict.DROP),
        (make_ruleset([match_port({"set": [53, PORT]}), DROP]), Verdict.DROP),
        (make_ruleset([match_port({"range": [10000, 10100]}), DROP]), Verdict.DROP),
        (make_ruleset([match_port({"set": [{"range": [1, 99]}]}), DROP]), Verdict.ACCEPT),
        (make_ruleset([match_port({"range": ["ssh", None]}), DROP]), Verdict.ACCEPT),
        (make_ruleset([match_port(53), DROP]), Verdict.ACCEPT),
        (make_ruleset([match_interface("lo"), DROP]), Verdict.ACCEPT),
        (make_ruleset([DROP]), Verdict.DROP),
        (make_ruleset(policy="drop"), Verdict.DROP),
        (make_ruleset([match_port(PORT), ACCEPT], policy="drop"), Verdict.ACCEPT),
        (make_ruleset([match_interface("lo"), ACCEPT], policy="drop"), Verdict.DROP),
        (make_ruleset(policy="drop", hook="forward"), Verdict.ACCEPT),
        (
            add_chains(UFW, before=[[CONNTRACK, DROP]], user=[[match_port(53), ACCEPT]]),
            Verdict.DROP,
        ),
        (
            add_chains(UFW, before=[[CONNTRACK, DROP]], user=[[match_port(PORT), ACCEPT]]),
            Verdict.ACCEPT,
        ),
        (
            add_chains(UFW, before=[[match_port(PORT), RETURN], [DROP]], user=[[ACCEPT]]),
            Verdict.ACCEPT,
        ),
        (
            add_chains(FIREWALLD, zones=ZONES, home=[[make_jump("allow")]], allow=[[ACCEPT]]),
            Verdict.ACCEPT,
        ),
        (
            add_chains(FIREWALLD, zones=ZONES, home=[[make_jump("allow")], [REJECT]], allow=[]),
            Verdict.DROP,
        ),
        (make_ruleset([LIMIT, ACCEPT], policy="drop"), Verdict.DROP),
        (make_ruleset([make_jump("input")]), Verdict.ACCEPT),  # nft takes no such circle
        ("", Verdict.UNKNOWN),
        ("[]", Verdict.UNKNOWN),
    ],
)
def test_what_becomes_of_an_answer(ruleset: str, verdict: Verdict) -> None:
    assert judge_ruleset(ruleset, PORT)[0] is verdict


@given(st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(
    st.sampled_from(["chain", "rule", "expr", "match", "left", "right", "hook"]), x)))  # fmt: skip
def test_rules_of_any_shape_are_judged(entry: Any) -> None:
    judge_ruleset(json.dumps({"nftables": [entry]}), PORT)
