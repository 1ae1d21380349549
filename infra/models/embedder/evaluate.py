"""Measures an embedder: Spearman's rank correlation of cosines with people's scores, per STS set and their mean.

    python3 infra/models/embedder/evaluate.py ../shared/data/similarity [--model infra/models/embedder/model]

Every fifth pair of each set (the first, the sixth, ...) is for choosing settings; `test` is the other four fifths.
"""

import argparse
import json
import pathlib

import numpy as np
from scipy.stats import spearmanr

PARTS = ("all", "test", "selection")


def read_sets(folder):
    """Name -> [(first text, second text, score)]."""
    sets = {}
    for path in sorted(pathlib.Path(folder).glob("*.jsonl")):
        rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        sets[path.stem] = [(row["a"], row["b"], row["score"]) for row in rows]
    return sets


def spearman(sets, embed, part="all"):
    """Name -> rho; `embed` makes unit vectors of texts."""
    return _of_cosines(sets, lambda first, second: (embed(first) * embed(second)).sum(1), part)


def spearman_of_parts(sets, vectors, part="all"):
    """As `spearman`, for an embedder whose unit vectors are a sparse and a dense part."""
    def cosines(first, second):
        (a, b), (c, d) = vectors(first), vectors(second)
        return np.asarray(a.multiply(c).sum(1)).ravel() + (b * d).sum(1)
    return _of_cosines(sets, cosines, part)


def _of_cosines(sets, cosines, part):
    scores = {}
    for name, pairs in sets.items():
        kept = [pair for number, pair in enumerate(pairs) if part == "all" or (number % 5 == 0) == (part == "selection")]
        first, second, truth = zip(*kept)
        scores[name] = float(spearmanr(cosines(first, second), truth).correlation)
    return scores


def line(scores):
    return " ".join(f"{name} {rho:.3f}" for name, rho in scores.items()) + f" mean {np.mean(list(scores.values())):.4f}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("sets", help="folder of *.jsonl with a, b and score")
    arguments.add_argument("--model", default=pathlib.Path(__file__).resolve().parent / "model")
    arguments = arguments.parse_args()
    import export
    sets, embed = read_sets(arguments.sets), export.load(arguments.model)
    for part in PARTS:
        print(f"{part}: {line(spearman(sets, embed, part))}")


if __name__ == "__main__":
    main()
