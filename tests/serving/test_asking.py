"""Names, origins and addresses as requests tell them, forged ones among them."""

import ipaddress

import pytest

from plantedu.serving.asking import address_of, host_allowed, name_of, origin_allowed
from plantedu.serving.setting import Setting

OURS = Setting(hosts=("course.example.org", "*.hf.space"))


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "localhost:8501", "LOCALHOST.", "app.localhost", "127.0.0.1:8501"),
        *("192.168.3.4:8501", "[::1]:8501", "[fe80::1]", "course.example.org", "me.hf.space:443"),
    ],
)
def test_names_of_this_server(host):
    assert host_allowed(host, OURS)


@pytest.mark.parametrize(
    "host",
    [
        *("", "evil.example", "evil.example:8501", "localhost.evil.example", "hf.space.evil.org"),
        *("evilhf.space", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "a b", "x/y", "%"),
        *(
            "localhost:99999",
            "course.example.org.evil.org",
            "user:pass@localhost",
            "[::1",
            "0x7f.1x",
        ),
    ],
)
def test_names_of_somebody_else(host):
    assert not host_allowed(host, OURS)


def test_a_name_has_no_port_and_no_dot_at_its_end():
    assert name_of("Course.Example.Org.:443") == "course.example.org"


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://localhost:8501", True),
        ("https://course.example.org", True),
        ("https://me.hf.space", True),
        ("http://localhost:9999", False),  # another program's page on this machine
        ("http://127.0.0.1:8501", False),
        ("https://evil.example", False),
        ("http://localhost:8501.evil.example", False),
        ("null", False),
        ("", False),
        ("file://", False),
        ("http://[::1", False),
    ],
)
def test_origins(origin, allowed):
    assert origin_allowed(origin, "localhost:8501", OURS) is allowed


def scope(peer, **headers):
    named = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
    return {"client": (peer, 1), "headers": named}


FORWARDED = Setting(header="x-forwarded-for")


@pytest.mark.parametrize(
    ("setting", "peer", "header", "address"),
    [
        (Setting(), "10.0.0.9", "203.0.113.5", "10.0.0.9"),  # no header is named: none is believed
        (FORWARDED, "10.0.0.9", "203.0.113.5", "203.0.113.5"),
        (FORWARDED, "10.0.0.9", "198.51.100.1, 203.0.113.5", "203.0.113.5"),  # the first is forged
        (FORWARDED, "203.0.113.77", "198.51.100.1", "203.0.113.77"),  # no proxy of ours
        (FORWARDED, "10.0.0.9", "not an address", "10.0.0.9"),
        (FORWARDED, "::ffff:10.0.0.9", "203.0.113.5", "203.0.113.5"),
        (Setting(), "::ffff:10.0.0.9", "", "10.0.0.9"),
        (
            Setting(header="x-forwarded-for", proxies=(ipaddress.ip_network("10.0.0.0/24"),)),
            *("10.0.1.9", "203.0.113.5", "10.0.1.9"),
        ),
        (Setting(), "2001:db8:1:2::77", "", "2001:db8:1:2::/64"),
        (Setting(), "", "", "unknown"),
    ],
)
def test_whose_request_it_is(setting, peer, header, address):
    assert address_of(scope(peer, x_forwarded_for=header), setting) == address
