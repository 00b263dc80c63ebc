"""How this server meets the world: who may call it by which name, and what stands before it.

All comes from the environment, since a container and a laptop have that in common:

    PLANTEDU_HOSTS         names it is called by, such as course.example.org,*.hf.space
    PLANTEDU_PROXY_HEADER  the header in which a proxy before it writes who asks: X-Real-IP
    PLANTEDU_PROXIES       from whom that header is believed; private addresses where not set
    PLANTEDU_EMBED         who may show it in a frame, such as https://huggingface.co; 1: anybody
    PLANTEDU_PASSWORD      what a visitor must know; nobody is asked where it is empty
    PLANTEDU_SEATS         of the largest room behind one address; 40 where not set
"""

import ipaddress
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from plantedu.errors import PlantEduError, require

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
SHORTEST = 8  # letters of a password
SEATS = 40  # of a room behind one address
ANYBODY = "https:"  # in a policy: every page that came over TLS


@dataclass(frozen=True)
class Setting:
    """What the environment says, checked.

    Attributes:
        hosts: Names this server is called by, besides addresses and this machine's own name.
        header: In which a proxy says who asks, in small letters; "" where none is trusted.
        proxies: Networks from which the header is believed; private ones where empty.
        frames: Sources that may embed the course; none where empty.
        password: What visitors must know; "" where nobody is asked.
        seats: Of a room behind one address; one with more pages open soon counts for little.
    """

    hosts: tuple[str, ...] = ()
    header: str = ""
    proxies: tuple[Network, ...] = ()
    frames: tuple[str, ...] = ()
    password: str = ""
    seats: int = SEATS


def setting(environment: Mapping[str, str] | None = None) -> Setting:
    """The setting of this process.

    Raises:
        PlantEduError: for a network that is none, a source that is none, a short password, or
            seats that are no number.
    """
    given = os.environ if environment is None else environment
    own = socket.gethostname().lower()
    hosts = [*_words(given, "PLANTEDU_HOSTS"), *_words(given, "SPACE_HOST"), own, f"{own}.local"]
    password = given.get("PLANTEDU_PASSWORD", "")
    require(
        not password or len(password) >= SHORTEST,
        f"PLANTEDU_PASSWORD has {len(password)} letters; {SHORTEST} or more are needed.",
    )
    seats = given.get("PLANTEDU_SEATS", "").strip() or str(SEATS)
    require(
        seats.isdecimal() and int(seats) > 0, f"PLANTEDU_SEATS is a whole number; got {seats!r}."
    )
    return Setting(
        hosts=tuple(hosts),
        header=given.get("PLANTEDU_PROXY_HEADER", "").strip().lower(),
        proxies=tuple(_network(word) for word in _words(given, "PLANTEDU_PROXIES")),
        frames=tuple(_frame(word) for word in _words(given, "PLANTEDU_EMBED") if word != "0"),
        password=password,
        seats=int(seats),
    )


def _words(given: Mapping[str, str], name: str) -> list[str]:
    return [word.lower() for word in given.get(name, "").replace(",", " ").split()]


def _network(word: str) -> Network:
    try:
        return ipaddress.ip_network(word, strict=False)
    except ValueError as error:
        raise PlantEduError(
            f"PLANTEDU_PROXIES holds {word!r}; addresses or networks are wanted, such as "
            "10.0.0.0/8."
        ) from error


def _frame(word: str) -> str:
    if word == "1":
        return ANYBODY
    known = word.startswith(("https://", "http://")) and not set(word) & set(";'\" ")
    require(
        known,
        f"PLANTEDU_EMBED holds {word!r}; name who may embed the course, such as "
        "https://huggingface.co, or say 1 for anybody.",
    )
    return word
