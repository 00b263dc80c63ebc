"""Shape annotations are checked while the tests run, and every test has a home of its own."""

import os
import sys
from types import ModuleType

# Two cores are shared with browsers and workers: threads that wait for each other cost more than
# they bring at these sizes. Read when torch is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from beartype import BeartypeConf, beartype
from hypothesis import settings
from jaxtyping import install_import_hook

# An int is a float to a reader, so it is one to the checker (PEP 484's numeric tower).
typecheck = ModuleType("typecheck")
typecheck.check = beartype(conf=BeartypeConf(is_pep484_tower=True))
sys.modules["typecheck"] = typecheck
# Recipe is a door: it must refuse wrong types by itself, in a sentence.
CHECKED = [
    "data",
    "models",
    "training.fit",
    "training.linear",
    "training.probes",
    "training.source",
    "training.strip",
]
install_import_hook([f"plantedu.{name}" for name in CHECKED], "typecheck.check")


settings.register_profile("long")  # asked for by --hypothesis-profile; see test_doors


@pytest.fixture(autouse=True)
def plantedu_home(tmp_path, monkeypatch):
    """Nothing that a test writes reaches the user's own runs."""
    home = tmp_path / "home"
    monkeypatch.setenv("PLANTEDU_HOME", str(home))
    return home
