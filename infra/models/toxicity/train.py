"""Trains the bundled toxicity classifier and writes its model folder. See README.md.

    /usr/bin/python3 infra/models/toxicity/train.py --data FOLDER [--out FOLDER]
"""

import argparse
import json
import pathlib
import sys
import time

import numpy as np
import torch
from scipy import sparse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import card  # noqa: E402
import convolution  # noqa: E402
import evaluation  # noqa: E402
import head  # noqa: E402
from columns import Space, fit  # noqa: E402
from graph import Model, quantise, read, to_onnx  # noqa: E402
from hashed_ngrams import HashedNgrams, NgramOptions  # noqa: E402
from targets import HEAD_WEIGHT, OUTPUTS, Everything, columns, questions  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
OPTIONS = NgramOptions(words_buckets=1 << 16, chars_min=2, chars_max=5, chars_buckets=1 << 18, max_features=1024)
FOLDS = 2
# What goes into TOXICITY beside the head: the first column and some of the convolution's answers.
STRAIGHT = {"perspective": 0.4}
STRAIGHT_ANSWERS = {"perspective": 0.35, "civil": 0.15}
# Of these made texts a part is enough for the convolution.
PART = {"templates": 0.25, "lexicon": 0.4}
STARTED = time.monotonic()


def say(*what):
    print(f"{time.monotonic() - STARTED:6.0f} s", *what, file=sys.stderr, flush=True)


def fit_columns(data, matrix, rows):
    """Every column from the given rows: (one weight per n-gram and length, intercept)."""
    word, length = np.arange(matrix.shape[1]) <= OPTIONS.words_buckets, np.arange(matrix.shape[1]) >= OPTIONS.vocabulary_size
    masks = {"all": None, "words": (word | length).astype(np.float32), "chars": (~word).astype(np.float32)}
    fitted = []
    for target, weight, alpha, grams, tolerance in columns(data).values():
        mask = masks[grams]
        seen = matrix if mask is None else (matrix @ sparse.diags(mask)).astype(np.float32)
        coefficients, intercept = fit(seen, target, weight * rows, alpha, tolerance)
        fitted.append((coefficients if mask is None else coefficients * mask, intercept))
    return np.stack([c for c, _ in fitted], 1), np.array([b for _, b in fitted])


def fit_convolution(data, words, vectors, rows):
    drawn = np.random.default_rng(3).random(len(rows))
    chosen = np.flatnonzero(rows & (drawn < [PART.get(s, 1) for s in data.source]))
    targets, weights, importance, squared = zip(*questions(data).values())
    asked = np.stack(targets, 1)[chosen], np.stack(weights, 1)[chosen], np.array(importance), np.array(squared)
    return convolution.fit(words[chosen], asked, vectors)


def out_of_fold(data, matrix, words, vectors, train):
    """What the head sees of the training texts, each from fits that did not see the text."""
    fold = np.random.default_rng(7).integers(0, FOLDS, len(data.texts))
    values = np.zeros((len(data.texts), len(columns(data))))
    answers = np.zeros((len(data.texts), len(questions(data))))
    for k in range(FOLDS):
        weights, intercepts = fit_columns(data, matrix, train & (fold != k))
        rows = np.flatnonzero(train & (fold == k))
        values[rows] = matrix[rows] @ weights + intercepts
        answers[rows] = fit_convolution(data, words, vectors, train & (fold != k))(words[rows])
        say(f"fold {k + 1} of {FOLDS}")
    return np.concatenate([values, matrix[:, -2:].toarray(), answers], 1)


def head_targets(data):
    targets = np.stack([data.toxicity, data.profane, data.attack], 1)
    weights = np.stack([np.array([HEAD_WEIGHT[s] for s in data.source]), np.ones(len(data.texts)),
                        ~np.isnan(data.attack)], 1).astype(np.float64)
    weights[data.source == "templates", 2] = 0.1
    return targets, weights


def fit_head(data, features, train):
    """The head over standardised features, the standardisation folded into its first layer; then the calibration."""
    targets, weights = head_targets(data)
    mean, deviation = features[train].mean(0), features[train].std(0) + 1e-6
    first, first_bias, second, second_bias = head.train((features[train] - mean) / deviation, targets[train], weights[train])
    first = first / deviation[:, None]
    trained = first, first_bias - mean @ first, second, second_bias
    # The network alone trades order among mild comments for the other sources; these keep it.
    trained = head.add_straight(trained, straight(data))
    wiki = data.rows("wiki", held_out=False)
    return trained, head.calibrate(head.forward(features[wiki], trained)[:, 0], targets[wiki, 0])


def straight(data):
    """A share per place among the features."""
    first = {list(columns(data)).index(name): share for name, share in STRAIGHT.items()}
    after = len(columns(data)) + 2
    return first | {after + list(questions(data)).index(name): share for name, share in STRAIGHT_ANSWERS.items()}


def train(folder):
    data = Everything(folder)
    featuriser = HashedNgrams(OPTIONS)
    ids, offsets = featuriser.encode_all(data.texts)
    counts = Space.counts(ids, offsets, OPTIONS.vocabulary_size)
    words = convolution.words_of(ids, offsets, OPTIONS.words_buckets, featuriser.capitals_id)
    say(f"{counts.shape[0]} texts, {counts.nnz} n-grams")
    training = ~data.held_out
    space = Space(Space.idf_of(counts, np.where(data.source == "wiki", 1.0, 0.1) * training))
    matrix, vectors = space.matrix(counts), convolution.related(words[training], OPTIONS.words_buckets)
    learned, calibration = fit_head(data, out_of_fold(data, matrix, words, vectors, training), training)
    weights, intercepts = fit_columns(data, matrix, training)
    table, scale = quantise(np.concatenate([space.idf[:, None] ** 2, weights[:-2] * space.idf[:, None]], 1))
    net = fit_convolution(data, words, vectors, training)
    say("columns, convolution and head")
    return data, featuriser, Model(table, scale, weights[-2:], intercepts, net, featuriser.capitals_id, learned, calibration)


def write_model(folder, model):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(to_onnx(model, OUTPUTS).SerializeToString())
    OPTIONS.write(folder / "ngrams.json")


def describe(folder, model, featuriser, figures):
    (folder / "labels.json").write_text(json.dumps(card.labels(), indent=2) + "\n", encoding="utf-8")
    (folder / "card.md").write_text(card.text(figures), encoding="utf-8")
    (folder / "golden.json").write_text(json.dumps(evaluation.golden(model, featuriser), indent=1) + "\n", encoding="utf-8")


def main():
    torch.set_num_threads(1)
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--data", type=pathlib.Path, required=True, help="folder of the training files")
    arguments.add_argument("--out", type=pathlib.Path, default=HERE / "model", help="the model folder to write")
    arguments.add_argument("--measure", action="store_true", help="train nothing: measure the model that is there and describe it again")
    given = arguments.parse_args()
    if given.measure:
        data, featuriser, model = Everything(given.data), HashedNgrams(OPTIONS), read(given.out / "model.onnx")
    else:
        data, featuriser, model = train(given.data)
        write_model(given.out, model)
    figures = evaluation.measure(model, featuriser, data, given.data)
    say(json.dumps(figures, indent=1))
    describe(given.out, model, featuriser, figures)


if __name__ == "__main__":
    main()
