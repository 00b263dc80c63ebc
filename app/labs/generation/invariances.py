"""What is recorded about generation: kept and let go, faithfulness, and the comparisons."""

from types import SimpleNamespace
from typing import Any

import streamlit as st

from app import session
from app.captions import caption
from app.experiment import Read, Result, Show, ask, command, drawn, experiment_of, folded_experiment
from app.figures import picture
from app.labs.generation.over_seeds import over_seeds
from app.page import downloads, draw
from plantedu.charts.chart import Drawing
from plantedu.charts.paired_differences import difference_chart
from plantedu.errors import PlantEduError
from plantedu.serialization import revived
from plantedu.statistics.evidence import Evidence
from plantedu.topics.generation.results.effects import EffectsResult
from plantedu.topics.generation.results.encoder_comparison import EncoderComparisonResult
from plantedu.topics.generation.results.grade_chart import grade_chart
from plantedu.topics.generation.results.invariances import BLIND, KeptResult, kept_chart
from plantedu.topics.generation.results.matching import MatchingResult
from plantedu.topics.generation.results.regressor_report import ReaderResult
from plantedu.topics.generation.results.sample_deviation import DeviationResult
from plantedu.topics.generation.results.source_retrieval import FaithfulResult
from plantedu.topics.generation.results.source_retrieval_chart import ladder_chart, mrr_chart

TABLES = {
    "05_kept": "h of both pictures",
    "05_kept_rgb": "h of X1 alone",
}
COMPARISONS = {
    "05_rivals_supervised": "self-supervised against supervised, RGB alone",
    "05_rivals_small": "res2next_tiny against res2next_small",
    "05_rivals_seed": "one seed of the encoder against another: what seeds alone do",
    "05_rivals_seed_3": "the same seed against a third",
}
GRADES = {
    "grade": "this table against what do() moves",
    "random_init": "random weights: their table against what do() moves in them",
    "less": "difference of the two",
    "crossed": "the table of random weights against what do() moves here",
    "narrow": "narrow in the place of pinned",
    "linear": "a linear probe in the place of pinned, nothing drawn",
    "probe": "this table against a linear probe of the representation",
    "probe_crossed": "the table of random weights against that probe",
}
NULLS = (
    "Factor set: the same plants, rendered with this factor at one value, so that the input cannot "
    "hold it. Pinned (surely .5 or more) or partly: the samples tell of the source's own value, by "
    "R2's p. Unclear: they do not, and yet more is pinned than with the factor set: another factor "
    "may settle it. Free: neither is shown by these pictures; what the linear probe reads, the "
    "representation holds all the same. A verdict stands among two tests of every factor, and "
    "asks more for it than one bar of 95 % that leaves its null. Random weights are a rival: what "
    "they pin as much, training did not put there. "
    "At random: samples assigned to conditions at random. R2: the source's factor on the mean "
    "readings. Linear probe: R2 on the representation itself, nothing drawn; labels shuffled. "
    "Grades: Spearman's rho, 95 % over factors. Exam: nine encoders, eight of which are "
    "known to omit a quarter of the factors each."
)
KID = {"told": "drawn from it", "nothing": "unconditional"}
ALPHA = 0.05  # after the correction for many comparisons


LAYERS = {"h": "h", "z": "z"}
DRAWS = "A few minutes on two cores: every plant is drawn several times."


def again(
    kind: str, label: str, takes: str, read: Read[Result], show: Show[Result], **request: Any
) -> None:
    """The learner's own of a recorded table, folded below it.

    Args:
        kind: What the worker calls it.
        label: Of the folded part.
        takes: How long it takes, in words.
        read: A result from plain values.
        show: Draws it; the word "own" makes the keys of its parts.
        request: What is asked for besides the plants.
    """
    with folded_experiment(label, kind):
        plants = st.select_slider("Plants", (16, 24, 48, 96), 24, key=f"{kind} plants")
        one = experiment_of(kind, "Measure", takes, read, show)
        fields = {f"{kind} plants": "plants", **{f"{kind} of": name for name in request}}
        asked = {"plants": plants, **request}
        ask(one, asked, name=f"{kind}, {plants} plants", key=kind, controls=fields)


def _charted(kind: str, *charts: str) -> Show[Any]:
    """Shows the charts of a result, each with its files."""

    def show(found: Any, key: str) -> None:
        made_by = command(kind, found.settings)
        for chart in charts:
            drawing = getattr(found, chart)(dark=session.dark())
            drawn(drawing, f"{key} {kind} {chart}", made_by, name=kind, words=True)

    return show


