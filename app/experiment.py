"""A result that is recorded, and a button that makes it anew: the pattern of an experiment.

The recorded result shows at once; the button asks the worker for the learner's own, which is
followed below it and kept when the page is left.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import address, session
from app.captions import caption
from app.live_run import follow
from app.page import downloads, draw
from app.put_back import Controls, appears, held, put_back
from plantedu.charts.chart import Drawing
from plantedu.errors import PlantEduError, require
from plantedu.serialization import command_line, revived, with_tuples
from plantedu.store.run import Run
from plantedu.topics.methods import words_of_kind

Result = TypeVar("Result")
Read = Callable[[Any], Result]
Show = Callable[[Result, str], None]
UPLOADED = re.compile(r"[0-9a-f]{32}")  # the name under which a learner's file is kept
_PLACE: ContextVar[str] = ContextVar("place", default="own")  # of a result on the page
_SHOWN: ContextVar[str | Mapping[str, Any]] = ContextVar("shown", default="")  # made by what


@dataclass(frozen=True)
class Experiment:
    """One thing that the worker can do for a page.

    Attributes:
        kind: What the worker calls it.
        label: On the button.
        takes: How long it takes, in words.
        body: Draws a run of it, finished or not.
        lane: Who does it; analyses do not wait for trainings.
        before: Draws what was recorded, while the learner has none of their own.
        pins: Whether two of its results may stand side by side.
    """

    kind: str
    label: str
    takes: str
    body: Callable[[Run], None]
    lane: str = "analysis"
    before: Callable[[], None] | None = None
    pins: bool = False


def recorded(name: str, read: Read[Result], show: Show[Result]) -> None:
    """What a lesson recorded, or a sentence that says why it cannot be shown.

    Args:
        name: Of the file in lessons/results.
        read: A result from plain values.
        show: Draws it; the word "recorded" makes the keys of its parts.
    """
    try:
        found, made = session.result_as(read, name), session.results(name)
        with _shown(str(made.get("command", ""))):
            show(found, "recorded")
    except PlantEduError as error:
        st.info(str(error))


def command(kind: str, settings: Any) -> str:
    """What makes a result again in a terminal: the method of this kind with every setting."""
    return f"python -m plantedu {words_of_kind(kind)} {command_line(settings)}".rstrip()


def command_of_shown(kind: str, settings: type[Any]) -> str:
    """The same for a result that does not hold its settings.

    The learner's own by what was asked for, a recorded one by the command in its file.
    """
    by = _SHOWN.get()
    if isinstance(by, str):
        return by.removeprefix("uv run ") or command(kind, settings())
    return command(kind, revived(settings, asdict(settings()) | with_tuples(by)))


@contextmanager
def _shown(by: str | Mapping[str, Any]) -> Iterator[None]:
    before = _SHOWN.set(by)
    try:
        yield
    finally:
        _SHOWN.reset(before)


@lru_cache(maxsize=256)
def part(key: str, read: Read[Result]) -> Read[Result]:
    """Reads one of a file's results; raises PlantEduError where it is not there.

    The same function for the same words, so that what was read is kept.
    """

    def read_part(found: Mapping[str, Any]) -> Result:
        require(key in found, f"There is no recorded result for {key}; measure it below.")
        return read(found[key])

    return read_part


def experiment_of(
    kind: str,
    label: str,
    takes: str,
    read: Read[Result],
    show: Show[Result],
    *,
    pins: bool = False,
) -> Experiment:
    """An experiment whose own result is shown as the recorded one is.

    Args:
        kind, label, takes: As of an `Experiment`.
        read: A result from plain values.
        show: Draws it; the word "own" makes the keys of its parts, "pinned" those of a second.
        pins: Whether two of its results may stand side by side.
    """

    def body(run: Run) -> None:
        if run.result:
            with _shown(run.request):
                show(read(run.result), _PLACE.get())

    return Experiment(kind, label, takes, body, pins=pins)


def refused(settings: Callable[..., Any], request: Mapping[str, Any]) -> bool:
    """Whether settings cannot be as asked for; says why."""
    try:
        settings(**request)
    except PlantEduError as error:
        st.warning(str(error))
        return True
    return False


def drawn(drawing: Drawing, key: str, command: str, *, name: str = "", words: bool = False) -> None:
    """A chart, and its files with the command that makes it again.

    Args:
        drawing: The chart.
        key: Of its place in the page.
        command: That makes it again.
        name: Of the files; the key by default.
        words: Whether its caption stands below it.
    """
    draw(drawing, key)
    if words:
        caption(drawing.caption or drawing.alt)
    downloads(drawing, name or key.replace(" ", "-").replace(":", ""), command, key)


def ask(
    one: Experiment,
    request: Mapping[str, Any],
    *,
    name: str,
    key: str = "",
    files: Mapping[str, bytes] | None = None,
    controls: Controls | None = None,
    place: str = "",
) -> None:
    """The button, and the learner's newest run of this experiment.

    Args:
        one: What is asked for.
        request: With which settings.
        name: How the run is called.
        key: Tells two experiments of one kind apart.
        files: The learner's own files; each is kept when the button is pressed, and stands in the
            request by its name.
        controls: Which control holds which setting: after a reload, or back from another tab,
            they stand as the result beside them was asked for.
        place: Of the controls, where the key follows them.
    """
    slot = f"asked {one.kind} {key}"
    if controls and appears(place or slot):
        _put_back(one.kind, request, key, controls)
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(one.label, icon=":material/play_arrow:", key=f"ask {one.kind} {key}")
        st.caption(one.takes)
    if pressed:
        try:
            kept = {word: session.keep(data) for word, data in (files or {}).items()}
            asked = {**request, **kept}
            st.session_state[slot] = session.submit(one.kind, asked, lane=one.lane, name=name)
            address.put("result", st.session_state[slot])
        except PlantEduError as error:
            st.warning(str(error))
    linked = st.session_state.get(slot) or _linked(one.kind, request, key)
    if made := linked or _newest(one.kind, request, key):
        shown = session.store().run(made).request
        if words := otherwise(shown, request):
            st.caption(f":material/info: {words}")
        with _beside_pinned(one, made, slot):
            st.caption(recipe(shown))
            follow(made, one.body)
    elif one.before is not None:
        one.before()


def latest(kind: str) -> str:
    """The run of a kind that the address names, or the learner's newest; "" where there is none."""
    return _linked(kind, {}, "") or _newest(kind, {}, "")


