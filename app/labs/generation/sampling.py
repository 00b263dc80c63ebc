"""Draw pictures from what an encoder says: choose plant and condition, watch the grid arrive."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from app import session, shipped
from app.captions import caption
from app.experiment import Experiment, ask, command
from app.labs.generation import drawn
from app.numbers import whole_number
from app.page import downloads, draw
from app.put_back import Controls
from plantedu.data.challenge.upload import SHOWN, admit
from plantedu.data.renderer.factors import COLUMNS
from plantedu.errors import PlantEduError
from plantedu.serialization import revived
from plantedu.statistics.evidence import Evidence
from plantedu.store.run import Run
from plantedu.store.uploads import MAX_BYTES
from plantedu.topics.generation.results.generate import USUAL, places_of, strange_words
from plantedu.topics.generation.results.generate_chart import generate_chart

KINDS = {
    "matching": "a matching pair",
    "one": "one picture",
    "same_class": "X2 of another plant, same disease",
    "other_class": "X2 of another plant, other disease",
    "pairs": "all three pairs, side by side",
    "mean": "the mean of many plants",
    "interpolation": "between two plants",
    "edited": "moved along a factor",
    "walk": "a walk along a factor",
    "attacked": "an attacked picture",
    "noise": "a picture of pure noise",
    "nothing": "nothing (unconditional)",
}
PAIRED = {"matching", "same_class", "other_class", "pairs"}  # kinds of both pictures
ALONG = {"interpolation": 8, "walk": 4, "pairs": 8}  # most samples of each place
LAYERS = {"h": "backbone h", "z": "projector z", "hz": "both"}
SAMPLERS = ("unipc", "euler", "shifted", "heun", "dpm")
LARGEST = MAX_BYTES // 2**20  # MB of an upload
GALLERY = 256
GRID, DIFFER, LARGE_ONE = "All pictures", "Where they differ", "One, large"
VIEWS = [GRID, DIFFER, LARGE_ONE]
PHONE = 340  # pixels: room of a phone
ACROSS = 4  # more places than these have a grid twice as wide
CONTROLS: Controls = {
    "condition": (("kind",), lambda asked: "matching" if _half(asked) else asked["kind"]),
    "conditioning encoder": "encoder",
    "layer": "layers",
    "edited factor": "factor",
    "edited amount": "amount",
    "attacked change": "epsilon_255",
    "draw samples": "samples",
    "draw steps": "steps",
    "draw sampler": "sampler",
    "w": "guidance",
    "draw seed": "seed",
    "draw detail": (("kind",), lambda asked: bool(asked.get("detail"))),  # older ones do not say
    "draw denoiser": (("denoiser",), lambda asked: _known(str(asked["denoiser"]))),
    "of": "plant",
}
SAMPLED = (
    "How a step is taken from noise towards a picture. unipc and dpm: with what the steps before "
    "said, so that few are enough; euler: straight on, as the lesson's tables are drawn; shifted: "
    "the same, with more of the steps where all is still noise; heun: each step tried, then "
    "corrected, two passes of the network."
)
DETAIL = (
    "A second, small network adds what large patches leave out: rims and edges; its ripples are no "
    "veins. Of the representation it knows what the first network drew, and no more. In the "
    "lesson's count no change of MRR was found: see *A sharper picture* there."
)
TAKES = (
    "Some seconds for sixteen pairs on two free cores, a first picture within about a second, "
    "once a worker is warm; the first draw after a start, or a busy machine, takes up to two "
    "minutes. The numbers come last: the first time, the plants they compare with are rendered."
)


def paint() -> None:
    """The controls, the learner's request, and what comes of it."""
    try:
        cards = shipped.denoisers()
    except PlantEduError as error:
        st.info(str(error))
        return
    side, pairs = (int(cards[0]["recipe"][name]) for name in ("side", "pairs"))
    caption(
        f"The denoiser draws {side} x {side} pixels, both cameras at once. It was trained on "
        f"{pairs:,} plants; the gallery was never shown to it. The white patch in a corner of many "
        "leaves is planted, a mark that tells nothing of the plant: where the source has none, the "
        "denoiser made it up. Look for rims of lesions, the midrib, and bloom: a wax that turns a "
        "leaf bluish grey in RGB alone (*a walk along a factor*, bloom)."
    )
    request = _asked(
        shipped.conditioning_encoders(cards[0]), [shipped.named(card) for card in cards]
    )
    chosen = _pictures()
    if chosen is None:
        return
    plant, files = chosen
    if len(files) == 1 and request["kind"] == "matching":
        request["kind"] = "one"
        caption("One picture of yours is here, so it alone is represented: no pair.")
    alone = shipped.one_sensor(cards[0]).get(request["encoder"])
    if alone is not None and request["kind"] in PAIRED:
        request["kind"] = "one"
        caption(f"{request['encoder']} knows {alone.upper()} alone, so that picture alone is "
                   "represented: no pair.")  # fmt: skip
    kind, layer = KINDS[request["kind"]], LAYERS[request["layers"]]
    ask(
        Experiment("generate", "Draw", TAKES, _body, pins=True),
        request | plant,
        name=f"{kind}, {request['encoder']}, {layer}",
        files=files,
        controls=CONTROLS,
    )


