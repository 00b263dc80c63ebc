import subprocess
import sys

import pytest

import plantedu
from plantedu.errors import PlantEduError
from plantedu.store.version import canonical, code_version, package_versions, request_key


def test_code_version_follows_the_sources(tmp_path, monkeypatch):
    found = []
    for text in ("a = 1\n", "a = 2\n", "a = 2\r\n"):
        (tmp_path / "module.py").write_bytes(text.encode())
        monkeypatch.setattr(plantedu, "__file__", str(tmp_path / "__init__.py"))
        code_version.cache_clear()
        found.append(code_version())
    code_version.cache_clear()
    assert found[0] != found[1]
    assert found[1] == found[2]  # a checkout on Windows is the same code
    assert found[0].startswith(plantedu.__version__ + "+")


def test_packages_name_torch_without_importing_it():
    code = "import sys, plantedu.store.store as s, plantedu.store.version as v;"
    code += "v.package_versions()['torch']; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert package_versions()["python"]


def test_the_order_of_names_does_not_matter_but_all_else_does():
    assert request_key("train", {"a": 1, "b": 2}) == request_key("train", {"b": 2, "a": 1})
    different = [
        request_key("train", {"a": 1}),
        request_key("train", {"a": 2}),
        request_key("replay", {"a": 1}),
        request_key("train", {"a": 1}, "data"),
    ]
    assert len(set(different)) == 4


@pytest.mark.parametrize("value", [float("nan"), object(), {1, 2}])
def test_what_json_cannot_say_is_refused(value):
    with pytest.raises(PlantEduError, match="must be plain JSON with finite numbers"):
        canonical({"a": value})
