"""What stands before the pages when the server starts: doors, a password, bounds, turns.

`streamlit run app/main.py` finds the application in `main.py` and serves it with these around it,
on a laptop as for many.
"""

import asyncio
import contextlib
import hashlib
import os
import re
import webbrowser
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from streamlit import config, runtime
from streamlit.web.server.server_util import get_url

from app.address import listens_to_others
from app.protocol import asked, is_over
from plantedu.course.classes import Classes
from plantedu.course.predictions import is_token
from plantedu.errors import PlantEduError
from plantedu.serving import operator_log
from plantedu.serving.asking import is_address
from plantedu.serving.bounds import Bounds, Held
from plantedu.serving.doors import Doors
from plantedu.serving.own_paths import OwnPaths
from plantedu.serving.password import Password
from plantedu.serving.prometheus import metrics_text
from plantedu.serving.setting import setting
from plantedu.serving.turns import Turns
from plantedu.store.paths import home
from plantedu.store.store import Store

HOUR = 3600.0  # seconds


def around() -> list[Middleware]:
    """What every request passes; where others can reach the server, it has the limits of many.

    Raises:
        PlantEduError: for an environment that cannot be meant.
    """
    if listens_to_others():
        os.environ.setdefault("PLANTEDU_HOSTED", "1")
    os.umask(0o077)  # what the server writes is nobody else's to read
    given = setting()
    operator_log.open_log(home())
    if given.frames:  # uploads from a frame need a cookie that crosses sites, kept over TLS alone
        config.set_option("server.xsrfCookieSameSite", "none")
    token = os.environ.get("PLANTEDU_HOST_TOKEN", "")
    measured = {
        "token": token if is_token(token) else "",
        "measured": lambda: metrics_text(Store(), sessions)(),
        "base": str(config.get_option("server.baseUrlPath") or ""),
    }
    return [
        Middleware(Doors, setting=given, scripts=inline_scripts()),
        Middleware(OwnPaths, **measured),
        Middleware(Password, setting=given, home=home()),
        Middleware(Bounds, held=held, setting=given),
        Middleware(Turns, setting=given, asked=asked, is_over=is_over),
    ]


def held() -> Held:
    """Bytes of every file that Streamlit holds, by session."""
    files: Any = runtime.get_instance().uploaded_file_mgr
    return {
        session: {name: len(one.data) for name, one in list(kept.items())}
        for session, kept in list(files.file_storage.items())
    }


def sessions() -> int:
    """Pages that are open now."""
    running: Any = runtime.get_instance() if runtime.exists() else None
    manager = getattr(running, "_session_mgr", None)
    return 0 if manager is None else manager.num_active_sessions()


def inline_scripts() -> tuple[str, ...]:
    """Hashes of the scripts that stand in Streamlit's own page, as a policy names them."""
    page = Path(str(st.__file__)).parent / "static" / "index.html"
    inside = re.findall(r"<script>(.*?)</script>", page.read_text(encoding="utf-8"), re.DOTALL)
    digests = (hashlib.sha256(words.encode()).digest() for words in inside)
    return tuple(f"'sha256-{b64encode(digest).decode()}'" for digest in digests)


@asynccontextmanager
async def opened(_: st.App) -> AsyncIterator[None]:
    """Open a browser where somebody sits at this machine; write to the host's log what ends."""
    if not config.get_option("server.headless"):
        address = str(config.get_option("server.address") or "localhost")
        webbrowser.open(get_url("localhost" if is_address(address) else address))
    tasks = [
        asyncio.create_task(work)
        for work in (operator_log.follow_ends(Store()), _end_old_classes())
    ]
    yield
    for task in tasks:
        task.cancel()


async def _end_old_classes() -> None:
    """Delete classes whose time is over, on a server that nobody begins a class on, too."""
    while True:
        with contextlib.suppress(PlantEduError):  # a busy or full disk: the next hour tries again
            await asyncio.to_thread(Classes().end_old)
        await asyncio.sleep(HOUR)