def table(name: str, condition: str) -> None:
    """The table of factors beside its nulls, its grade against do(), and its exams."""
    if (found := _result(name)) is None:
        return
    st.subheader(f"Conditioned on {condition}", anchor=False)
    factors = found["factors"]
    lines = [(k["column"], k["verdict"], _evidence(k["pinned"]), k["random_init"]) for k in factors]
    _show(
        kept_chart(lines, condition=found["condition"], dark=session.dark()),
        name,
        f"kept {name}",
    )
    st.dataframe(
        [_row(k) for k in factors],
        hide_index=True,
        key=f"table {name}",
        alt=f"Factors pinned or free, {condition}, with nulls and the effect of do()",
    )
    dots = [
        (k["column"], k["view"], k["effect"]["value"], k["pinned"]["value"])
        for k in factors
        if k["verdict"] != BLIND
    ]
    grades = found["grades"]
    grade = _evidence(grades["grade"])
    drawing = grade_chart(dots, grade=grade, p=grades["p"], dark=session.dark())
    _show(drawing, f"{name}_grade", f"grade {name}", name)
    st.dataframe(
        [_graded(k, says, grades) for k, says in GRADES.items() if grades.get(k)],
        hide_index=True,
        key=f"grades {name}",
        alt=f"Grades of the table of {condition} against do(), beside random weights",
    )
    st.dataframe(
        [_sat(words, one) for words, one in found["exams"].items()],
        hide_index=True,
        key=f"exams {name}",
        alt=f"The tables conditioned on {condition} on encoders that are known to omit factors",
    )
    caption(NULLS)


def kept() -> None:
    """Claims over seeds; the tables of h, beside their nulls and grades; where samples differ."""
    over_seeds("kept")
    for name, condition in TABLES.items():
        table(name, condition)
    if _result("05_deviation"):
        st.subheader("Where samples differ", anchor=False)
        recorded_deviation = session.result_as(DeviationResult.from_json, "05_deviation")
        _show(recorded_deviation.chart(dark=session.dark()), "05_deviation", "deviation recorded")
    charts = _charted("kept", "chart", "narrow_chart", "grade_chart")
    layer = st.segmented_control("Layer", list(LAYERS), default="h", required=True, key="kept of")
    title = "Measure the table again, on this machine"
    again("kept", title, DRAWS, KeptResult.from_json, charts, layer=layer or "h")
    title = "Where do samples differ, and does do() of what is let go move that place?"
    deviated = _charted("deviation", "chart")
    again("deviation", title, DRAWS, DeviationResult.from_json, deviated, layer=layer or "h")
    title = "What does do() move in an encoder?"
    again("effects", title, "Some seconds.", EffectsResult.from_json, _charted("effects", "chart"))
    title = "What can be read off a pair at all? The regressor's report"
    report = _charted("reader", "chart")
    again("reader", title, "Some seconds.", ReaderResult.from_json, report)


def _recorded_grid() -> None:
    """What is drawn of four plants, conditioned on each and unconditional."""
    path = session.LESSONS / "figures" / "05_grid.png"
    if path.is_file():
        alt = "Four plants drawn from h, from z, from h with random weights, and from nothing"
        st.image(picture(path), alt=alt, width="stretch")
        caption(
            "Rows: four held-out plants. Columns: the source, then three samples each from the "
            "backbone's h, the projector's z, h with random weights, h of the supervised "
            "RGB-only baseline, and unconditional; the same noise in every group. 1 seed."
        )


def side_by_side() -> None:
    """Backbone against projector: the same plants, the same noise."""
    over_seeds("projector")
    tables = {name: _result(name) for name in ("05_kept", "05_kept_z")}
    if all(tables.values()):  # the grid answers what they do, and opens with them
        _recorded_grid()
        st.dataframe(
            _beside(tables["05_kept"], tables["05_kept_z"]),  # type: ignore[arg-type]
            hide_index=True,
            alt="Pinned-ness of every factor, conditioned on h and on z",
        )
    table("05_kept_z", "z of both pictures")


def faithful() -> None:
    """Does it lead back to the source, and what do fewer steps cost?"""
    if (found := _result("05_faithful")) is None:
        return
    over_seeds("faithful")
    lines = [
        (s["judge"], _evidence(s["mrr"]), _evidence(s["remembered"]), s["nothing"])
        for s in found["scores"]
    ]
    how = {"gallery": found["gallery"], "dark": session.dark()}
    _show(mrr_chart(lines, condition=found["condition"], **how), "faithful", "mrr", "05_faithful")
    rungs = [(r["sampler"], r["steps"], _evidence(r["mrr"])) for r in found["ladder"]]
    _show(ladder_chart(rungs, **how), "faithful_steps", "ladder", "05_faithful")
    kid = {name: _evidence(one) for name, one in found["kid"].items()}
    said = [
        f"{KID.get(name, name)} {k.value:z.3f} ({k.control} {k.null:z.3f})"
        for name, k in kid.items()
    ]
    caption("KID, the distance to real pictures, 0 where alike: " + "; ".join(said))
    charts = _charted("faithful", "chart", "ladder_chart")
    title = "Measure it again, on this machine"
    again("faithful", title, DRAWS, FaithfulResult.from_json, charts)