def folded_experiment(label: str, kind: str) -> DeltaGenerator:
    """A folded part with an experiment; open where the address names a result of it."""
    return st.expander(label, expanded=bool(_linked(kind, {}, "")))


def put_back_choice(kind: str, controls: Controls) -> None:
    """The controls that lead to an experiment, as the result that the address names was asked."""
    if appears(f"choice {kind}") and (made := _linked(kind, {}, "")):
        put_back(controls, session.store().run(made).request)


def _put_back(kind: str, request: Mapping[str, Any], key: str, controls: Controls) -> None:
    """The controls as the result on screen was asked for, whatever they stand at now."""
    asked = st.session_state.get(f"asked {kind} {key}")
    free = held(controls)
    if made := asked or _linked(kind, request, key, free) or _newest(kind, request, key, free):
        with suppress(PlantEduError):
            put_back(controls, session.store().run(made).request)


@contextmanager
def _beside_pinned(one: Experiment, made: str, slot: str) -> Iterator[None]:
    """A result, at the right of the one that the learner pinned before."""
    store, kept = session.store(), f"pinned {slot}"
    held = st.session_state.get(kept, "") if one.pins else ""
    if not held or held == made:
        yield
        if one.pins and store.run(made).state == "done":
            pin = "Pinned: ask for another, and both stand side by side"
            label = pin if held else "Pin this result"
            if st.button(label, icon=":material/keep:", key=f"pin {slot}", disabled=bool(held)):
                st.session_state[kept] = made
                st.rerun()
        return
    left, right = st.columns(2)
    with left:
        st.caption(recipe(store.run(held).request))
        if st.button("Unpin", icon=":material/keep_off:", key=f"unpin {slot}"):
            del st.session_state[kept]
            st.rerun()
        token = _PLACE.set("pinned")
        try:
            one.body(store.run(held))
        finally:
            _PLACE.reset(token)
    with right:
        yield


def recipe(asked: Mapping[str, Any]) -> str:
    """What a result was asked with, in a sentence; all else is as its command says."""
    settings = [f"{name.replace('_', ' ')} {_said(name, value)}" for name, value in asked.items()]
    rest = "all else as the method sets it; its command is under Download or In a terminal, "
    rest += "below the result"
    return (
        f"Asked with {', '.join(settings)}; {rest}."
        if settings
        else f"Asked with nothing set: {rest}."
    )


def otherwise(shown: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    """Where the settings of the run on screen are not those of the controls, in a sentence.

    After a reload, and after a control was moved, the result is still that of before.
    """
    apart = [
        f"{name.replace('_', ' ')} **{_said(name, shown[name])}** (above: "
        f"{_said(name, asked[name])})"
        for name in asked
        if name in shown and _words(shown[name]) != _words(asked[name])
    ]
    return f"This result is of other settings than those above: {', '.join(apart)}." * bool(apart)


def _said(name: str, value: Any) -> str:
    """A radius is kept in [0, 1] and set in grey levels; all else as it is."""
    grey = name == "radius" and isinstance(value, float) and value < 1
    return f"{255 * value:.4g}/255" if grey else _words(value)


def _words(value: Any) -> str:
    """A setting as a person writes it, the same before and after it was stored."""
    if isinstance(value, list | tuple):
        return ", ".join(map(_words, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and UPLOADED.fullmatch(value):
        return "of your own"
    return f"{value:.4g}" if isinstance(value, float) else str(value) or "none"


def _fits(run: Run, kind: str, request: Mapping[str, Any], key: str, free: Collection[str]) -> bool:
    """Whether a run is one of this experiment: where a key is given, of this very request.

    Args:
        run: Any run.
        kind, request, key: Of the experiment.
        free: Settings that may differ.
    """
    apart = (
        {name: value for name, value in one.items() if name not in free}
        for one in (run.request, request)
    )
    return run.kind == kind and (not key or next(apart) == next(apart))


def _linked(kind: str, request: Mapping[str, Any], key: str, free: Collection[str] = ()) -> str:
    """The result that the address names, where it is one of this experiment."""
    if not (made := address.given("result")):
        return ""
    try:
        run = session.store().run(made)
    except PlantEduError:
        return ""
    return made if _fits(run, kind, request, key, free) else ""


def _newest(kind: str, request: Mapping[str, Any], key: str, free: Collection[str] = ()) -> str:
    """The learner's newest run of this experiment."""
    runs = session.store().runs(kind=kind, learner=session.learner(), limit=10)
    return next((run.id for run in runs if _fits(run, kind, request, key, free)), "")