def _asked(encoders: dict[str, set[str]], denoisers: list[str]) -> dict[str, Any]:
    """What the learner wants to be drawn, and by which of some denoisers."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox(
            "Conditioned on", list(KINDS), format_func=KINDS.__getitem__, key="condition", width=270
        )  # fmt: skip
        encoder = st.selectbox("Encoder", list(encoders), key="conditioning encoder", width=200)
        known = [layer for layer in LAYERS if layer in encoders[encoder]]
        layer = st.segmented_control(
            "Layer",
            known,
            default=known[0],
            required=True,
            format_func=LAYERS.__getitem__,
            key="layer",
        )
    found: dict[str, Any] = {"kind": kind, "encoder": encoder, "layers": layer or known[0]}
    of_kind = st.container(horizontal=True)  # always there: the part below stays open
    if kind in ("edited", "walk"):
        with of_kind:
            names = [name for name, factor in COLUMNS.items() if not factor.levels]
            found["factor"] = st.selectbox("Factor", names, names.index("severity"), width=200,
                                           key="edited factor")  # fmt: skip
            if kind == "edited":
                found["amount"] = st.slider("Standard deviations", -4.0, 4.0, 2.0, 0.5, width=260,
                                            key="edited amount")  # fmt: skip
    if kind == "attacked":
        found["epsilon_255"] = of_kind.slider("Largest change, 1/255", 0.0, 32.0, 8.0, 1.0,
                                              width=260, key="attacked change")  # fmt: skip
    with st.expander("Sampler"), st.container(horizontal=True):
        found["samples"] = st.slider("Samples", 4, 32, 16, 4, key="draw samples", width=180)
        found["steps"] = st.slider("Steps", 2, 50, 8, key="draw steps", width=180)
        found["sampler"] = st.selectbox(
            "Sampler", SAMPLERS, key="draw sampler", width=120, help=SAMPLED
        )
        found["guidance"] = st.slider("Guidance w", 0.0, 4.0, 1.0, 0.5, key="w", width=180)
        found["seed"] = whole_number("Seed", 0, 9999, value=0, key="draw seed", width=110)
        if len(denoisers) > 1:
            found["denoiser"] = st.selectbox(
                "Denoiser", denoisers, key="draw denoiser", width=140,
                help="Trained alike, from other seeds: what they agree on is no painter's habit.",
            )  # fmt: skip
        if found.get("denoiser", denoisers[0]) in shipped.details():
            found["detail"] = st.toggle("Detail", value=True, key="draw detail", help=DETAIL)
    if found["guidance"] != 1:
        caption("With w other than 1 the pictures are not draws of what was learned: not a "
                   "figure to interpret.")  # fmt: skip
    if found["samples"] > (most := ALONG.get(kind, found["samples"])):
        caption(f"Of each place {most} samples are drawn, and no more.")
        found["samples"] = most
    return found


def _half(asked: Mapping[str, Any]) -> bool:
    """Whether one picture was represented because no more of them was there."""
    return asked["kind"] == "one" and ("x1" in asked) != ("x2" in asked)


def _known(denoiser: str) -> str:
    """A denoiser that is offered: the first where none was named, or one that is gone."""
    names = [shipped.named(card) for card in shipped.denoisers()]
    return denoiser if denoiser in names else names[0]


def _pictures() -> tuple[dict[str, Any], dict[str, bytes]] | None:
    """A plant of the gallery, or the learner's own files by sensor; None while there is none.

    Of a file only the header is read here; the worker decodes it.
    """
    whose = st.segmented_control(
        "Plant", ["gallery", "upload"], default="gallery", required=True, key="whose"
    )
    if whose != "upload":
        ends = 0, GALLERY - 1
        plant = whole_number("Plant of the gallery", *ends, value=3, key="of", width=170)
        return {"plant": plant}, {}
    with st.container(horizontal=True):
        given = {
            sensor: st.file_uploader(
                said.removeprefix("The "),
                type=["png", "jpg", "jpeg"],
                max_upload_size=LARGEST,
                key=f"own {sensor}",
            )
            for sensor, said in SHOWN.items()
        }
    files = {sensor: file.getvalue() for sensor, file in given.items() if file is not None}
    if not files:
        caption(
            "One picture is enough for the condition of one picture. The worker reads the file, "
            "then it is deleted; a small square of it stays, with your run, on this machine."
        )
        return None
    try:
        for sensor, data in files.items():
            admit((SHOWN[sensor], data))
    except PlantEduError as error:
        st.warning(str(error))
        return None
    return {}, files


def _body(run: Run) -> None:
    """The grid as far as it is, then what it kept."""
    folder = session.store().folder(run.id)
    shown = drawn.newest(folder)
    if not shown and run.state == "running":
        caption("The first look comes as soon as the worker has read denoiser and encoder.")
    if run.result:
        _sources(folder, run.result.get("condition") or run.result["told"])  # once called told
    view = GRID
    if run.result and (folder / "pictures.npz").is_file():
        ask_view = {"default": GRID, "required": True, "key": f"view {run.id}"}
        view = st.segmented_control("Look at", VIEWS, **ask_view)
    if view == GRID:
        names = places_of(str(run.request.get("kind", "one")))
        pictures = {name: path.read_bytes() for name, path in shown.items()}
        if len(names) > 1:
            caption(f"Columns, from left to right: **{'**, **'.join(names)}**.")
        drawn.row(
            pictures, f"Drawn, {run.name}", width=(2 if len(names) > ACROSS else 1) * drawn.WIDE
        )
    else:
        try:
            (drawn.one_large if view == LARGE_ONE else drawn.where_they_differ)(run, folder)
        except PlantEduError as error:
            st.info(str(error))
    if run.result:
        _found(run.result, run.id, folder)


def _sources(folder: Path, condition: str) -> None:
    path = folder / "sources.png"
    if path.is_file():
        data = path.read_bytes()
        wide = min(2 * int.from_bytes(data[16:20], "big"), PHONE)  # as its header says
        st.image(data, alt=f"What was represented: {condition}", width=wide)
    caption(f"Conditioned on: {condition}")


def _found(result: dict[str, Any], run_id: str, folder: Path) -> None:
    """Numbers beside those of unconditional pictures, and how strange it was."""
    for note in result.get("notes", ()):
        caption(note)
    numbers = {name: revived(Evidence, one) for name, one in result["numbers"].items()}
    if numbers:
        drawing = generate_chart(numbers, dark=session.dark())
        draw(drawing, f"numbers {run_id}")
        made_by = command("generate", drawn.settings_of(result))
        downloads(drawing, "generate", made_by, f"drawn {run_id}")
    if among := result.get("among"):  # older ones do not say
        caption(
            f"MRR: the source among {among} plants of the gallery; an order at random has "
            f"{result['chance']:z.3f}. Unconditional pictures of one noise can lie near this plant "
            "by luck, and then have more."
        )
    if strange := result["strange"]:
        words = strange_words(strange, places=result.get("places", 1))
        (st.warning if strange["beyond"] >= USUAL else st.markdown)(words)
    caption(
        f"First look after {result['first']:z.1f} s, all after {result['seconds']:z.1f} s of "
        "drawing, without the wait for a worker. Grey: the same noise, unconditional. One plant is "
        "an anecdote; the other tabs count."
    )
    _files(run_id, folder)


def _files(run_id: str, folder: Path) -> None:
    """The grids as they are seen, and all pictures as numbers."""
    how: dict[str, Any] = {"on_click": "ignore", "type": "tertiary"}
    how["icon"] = ":material/download:"
    with st.container(horizontal=True):
        for name, camera in drawn.CAMERAS.items():
            grid = folder / f"{name}.png"
            if grid.is_file():
                file = f"grid-{name}-{run_id}.png"
                label, key = f"Grid, {camera} (png)", f"grid {name} {run_id}"
                st.download_button(label, grid.read_bytes(), file, "image/png", key=key, **how)
        kept = folder / "pictures.npz"
        if kept.is_file():
            data, file = kept.read_bytes(), f"pictures-{run_id}.npz"
            st.download_button("Pictures (npz)", data, file, key=f"npz {run_id}", **how)
