"""The course, `streamlit run app/main.py`: home, and one page for each lesson in `lessons/`.

The server runs this file once, to learn what it serves; each look at a page runs it again.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # started without the package being installed
    sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402
from streamlit.runtime.scriptrunner import get_script_run_ctx  # noqa: E402

if get_script_run_ctx(suppress_warning=True) is None:
    from app import server

    app = st.App(__file__, middleware=server.around(), lifespan=server.opened)
else:
    from app import navigation

    navigation.show()
