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


DROP, ACCEPT = {"drop": None}, {"accept": None}


@pytest.mark.parametrize(
    ("ruleset", "verdict"),
    [
        (make_ruleset(), Verdict.ACCEPT),
        (make_ruleset([match_port(PORT), DROP]), Verdict.DROP),
        (make_ruleset([match_port(PORT), {"counter": {}}, {"reject": None}]), Verdict.DROP),
        (make_ruleset([match_port({"set": [53, PORT]}), DROP]), Verdict.DROP),
        (make_ruleset([match_port({"range": [10000, 10100]}), DROP]), Verdict.DROP),
        (make_ruleset([match_port({"set": [{"range": [1, 99]}]}), DROP]), Verdict.ACCEPT),
        (make_ruleset([match_port(53), DROP]), Verdict.ACCEPT),
        (make_ruleset([match_interface("lo"), DROP]), Verdict.ACCEPT),
        (make_ruleset([DROP]), Verdict.DROP),
        (make_ruleset(policy="drop"), Verdict.DROP),
        (make_ruleset([match_port(PORT), ACCEPT], policy="drop"), Verdict.ACCEPT),
        (make_ruleset([match_interface("lo"), ACCEPT], policy="drop"), Verdict.DROP),
        (make_ruleset(policy="drop", hook="forward"), Verdict.ACCEPT),
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
