"""Who asks for a page, by which name, from which page: read off a request's own words.

A page of a stranger's may send a browser here in two ways: by a link or form (its `Origin` is then
not ours), or under a name of its own that points to this machine (the `Host` is then not ours;
"DNS rebinding"). An address in digits cannot be such a name, so it is always allowed.
"""

import ipaddress
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from plantedu.serving.setting import Setting

HOST = re.compile(r"[a-z0-9.\-]+|\[[0-9a-f:.]+\]")
UNKNOWN = "unknown"
V6_PREFIX = 64  # one customer's: addresses inside are free
NEAR = tuple(  # where a proxy stands that nobody has named: this machine and private networks
    ipaddress.ip_network(text)
    for text in (
        *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
        *("::1/128", "fc00::/7"),
    )
)

Scope = Mapping[str, Any]  # of an ASGI request


def headers_of(scope: Scope) -> dict[str, str]:
    """A request's headers by their names in small letters; of a repeated one, all with commas."""
    found: dict[str, str] = {}
    for name, value in scope.get("headers", ()):
        word, text = name.decode("latin-1").lower(), value.decode("latin-1").strip()
        found[word] = f"{found[word]}, {text}" if word in found else text
    return found


def name_of(host: str) -> str:
    """The name in a Host header without its port; "" for what is no name and no address."""
    name, _, port = host.rpartition(":") if re.search(r":\d+$", host) else (host, "", "")
    name = name.lower().removesuffix(".")
    return name if HOST.fullmatch(name) and (not port or int(port) < 65_536) else ""


def host_allowed(host: str, setting: Setting) -> bool:
    """Whether this server is called so: an address, this machine, or a name of the setting."""
    name = name_of(host)
    if not name:
        return False
    known = name == "localhost" or name.endswith(".localhost") or is_address(name)
    return known or any(_fits(name, pattern) for pattern in setting.hosts)


def origin_allowed(origin: str, host: str, setting: Setting) -> bool:
    """Whether a page of this origin may talk here: our own, or of a name of the setting."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return False
    if parts.netloc.lower() == host.lower():
        return True
    name = name_of(parts.netloc)
    return bool(name) and any(_fits(name, pattern) for pattern in setting.hosts)


def address_of(scope: Scope, setting: Setting) -> str:
    """Whose request it is: the other end, or what a trusted proxy says; IPv6 by its /64."""
    client = scope.get("client")
    peer = str(client[0]) if client else ""
    if setting.header and _is_proxy(peer, setting):
        forwarded = headers_of(scope).get(setting.header, "").rpartition(",")[2].strip()
        if is_address(forwarded):
            return _grouped(forwarded)
    return _grouped(peer)


def is_address(text: str) -> bool:
    """Whether a text is an address in digits."""
    return _address(text) is not None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _grouped(text: str) -> str:
    found = _address(text)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, V6_PREFIX), strict=False))
    return str(found or UNKNOWN)


def _is_proxy(peer: str, setting: Setting) -> bool:
    found = _address(peer)
    networks = setting.proxies or NEAR
    return found is not None and any(found in network for network in networks)


def _fits(name: str, pattern: str) -> bool:
    return name.endswith(pattern[1:]) if pattern.startswith("*.") else name == pattern
