"""What stands in the address of a page, and is let in only in the form that it must have.

Anybody can send a learner a link. What is written in it becomes part of sentences on the page, and
a page's sentences are Markdown: a picture or a link in an address would stand there as ours. So
nothing else in `app/` reads the address, and what is here has letters, digits, - and _ alone.
"""

import ipaddress
import os
import re
from urllib.parse import urlsplit

import streamlit as st
from streamlit import config, net_util

from plantedu.serving.doors import FROM
from plantedu.store.visitors import party_of

TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")
FORMS = {
    "learner": TOKEN,
    "keeper": TOKEN,
    "host": TOKEN,
    "class": re.compile(r"[A-Za-z0-9]{1,20}"),
    "run": re.compile(r"[0-9a-f]{8}"),
    "result": re.compile(r"[0-9a-f]{8}"),
    "word": re.compile(r"[a-z0-9-]{1,60}"),
}
LOOPBACK = ("127.0.0.1", "localhost", "::1")
NUMBER = re.compile(r"[0-9][0-9.e+-]{0,20}")


def given(name: str) -> str:
    """A word of the address in the form that it must have; "" for any other."""
    text = "".join(str(st.query_params.get(name, "")).split())
    return text if FORMS.get(name, NUMBER).fullmatch(text) else ""


def odd(name: str) -> bool:
    """Whether the address holds something else than a word of this name's form."""
    return name in st.query_params and not given(name)


def holds(name: str) -> bool:
    """Whether the address has a word of this name."""
    return name in st.query_params


def put(name: str, word: str) -> None:
    """Write a word into the address."""
    st.query_params[name] = word


def drop(*names: str) -> None:
    """Take words out of the address."""
    for name in names:
        st.query_params.pop(name, None)


def party() -> str:
    """A name for the address that this visit comes from, as the server's door has seen it."""
    return party_of(st.context.headers.get(FROM.decode(), ""))


def of_wall(code: str) -> str:
    """The address of a class's wall, as seen from the workshop's page."""
    return f"projector?class={code}"


def on_wall() -> bool:
    """Whether the page looked at is the wall of a class."""
    return (st.context.url or "").partition("?")[0].rstrip("/").endswith("/projector")


def room() -> str:
    """The address at which a room finds the course: of this machine in its network, never of
    itself, where the server listens to others; PLANTEDU_ADDRESS where it is set."""
    set_ = os.environ.get("PLANTEDU_ADDRESS", "").rstrip("/")
    if set_:
        return set_
    seen = urlsplit((st.context.url or "http://localhost:8501").partition("?")[0])
    path = seen.path.removesuffix("/workshop").removesuffix("/projector").rstrip("/")
    place = seen.netloc
    if not listens_to_others():
        return f"{seen.scheme}://{place}{path}"
    if _is_own(seen.hostname or "") and (own := net_util.get_internal_ip()):
        place = place.replace(_written(seen.hostname or ""), own)
    return f"{seen.scheme}://{place}{path}"


def listens_to_others() -> bool:
    """Whether another machine can reach this server."""
    return config.get_option("server.address") not in LOOPBACK


def _is_own(host: str) -> bool:
    """Whether a name or address means, on every machine, that machine itself."""
    if host.lower() == "localhost" or host.lower().endswith(".localhost"):
        return True
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return False
    return found.is_loopback or found.is_unspecified


def _written(host: str) -> str:
    return f"[{host}]" if ":" in host else host
