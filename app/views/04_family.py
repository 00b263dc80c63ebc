"""Lesson 04: a family of runs: plan it, read it, branch it, fine-tune it, and doubt its best."""

from app import session
from app.labs.family.embedding import atlas
from app.labs.family.finetuning import recorded, tune
from app.labs.family.lineage import lineage
from app.labs.family.many_runs import read_many
from app.labs.family.recorded import leaked_split, regularised
from app.labs.family.sweep_plan import plan
from app.page import laboratory, opening

LABS = {  # the core in the order of its story, then what goes deeper
    "Plan": lambda: plan("04_sixty"),
    "Sixty curves": lambda: read_many("04_sixty"),
    "Leaked split": leaked_split,
    "Map": atlas,
    "Lineage": lineage,
    "Fine-tune": tune,
    "Recorded": recorded,
    "ELP": regularised,
}
NULLS = (
    "The class prior is the dotted line of every accuracy; the split by plant stands beside the "
    "leaked one; seeds are drawn one by one or as intervals; ELP with shuffled weights and as a "
    "monitor are arms like the others; the map of shuffled features is drawn beside the map."
)

lesson = session.lesson("04_family")
opening(lesson)

laboratory(lesson, LABS, NULLS)