def matching() -> None:
    """Matching against non-matching pairs."""
    over_seeds("matching")
    if found := _result("05_matching"):
        lines = [(*one["name"].split(", ", 1), _difference(one)) for one in found["differences"]]
        _differences(lines, "matching pairs", "05_matching")
    title, charts = "Compare pairs again, on this machine", _charted("matching", "chart")
    again("matching", title, DRAWS, MatchingResult.from_json, charts)


def encoders() -> None:
    """Self-supervised against supervised, two sizes, and seeds of one encoder."""
    over_seeds("encoders")
    for name, says in COMPARISONS.items():
        if found := _result(name):
            st.subheader(says[0].upper() + says[1:], anchor=False)
            lines = [("how narrow", one["name"], _difference(one)) for one in found["factors"]]
            lines += [(one["name"], "all", _difference(one)) for one in found["whole"]]
            _differences(lines, found["names"][1], name)
    title, charts = "Compare encoders again, on this machine", _charted("rivals", "chart")
    again("rivals", title, DRAWS, EncoderComparisonResult.from_json, charts)


def _differences(lines: list[Any], against: str, key: str) -> None:
    _show(difference_chart(lines, against=against, dark=session.dark()), key, f"diff {key}")
    caption(
        f"Differences from {against}, paired by plant; bars 95 % over plants, dashed: none. "
        "Grey rows are not told apart after Holm's correction for all rows, at 5 %."
    )


def _difference(one: dict[str, Any]) -> Any:
    """A paired difference as the chart takes it; its verdict is by the corrected p."""
    evidence = _evidence(one["evidence"])
    verdict = "more" if evidence.value > 0 else "less"
    verdict = verdict if one["corrected"] < ALPHA else "no difference"
    return SimpleNamespace(evidence=evidence, corrected=one["corrected"], verdict=verdict)


def _result(name: str) -> dict[str, Any] | None:
    """A recorded result; None, and a sentence, where it is not here yet."""
    try:
        return session.results(name)
    except PlantEduError as error:
        st.info(str(error))
        return None


def _evidence(found: dict[str, Any]) -> Evidence:
    return revived(Evidence, found)


def _show(drawing: Drawing, name: str, key: str, source: str = "") -> None:
    """A recorded chart, with the command in its file; `source` is that, where it is not `name`."""
    draw(drawing, key)
    made_by = session.results(source or name)["command"].removeprefix("uv run ")
    downloads(drawing, name, made_by, key)


def _row(k: dict[str, Any]) -> dict[str, str]:
    pinned, effect = _evidence(k["pinned"]), _evidence(k["effect"])
    return {
        "factor": k["column"],
        "read from": k["view"],
        "verdict": k["verdict"],
        "pinned": _in_words(pinned),
        **_probe(k.get("linear")),
        "factor set": f"{pinned.null:z.2f}",
        "at random": f"{k['at_random']:z.2f}",
        "random weights": f"{k['random_init']:z.2f}",
        "R2": _in_words(_evidence(k["r2"])),
        "do() moves it": f"{effect.value:z.2f}",
        "do(own value)": f"{effect.null:z.2f}",
        "readable": f"{k['readable']:z.2f}",
    }


def _probe(found: dict[str, Any] | None) -> dict[str, str]:
    """The linear probe beside its null; nothing for a result of before it."""
    if found is None:
        return {}
    one = _evidence(found)
    return {"linear probe": _in_words(one), one.control: f"{one.null:z.2f}"}


def _in_words(one: Evidence) -> str:
    low, high = one.interval or (one.value, one.value)
    return f"{one.value:z.2f} [{low:z.2f}, {high:z.2f}]"


def _graded(name: str, says: str, grades: dict[str, Any]) -> dict[str, str]:
    one = _evidence(grades[name])
    return {"grade": says, "Spearman": _in_words(one), "null": f"{one.null:z.2f}, {one.control}"}


def _sat(words: str, exam: dict[str, Any]) -> dict[str, str]:
    wins, apart = _evidence(exam["wins"]), _evidence(exam["apart"])
    return {
        "table of": words,
        "the right one wins": _in_words(wins),
        "at random": f"{wins.null:z.2f}",
        "holder above omitter": f"{apart.value:z.2f}",
        "at random ": f"{apart.null:z.2f}",
    }


def _beside(one: dict[str, Any], other: dict[str, Any]) -> list[dict[str, str]]:
    projector = {k["column"]: k for k in other["factors"]}
    return [
        {
            "factor": k["column"],
            "h: pinned": f"{k['pinned']['value']:z.2f}, {k['verdict']}",
            "z: pinned": f"{z['pinned']['value']:z.2f}, {z['verdict']}",
            "factor set, h and z": f"{k['pinned']['null']:z.2f}, {z['pinned']['null']:z.2f}",
            "h: R2": f"{k['r2']['value']:z.2f}",
            "z: R2": f"{z['r2']['value']:z.2f}",
            "random weights": f"{k['random_init']:z.2f}",
        }
        for k in one["factors"]
        if (z := projector.get(k["column"]))
    ]
