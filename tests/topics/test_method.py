"""One method in a terminal, in a worker, and what it is asked."""

import json
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from plantedu.errors import PlantEduError, require
from plantedu.serialization import AsJson
from plantedu.topics.method import Context, Method
from tests.topics.works import work_of


@dataclass(frozen=True)
class Settings:
    """Count.

    Attributes:
        plants: How many.
        words: Said.
    """

    plants: int = 3
    words: tuple[str, ...] = ("a",)

    def __post_init__(self) -> None:
        require(self.plants > 0, f"plants must be above 0, got {self.plants}.")


@dataclass(frozen=True)
class Counted(AsJson):
    """What was counted."""

    settings: Settings
    total: int


def run(asked: Settings, context: Context) -> Counted:
    context.check()
    context.progress("counting")
    return Counted(asked, asked.plants * len(asked.words))


def writing(asked: Settings, context: Context) -> Counted:
    if context.save is not None:
        context.save.write_text(str(asked.plants))
    return run(asked, context)


MODULE = "plantedu.topics.pairs.channels"


def tell(found: Counted) -> None:
    print(f"total {found.total}")


METHOD = Method(Settings, run, tell, module=MODULE)


def test_a_terminal_gets_lines_and_json_last(capsys):
    assert METHOD.main(["--plants", "2", "--words", "x", "y", "--json"]) == 0
    out, err = capsys.readouterr()
    first, last = out.splitlines()
    assert first == "total 4"
    assert Counted.from_json(json.loads(last)) == Counted(Settings(2, ("x", "y")), 4)
    assert err == "counting\n"


def test_a_worker_gets_the_same_and_may_stop_it():
    request = {"words": ["x", "y"]}
    assert METHOD.job(work_of(request)) == Counted(Settings(3, ("x", "y")), 6).as_json()

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        METHOD.job(work_of(request, stop))


@pytest.mark.parametrize("words", [["--plants", "0"], ["--plant-count", "1"]])
def test_what_cannot_be_asked_exits_with_2_and_its_name(words, capsys):
    with pytest.raises(SystemExit) as ended:
        METHOD.main(words)
    assert ended.value.code == 2
    assert "plant" in capsys.readouterr().err


def test_a_request_that_cannot_be_is_a_sentence():
    with pytest.raises(PlantEduError, match="plants must be above 0"):
        METHOD.request({"plants": 0})


def test_a_file_is_tried_before_the_work(tmp_path, capsys):
    def never(asked: Settings, context: Context) -> Counted:
        raise AssertionError

    words = ["--save", str(tmp_path / "nowhere" / "x.txt")]
    with pytest.raises(PlantEduError, match="no folder that is there"):
        Method(Settings, never, tell, saves="x.txt", module=MODULE).main(words)
    kept = tmp_path / "x.txt"
    saving = Method(Settings, writing, tell, saves="x.txt", module=MODULE)
    assert saving.main(["--save", str(kept)]) == 0
    assert kept.read_text() == "3"
    with pytest.raises(SystemExit):
        saving.main(["--help"])
    assert "Write it to this file" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        METHOD.main(words)  # a method that writes no file has no such option


def test_parts_that_are_done_reach_the_store_and_the_bar(capsys):
    def counting(asked: Settings, context: Context) -> Counted:
        for done in range(asked.plants):
            context.step(done + 1, asked.plants)
        return run(asked, context)

    counted = Method(Settings, counting, tell, module=MODULE)
    steps: list[tuple[str, int, int]] = []
    phases: list[str] = []
    store = SimpleNamespace(
        set_step=lambda run, done, of: steps.append((run, done, of)),
        event=lambda run, step, name, detail: phases.append(detail),
    )
    work = SimpleNamespace(run=SimpleNamespace(request={}, id="a"), check=lambda: None, store=store)
    counted.job(work)
    assert steps == [("a", 1, 3), ("a", 2, 3), ("a", 3, 3)]
    assert phases == ["counting"]
    assert counted.main([]) == 0
    assert capsys.readouterr().out == "total 3\n"


def test_what_a_terminal_alone_may_give_a_page_may_not():
    alone = Method(Settings, run, tell, here_alone=("plants",), module=MODULE)
    assert alone.request({"words": ["x"]}) == Settings(3, ("x",))
    with pytest.raises(PlantEduError, match="has no plants for a page"):
        alone.request({"plants": 2})
    with pytest.raises(PlantEduError, match="has no other for a page"):
        METHOD.request({"other": 2})


def test_a_page_may_not_name_a_file_and_a_terminal_may(tmp_path):
    (tmp_path / "x.safetensors").touch()
    name = str(tmp_path / "x.safetensors")
    assert Context().checkpoint(name) == Path(name)
    work = SimpleNamespace(store=SimpleNamespace(folder=lambda run: tmp_path))
    with pytest.raises(PlantEduError, match="not files"):
        Context(work=work).checkpoint(name)


def test_homes(plantedu_home):
    assert Context().bank == plantedu_home / "bank" == Context().home / "bank"


def test_a_method_outside_the_registry_is_a_mistake_of_ours():
    with pytest.raises(LookupError, match="not in plantedu"):
        _ = Method(Settings, run, tell).entry
