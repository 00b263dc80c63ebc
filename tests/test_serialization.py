"""Results come back from JSON as what they were."""

import json
import shlex
from dataclasses import asdict, dataclass, field

import pytest
import tyro

from plantedu.errors import PlantEduError
from plantedu.serialization import command_line, renamed, revived, settings_of, with_tuples
from plantedu.statistics.evidence import Evidence


@dataclass(frozen=True)
class Inner:
    ends: tuple[float, float]
    evidence: Evidence


@dataclass(frozen=True)
class Outer:
    name: str
    level: float | None
    inner: tuple[Inner, ...]
    by_name: dict[str, Inner]
    lone: Inner | None


def test_a_result_comes_back_equal():
    evidence = Evidence(question="?", value=1.0, null=0.0, control="none", n=3, interval=(0.5, 2.0))
    inner = Inner((1.0, 2.0), evidence)
    for lone in (None, inner):
        outer = Outer("a", None, (inner, inner), {"x": inner}, lone)
        assert revived(Outer, json.loads(json.dumps(asdict(outer)))) == outer


def test_another_versions_result_is_refused():
    with pytest.raises(PlantEduError, match="another version"):
        revived(Inner, {"ends": [1, 2]})


@dataclass(frozen=True)
class Knobs:
    steps: int = 3
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Options(Knobs):
    json: bool = False


@dataclass(frozen=True)
class Renamed:
    condition: str = field(metadata={"was": "told"})
    n: int


def test_a_field_is_read_by_its_former_name_and_written_by_its_own():
    for name in ("told", "condition"):
        found = revived(Renamed, {name: "h of rgb", "n": 3})
        assert asdict(found) == {"condition": "h of rgb", "n": 3}
    with pytest.raises(PlantEduError, match="condition"):
        revived(Renamed, {"n": 3})


@dataclass(frozen=True)
class Grown:
    n: int
    probe: Inner | None = field(default=None, metadata={"before": None})
    plants: int = field(default=99, metadata={"before": 0})


def test_a_field_that_came_later_reads_as_what_was_so_before_it():
    """A learner's result of last week is not lost because a method has learned to say more."""
    assert revived(Grown, {"n": 3}) == Grown(3, None, 0), "not today's default"
    assert revived(Grown, {"n": 3, "probe": None, "plants": 7}).plants == 7
    with pytest.raises(PlantEduError, match="another version"):
        revived(Grown, {"plants": 7})


def test_former_names_are_of_one_kind():
    old = {"told": ["cross-0/h"], "seed": 1}
    assert renamed("denoise", old) == {"conditions": ["cross-0/h"], "seed": 1}
    assert renamed("train", old) == old


def test_settings_are_taken_out_of_a_commands_options():
    assert settings_of(Options(steps=5, names=("a",), json=True), Knobs) == Knobs(5, ("a",))


def test_a_request_from_json_has_its_tuples_again():
    asked = json.loads(json.dumps(asdict(Knobs(5, ("a", "b")))))
    assert Knobs(**with_tuples(asked)) == Knobs(5, ("a", "b"))


@dataclass(frozen=True)
class Request:
    plants: int = 4
    layer: str = ""
    crops: bool = True
    quick: bool = False
    names: tuple[str, ...] = ()
    both: tuple[str, ...] = ("a", "b c")


@pytest.mark.parametrize(
    "settings", [Request(), Request(9, "z", crops=False, quick=True, names=("x",), both=())]
)
def test_a_command_line_states_every_setting_and_reads_back(settings):
    words = shlex.split(command_line(settings))
    blank = Request(
        1, "?", crops=not settings.crops, quick=not settings.quick, names=("y",), both=("y",)
    )
    assert tyro.cli(Request, args=words, default=blank) == settings


@dataclass(frozen=True)
class Named:
    plants: tuple[int, ...] = ()
    networks: tyro.conf.Positional[tuple[str, ...]] = ()
    queue: tyro.conf.UseAppendAction[tuple[int, ...]] = ()


@pytest.mark.parametrize("settings", [Named(), Named((3, 4), ("a b", "c"), (0, 1024))])
def test_what_has_no_option_and_what_is_given_again_and_again_reads_back(settings):
    words = shlex.split(command_line(settings))
    assert tyro.cli(Named, args=words) == settings
