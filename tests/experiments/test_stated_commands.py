"""Every committed result names a command that there is, and was made with that command's settings.

A result under `command` "uv run python -m experiments.NAME WORD" is one that NAME's docstring
lists; under "python -m plantedu TOPIC METHOD ..." one that asks for the settings recorded.
"""

import ast
import importlib.util
import json
import re
from dataclasses import asdict, is_dataclass
from pathlib import Path

import pytest

from experiments import (
    attacks,
    attribution,
    event,
    interchange,
    invariances,
    neurons,
    pairs,
    report_card,
    similarity,
    training,
)
from plantedu.__main__ import resolve
from plantedu.topics.attribution import attribute
from plantedu.topics.bump.modular_training import Adding
from plantedu.topics.generation import effects, matching, regressor_report, source_retrieval
from plantedu.topics.similarity.family import MEASURES
from tests.course.test_figure_commands import differing, plain

ROOT = Path(__file__).parents[2]
PATHS = sorted((ROOT / "lessons" / "results").glob("*.json"))
COMMAND = re.compile(
    r"(?:[A-Z_]+=\S+ )?(?:uv run (?:--extra \S+ )?)?python "
    r"(?:-m (?P<module>\S+)|(?P<file>\S+\.py))(?: (?P<words>.*))?"
)
MADE_WITH = {  # what the code of a command asks for, where one setting made the result
    "01_pairs": pairs.Settings(),
    "03_grokking": Adding(),
    "05_effects": effects.Settings(),
    "05_faithful": source_retrieval.Settings(ladder_plants=16),
    "05_faithful_rgb": source_retrieval.Settings(sensors=("rgb",), ladder_plants=0),
    **invariances.KEPT,
    **invariances.COMPARISONS,
    **invariances.DEVIATION,
    "05_matching": matching.Settings(),
    "05_reader": regressor_report.Settings(),
    "06_traps": similarity.FailureModes(),
    "08_active": attacks.ACTIVE,
    "08_agreement": attacks.DETECTOR,
    "08_attack": attacks.SINGLE,
    "08_robustness": attacks.MATRIX,
    "08_shortcut": attacks.SHORTCUT,
    "08_transfer": attacks.MANY,
    "09_attribute": attribute.Settings(),
    "09_report": attribution.REPORT,
    "10_polysemy": neurons.Kinds(),
    **{f"10_units_{name}": neurons.Units(words) for name, words in neurons.ENCODERS.items()},
    "11_report_card": report_card.Settings(worlds=20),
}
PARTS = {  # the same where a result holds several, by their place
    "02_probing": {
        "angle": training.Settings(factor="angle", view="both"),
        "bloom": training.Settings(factor="bloom", view="rgb"),
    },
    "03_connectivity": event.WALKS,
    "03_crossing": {name: event.Look() for name in event.EVENTS},
    "03_escape": {"stages": event.Through()},
    "03_gradients": dict.fromkeys(event.ALONG, event.SLOPES),
    "03_llc": {"switch, 30 steps": event.SHAPE},
    "10_dictionary": neurons.DICTIONARIES,
}
NO_METHOD = {"04_elp", "08_peers"}  # their settings are words of their own benchmark


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def asked_of(found):
    """Settings as a file holds them."""
    known = asdict(found) if is_dataclass(found) else dict(found)
    return {name: plain(value) for name, value in known.items()}


def unknown(command):
    """What of a stated command there is not: a sentence, or ""."""
    for part in command.replace("\n", " && ").split(" && "):
        found = COMMAND.fullmatch(part)
        if found is None:
            return f"{part!r} is no command"
        if found["file"]:
            if not (ROOT / found["file"]).is_file():
                return f"there is no {found['file']}"
            continue
        module, words = found["module"], (found["words"] or "").split()
        if module == "plantedu":
            resolve(words)
            continue
        spec = importlib.util.find_spec(module) if module.startswith(HERE) else None
        if spec is None or spec.origin is None:
            return f"there is no module {module}"
        listed = ast.get_docstring(ast.parse(Path(spec.origin).read_text(encoding="utf-8"))) or ""
        first = words[0] if words and re.fullmatch(r"[a-z_]+", words[0]) else ""
        stated = f"{re.escape(module)} {first}".strip()
        if not re.search(rf"{stated}\b", listed):
            return f"{module} does not list {first or 'itself'}"
    return ""


HERE = ("experiments.", "benchmarks.")


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_result_states_a_command_that_there_is(path):
    assert unknown(read(path)["command"]) == ""


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("uv run python -m benchmarks.lesson_similarity summary", "there is no module"),
        ("uv run python -m experiments.similarity sum", "does not list"),
        ("python experiments/gone.py --json", "there is no experiments/gone.py"),
        ("make results", "is no command"),
        ("uv run python -m experiments.similarity summary", ""),
    ],
)
def test_a_command_that_there_is_not_is_noticed(command, said):
    assert said in unknown(command)
    assert bool(unknown(command)) == bool(said)


@pytest.mark.parametrize("stem", MADE_WITH)
def test_a_result_was_made_with_the_settings_of_its_command(stem):
    recorded = read(ROOT / "lessons" / "results" / f"{stem}.json")["settings"]
    assert {name: plain(value) for name, value in recorded.items()} == asked_of(MADE_WITH[stem])


@pytest.mark.parametrize(("stem", "place"), [(s, p) for s, parts in PARTS.items() for p in parts])
def test_each_part_was_made_with_the_settings_of_its_command(stem, place):
    recorded = read(ROOT / "lessons" / "results" / f"{stem}.json")[place]["settings"]
    assert {k: plain(value) for k, value in recorded.items()} == asked_of(PARTS[stem][place])


def test_every_comparison_was_made_with_the_settings_of_its_measure():
    measures = {one.name: one for one in MEASURES}
    for one in similarity.COMPARISONS:
        found = read(ROOT / "lessons" / "results" / f"06_{one.name}.json")
        for name in set(found) & set(measures):
            recorded = {k: plain(value) for k, value in found[name]["settings"].items()}
            assert recorded == asked_of(similarity.settings(one.name, measures[name])), (one, name)


def test_every_exchange_was_made_with_the_settings_of_its_kind():
    known = [
        asked_of(interchange.Settings(network=name, factor=one))
        for name, one in interchange.pairs()
    ]
    for row in read(ROOT / "lessons" / "results" / "10_interchange.json")["rows"]:
        assert {k: plain(value) for k, value in row["settings"].items()} in known


def test_no_result_with_settings_is_left_out():
    held = {path.stem for path in PATHS if isinstance(read(path).get("settings"), dict)}
    assert held <= set(MADE_WITH) | NO_METHOD


@pytest.mark.parametrize("stem", ["07_maps", "07_prototypes", "07_jacobian", "07_collapse"])
def test_the_whole_command_of_an_entry_asks_for_its_settings(stem):
    found = read(ROOT / "lessons" / "results" / f"{stem}.json")
    words = {key: command.partition("plantedu ")[2] for key, command in found["commands"].items()}
    asked = {key: differing(words[key], found[key]["settings"]) for key in list(words)[:3]}
    assert not any(asked.values()), asked
