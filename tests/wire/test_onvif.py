"""WS-Discovery: what we send is what the specification shows, what comes back is not trusted."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from v380cli.errors import RemoteProtocolError
from v380cli.text import clean_text
from v380cli.wire.onvif import (
    MAX_ONVIF_BYTES,
    OnvifAnswer,
    decode_onvif_answer,
    encode_onvif_probe,
)

ANSWER = """<?xml version="1.0" encoding="utf-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope"
  xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing"
  xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery">
<SOAP-ENV:Header><wsa:RelatesTo>urn:uuid:1</wsa:RelatesTo></SOAP-ENV:Header>
<SOAP-ENV:Body><d:ProbeMatches><d:ProbeMatch>
<wsa:EndpointReference><wsa:Address>urn:uuid:11111111-2222-1333-8444-E07C62000001</wsa:Address>
</wsa:EndpointReference>
<d:Types>dn:NetworkVideoTransmitter</d:Types>
<d:Scopes>onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/name/Front%20door
 onvif://www.onvif.org/hardware/V380 onvif://www.onvif.org/MAC/e0:7c:62:00:00:02 x://other/name/no
</d:Scopes>
<d:XAddrs>http://10.0.0.5:8899/onvif/device_service http://[fe80::1]/onvif http://10.0.0.6/</d:XAddrs>
</d:ProbeMatch></d:ProbeMatches></SOAP-ENV:Body></SOAP-ENV:Envelope>"""


def test_probe_asks_for_video_transmitters() -> None:
    root = ElementTree.fromstring(encode_onvif_probe("urn:uuid:<1>"))
    texts = {element.tag: element.text for element in root.iter()}
    addressing = "{http://schemas.xmlsoap.org/ws/2004/08/addressing}"
    discovery = "{http://schemas.xmlsoap.org/ws/2005/04/discovery}"
    assert texts[addressing + "MessageID"] == "urn:uuid:<1>"
    assert texts[addressing + "Action"] == discovery.strip("{}") + "/Probe"
    assert texts[addressing + "To"] == "urn:schemas-xmlsoap-org:ws:2005:04:discovery"
    assert texts[discovery + "Types"] == "n:NetworkVideoTransmitter"


def test_answer_says_who_and_where() -> None:
    assert decode_onvif_answer(ANSWER.encode()) == OnvifAnswer(
        addresses=("10.0.0.5", "10.0.0.6"),
        port=8899,
        mac="e0:7c:62:00:00:02",
        macs=frozenset({"e0:7c:62:00:00:01", "e0:7c:62:00:00:02"}),
        name="Front door",
        hardware="V380",
    )


def test_text_is_cleaned_and_cut() -> None:
    hostile = ANSWER.replace("Front%20door", "%1B[31m%E2%80%AEevil" + "x" * 500)
    name = decode_onvif_answer(hostile.encode()).name
    assert name == clean_text(name)
    assert name.startswith("[31mevil")
    assert len(name) == 64


def test_match_may_be_nearly_empty() -> None:
    start, end = ANSWER.index("<wsa:EndpointReference>"), ANSWER.index("</d:ProbeMatch>")
    assert decode_onvif_answer((ANSWER[:start] + ANSWER[end:]).encode()) == OnvifAnswer()


@pytest.mark.parametrize("url", ["http://10.0.0.5:99999/", "http://[broken", "http://name/", "x"])
def test_useless_url_is_left_out(url: str) -> None:
    answer = ANSWER.replace("http://10.0.0.5:8899/onvif/device_service", url)
    assert decode_onvif_answer(answer.encode()).addresses == ("10.0.0.6",)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<",
        b"NVDEVRESULT^200",
        b"<a/>",
        b"\xff\xfe<\0a\0/\0>\0",
        ANSWER.replace("<SOAP-ENV:Envelope", BOMB + "<SOAP-ENV:Envelope", 1).encode(),
        ANSWER.replace("utf-8", "utf-16").encode("utf-16"),
        b"<a>" * (MAX_ONVIF_BYTES // 3),
        ANSWER.encode() + b" " * MAX_ONVIF_BYTES,
    ],
)
def test_what_is_no_match_is_refused(data: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        decode_onvif_answer(data)


def test_deep_nesting_is_survived() -> None:
    depth = MAX_ONVIF_BYTES // 7
    with pytest.raises(RemoteProtocolError):
        decode_onvif_answer(b"<a>" * depth + b"</a>" * depth)


@given(st.binary(max_size=2000), st.integers(0, len(ANSWER)), st.integers(0, 200))
def test_any_bytes_are_an_answer_or_refused(noise: bytes, start: int, cut: int) -> None:
    damaged = ANSWER.encode()[:start] + noise[:50] + ANSWER.encode()[start + cut :]
    for data in (noise, damaged):
        try:
            answer = decode_onvif_answer(data)
        except RemoteProtocolError:
            continue
        assert answer.name == clean_text(answer.name)
