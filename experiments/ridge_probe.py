"""The course's probe beside scikit-learn's readers, on what encoders of lesson 02 hold.

    OMP_NUM_THREADS=1 uv run python -m experiments.ridge_probe   # -> lessons/results/02_ridge.json

Eight factors, z and h of three encoders, 512 plants to fit and 512 others to score. Both readers
see the same standardised features, and each chooses its penalty inside the training plants.

    number     RidgeCV, left-out plants, 41 penalties
    category   LogisticRegressionCV, 5 folds, 9 penalties, by accuracy
    the same   LinearDiscriminantAnalysis, 5 folds, 9 shrinkages: our kind of reader by other hands

Labels in another order are read by all as well. Features are turned into the directions in which
the plants to fit vary, which changes none of these readers.
"""

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegressionCV, RidgeCV
from sklearn.model_selection import GridSearchCV, StratifiedKFold

from experiments.training import FACTORS, VIEW_OF
from plantedu.jobs.threads import share_cores
from plantedu.publishing.registry import path_of
from plantedu.store.paths import home
from plantedu.topics.probing.readout import features_by_layer, pictures_by_sensor
from plantedu.training.checkpoints import load_checkpoint
from plantedu.training.linear_probe import Target, answered, standardised
from plantedu.training.pair_source import open_source, probe_targets
from plantedu.training.pretrain import objective_from
from plantedu.training.recipe import Recipe
from plantedu.zoo.random_init import settled_start

OUT = Path(__file__).parents[1] / "lessons" / "results" / "02_ridge.json"
COMMAND = "uv run python -m experiments.ridge_probe"
ENCODERS = ("cross-0", "cross-1", "cross-2")
ALPHAS, CS = np.logspace(-4, 6, 41), np.logspace(-5, 3, 9)
SHRINKAGES = np.logspace(-4, 0, 9)
FOLDS = StratifiedKFold(5, shuffle=True, random_state=0)


def ridge(x: np.ndarray, y: np.ndarray, held: np.ndarray, truth: np.ndarray) -> float:
    """R2 of scikit-learn's ridge regression; left-out plants choose its penalty."""
    predicted = RidgeCV(alphas=ALPHAS).fit(x, y).predict(held)
    return float(1 - ((predicted - truth) ** 2).sum() / ((truth - truth.mean()) ** 2).sum())


def logistic(x: np.ndarray, y: np.ndarray, held: np.ndarray, truth: np.ndarray) -> float:
    """Accuracy of scikit-learn's logistic regression; five folds choose its penalty."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # weak penalties need not arrive in 1,000 steps
        settings: dict[str, Any] = {"Cs": CS, "cv": FOLDS, "max_iter": 1000, "l1_ratios": (0,)}
        settings["use_legacy_attributes"] = False
        model = LogisticRegressionCV(**settings)
        return float((model.fit(x, y).predict(held) == truth).mean())


def discriminants(x: np.ndarray, y: np.ndarray, held: np.ndarray, truth: np.ndarray) -> float:
    """Accuracy of scikit-learn's linear discriminants; five folds choose the shrinkage."""
    model = LinearDiscriminantAnalysis(solver="lsqr")
    search = GridSearchCV(model, {"shrinkage": SHRINKAGES}, cv=FOLDS)
    return float((search.fit(x, y).predict(held) == truth).mean())


def beside(target: Target, train: torch.Tensor, held_out: torch.Tensor) -> dict[str, float]:
    """One factor by every reader, and from labels in another order."""
    means = {name: scores.mean() for name, scores in answered(
        train, held_out, [target], seeds=1, seed=0, step=0)}  # fmt: skip
    names = ("probe", "null")
    ours = [float(means[f"{name}/{target.name}/{target.view}"]) for name in names]
    x, held = (
        part[:, :-1][shows].numpy()
        for part, shows in zip(
            standardised(train.double(), held_out.double()), target.masks, strict=True
        )
    )
    turn = np.linalg.svd(x - x.mean(0), full_matrices=False)[2].T  # where plants vary; faster
    x, held = (x - x.mean(0)) @ turn, (held - x.mean(0)) @ turn
    y, truth = (
        part[shows].numpy()
        for part, shows in zip((target.train, target.held_out), target.masks, strict=True)
    )
    order = np.random.default_rng(0).permutation(len(y))
    readers = {"scikit": logistic, "discriminants": discriminants}
    found = {"ours": ours[0], "ours shuffled": ours[1]}
    for name, reader in (readers if target.classes else {"scikit": ridge}).items():
        found[name] = reader(x, y, held, truth)
        found[f"{name} shuffled"] = reader(x, y[order], held, truth)
    return found


def read(name: str) -> dict[str, dict[str, float]]:
    """Each factor and layer of one encoder."""
    tensors, meta = load_checkpoint(path_of(name))
    recipe = Recipe.from_json({**meta["recipe"], "probe_factors": FACTORS})
    source = open_source(recipe, home() / "bank")
    features = features_by_layer(
        settled_start(objective_from((tensors, meta)), recipe),
        sets=pictures_by_sensor(recipe, source),
    )
    targets = {(t.name, t.view): t for t in probe_targets(recipe, source)}
    return {
        f"{factor} {layer}": beside(
            targets[factor, VIEW_OF.get(factor, "both")],
            *features[layer][VIEW_OF.get(factor, "both")],
        )
        for factor in FACTORS
        for layer in ("z", "h")
    }


def main() -> None:
    """Means over encoders, and how far the readers are apart."""
    share_cores()
    each = {}
    for name in ENCODERS:
        each[name] = read(name)
        print(name, flush=True)
    rows: dict[str, Any] = {}
    for key in each[ENCODERS[0]]:
        found = [each[name][key] for name in ENCODERS]
        rows[key] = {k: float(np.mean([one[k] for one in found])) for k in found[0]}
        rows[key]["apart"] = rows[key]["ours"] - rows[key]["scikit"]
    whole = {"command": COMMAND, "n": 512, "seeds": len(ENCODERS), "mean": rows, "each": each}
    OUT.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    for key, row in rows.items():
        print(f"{key:14}", {k: round(v, 3) for k, v in row.items()})


if __name__ == "__main__":
    main()
