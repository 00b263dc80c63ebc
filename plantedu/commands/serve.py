"""`python -m plantedu serve [--room]`: the course on this laptop, for its user or for a room.

Alone, it listens on this machine only. With --room it listens on the network with the limits of a
machine that many share, and says the address that the room types in.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

import tyro

from plantedu import shipped_files
from plantedu.errors import require
from plantedu.extras import extra
from plantedu.serving.asking import name_of
from plantedu.serving.setting import setting

MAIN = shipped_files.source() / "app" / "main.py"
EVERYWHERE, HERE = "0.0.0.0", "127.0.0.1"
NOWHERE = "192.0.2.1"  # an address that is nobody's (RFC 5737)


@dataclass(frozen=True)
class Serve:
    """Serve the course.

    Attributes:
        room: Let others of this network in, with the limits of a machine that many share.
        port: Where it listens.
        password: What visitors must know; PLANTEDU_PASSWORD does the same.
        name: How the room calls this machine; its address where not given.
    """

    room: bool = False
    port: int = 8501
    password: str = ""
    name: str = ""


def main(argv: Sequence[str]) -> int:
    """Serve until it is stopped.

    Raises:
        PlantEduError: for a port or name that is none, or where the pages are not here.
    """
    chosen = tyro.cli(
        Serve,
        prog="python -m plantedu serve",
        args=list(argv),
        config=(tyro.conf.FlagCreatePairsOff,),
    )
    words, environment = started(chosen)
    print(said(chosen, environment), flush=True)
    try:
        return subprocess.call(words, env=environment)
    except KeyboardInterrupt:
        return 0


def started(chosen: Serve) -> tuple[list[str], dict[str, str]]:
    """The server's command and its environment.

    Raises:
        PlantEduError: for a port or name that is none, or where the pages are not here.
    """
    require(0 < chosen.port < 65_536, f"A port is 1 to 65535; got {chosen.port}.")
    require(
        not chosen.name or bool(name_of(chosen.name)),
        f"--name is a name or address of this machine, without http and port; got {chosen.name!r}.",
    )
    require(
        MAIN.is_file(), f"The pages are not here ({MAIN.name}); serve from a copy of the course."
    )
    with extra("app"):
        import_module("streamlit")
    environment = dict(os.environ)
    if chosen.password:
        environment["PLANTEDU_PASSWORD"] = chosen.password
    options = {"address": HERE, "port": chosen.port, "fileWatcherType": "none"}
    if chosen.room:
        environment["PLANTEDU_HOSTED"] = "1"
        hosts = f"{environment.get('PLANTEDU_HOSTS', '')} {chosen.name}".strip()
        environment |= {"PLANTEDU_HOSTS": hosts, "PLANTEDU_ADDRESS": address(chosen)}
        options |= {"address": EVERYWHERE, "headless": "true"}
    setting(environment)  # says now what is wrong
    words = [sys.executable, "-m", "streamlit", "run", str(MAIN)]
    return [*words, *(f"--server.{name}={value}" for name, value in options.items())], environment


def said(chosen: Serve, environment: dict[str, str]) -> str:
    """What the person at the laptop reads."""
    if not chosen.room:
        return f"The course listens on this machine only: http://{HERE}:{chosen.port}"
    lines = [
        f"The room types in:  {environment['PLANTEDU_ADDRESS']}",
        "The password is asked for first."
        if environment.get("PLANTEDU_PASSWORD")
        else "No password is asked for; --password WORD asks.",
        "It is plain http: anybody in this network can read along. End it with Ctrl-C.",
    ]
    if chosen.name == "" and _own_address() == HERE:
        lines.append("No network was found: connect first, then start again, or say --name.")
    return "\n".join(lines)


def address(chosen: Serve) -> str:
    """The address of the course as the room writes it."""
    return f"http://{chosen.name or _own_address()}:{chosen.port}"


def _own_address() -> str:
    """This machine's address in the network that it would use to reach others; sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((NOWHERE, 9))
        except OSError:
            return HERE
        return probe.getsockname()[0]
