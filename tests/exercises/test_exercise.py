"""A stub is the reference without its body; imports of the package do not come along."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.exercises.exercise import Failed, check_name, lines_of, stub_of
from plantedu.exercises.table import find

SOURCE = '''
import math
from collections.abc import Callable, Mapping

import numpy as np
import torch

from plantedu.exercises.comparing import same

def half(x: np.ndarray, f: Callable) -> float:
    """Half of it.

    Args: x.
    """
    # why

    y = math.floor(f(x))
    return y / 2

def bare(x):
    return same(x)
'''


def test_a_stub_has_the_imports_that_the_function_uses():
    stub = stub_of(SOURCE, "half")
    assert stub.startswith(
        "import math\nfrom collections.abc import Callable\nimport numpy as np\n"
    )
    assert "torch" not in stub
    assert "same" not in stub
    assert "Args: x." in stub
    assert stub.endswith('    raise NotImplementedError("write half")\n')
    compile(stub, "stub", "exec")


@pytest.mark.parametrize("name", ["bare", "there_is_none"])
def test_no_stub_without_function_or_docstring(name):
    with pytest.raises(PlantEduError, match=name):
        stub_of(SOURCE, name)


def test_lines_are_counted_without_docstring_comment_and_gap():
    def one(x):
        """Of it.

        More.
        """
        # why

        y = x + 1
        y *= 2
        return y

    assert lines_of(one) == 3


def test_a_stub_holds_nothing_of_the_solution():
    exercise = find("02.5")
    assert "logsumexp" in exercise.solution
    assert "logsumexp" not in exercise.stub


def test_names():
    def check(f):
        """rows sum to 1

        More.
        """

    assert check_name(check) == "rows sum to 1"
    assert Failed("x", mistake="y").kind == "wrong"
