"""Your model, your method: the notebooks hold their text and run headless, whole, as they stand."""

import nbformat
import pytest

from plantedu.errors import PlantEduError
from plantedu.exercises.own_notebooks import NOTEBOOKS, own_notebook
from plantedu.shipped_files import lessons, source


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_text_and_code_stand_in_their_order_and_twice_the_same(name):
    made = own_notebook(name, lessons())
    assert nbformat.writes(made) == nbformat.writes(own_notebook(name, lessons()))
    kinds = [cell.cell_type for cell in made.cells]
    assert kinds[:2] == ["markdown", "code"]
    assert not any("```python" in cell.source for cell in made.cells)
    for cell in made.cells:
        if cell.cell_type == "code":
            compile(cell.source, name, "exec")


def test_another_name_and_a_missing_text_are_sentences(tmp_path):
    with pytest.raises(PlantEduError, match="there are your-model, your-method"):
        own_notebook("mine", lessons())
    with pytest.raises(PlantEduError, match=r"your_model\.md cannot be read"):
        own_notebook("your-model", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
@pytest.mark.filterwarnings("default")  # of Jupyter's own
def test_it_runs_headless(name, tmp_path, monkeypatch):
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", str(source()))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    made = own_notebook(name, lessons())
    run = {"metadata": {"path": str(tmp_path)}}
    done = NotebookClient(made, timeout=600, kernel_name="python3", resources=run).execute()
    outs = [out for cell in done.cells for out in cell.get("outputs", [])]
    assert not [out for out in outs if out.output_type == "error"]
    shown = "".join(out["data"].get("text/html", "") for out in outs if "data" in out)
    assert "null" in shown
    if name == "your-model":
        assert "FOUND: predictions follow" in shown
        assert (tmp_path / "report.html").is_file()
