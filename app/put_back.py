"""Controls as they stood when the result beside them was asked for.

Streamlit forgets a control that is not on screen: after a reload, on another page or another tab,
it stands at its default, beside a result of other settings. A lab says which control sets which
setting; where it comes on screen, its controls are put back to the settings of its result.
"""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

Asked = Mapping[str, Any]
# By a control's key: the setting that it holds, or which settings, and its place by all of them.
Whence = tuple[tuple[str, ...], Callable[[Asked], Any]]
Controls = Mapping[str, str | Whence]
RUNS, WANTED = "runs of the page", "controls to put back"
PUT, REFUSED = "controls put back now", "controls that do not take their value"


def begin_run() -> None:
    """A page begins: controls are put back before any of them is drawn."""
    st.session_state[RUNS] = st.session_state.get(RUNS, 0) + 1
    wanted = st.session_state.pop(WANTED, {})
    for key, value in wanted.items():
        st.session_state[key] = value
    st.session_state[PUT] = dict(wanted)


def undone() -> bool:
    """After an error of a control: whether controls had been put back, which now are not.

    A run may have been asked for by another version, whose control went further: then the controls
    stand at their defaults, and what was asked for is said beside the result all the same.
    """
    put = st.session_state.pop(PUT, {})
    for key in put:
        st.session_state.pop(key, None)
    if put:
        st.session_state[REFUSED] = put
    return bool(put)


def appears(slot: str) -> bool:
    """Whether a lab comes on screen now; the run before it was not there."""
    now = st.session_state.get(RUNS, 0)
    before = st.session_state.get(f"drawn {slot}")
    st.session_state[f"drawn {slot}"] = now
    return before not in (now, now - 1)


def held(controls: Controls) -> set[str]:
    """The settings that these controls hold."""
    found: set[str] = set()
    for one in controls.values():
        found.update((one,) if isinstance(one, str) else one[0])
    return found


def put_back(controls: Controls, asked: Asked) -> None:
    """Begin the page anew with these controls as they were asked with, where they are not."""
    wanted = {key: _place(one, asked) for key, one in controls.items() if _known(one, asked)}
    apart = {k: v for k, v in wanted.items() if not _same(st.session_state.get(k), v)}
    if apart and st.session_state.get(REFUSED) != wanted:
        st.session_state[WANTED] = wanted
        st.rerun()


def _plain(one: Any) -> bool:
    return isinstance(one, str)


def _known(one: Any, asked: Asked) -> bool:
    return all(name in asked for name in ((one,) if _plain(one) else one[0]))


def _place(one: Any, asked: Asked) -> Any:
    return asked[one] if _plain(one) else one[1](asked)


def _same(shown: Any, wanted: Any) -> bool:
    """Whether a control stands where it should; a list is kept as a list."""
    if isinstance(wanted, list | tuple):
        return list(shown or ()) == list(wanted)
    return shown == wanted
