"""Trains the bundled embedder and writes its folder. One command, one core, a quarter of an hour:

    python3 infra/models/embedder/train.py --data ../shared/data
"""

import argparse
import pathlib
import pickle
import random
import time

import numpy as np
import scipy.sparse as sparse
import torch

import evaluate
import export
import likeness
import word_vectors
from likeness import HashedNgrams
from sources import WordNet, comments, sentences
from views import ViewMaker

DIMENSIONS, WORD_BUCKETS, CHAR_BUCKETS = 384, 24575, 8192
LESSONS, BLOCK, BLOCKS_PER_STEP = 48000, 8, 64
LEARNING_RATE, PAIRS_COUNT = 0.001, 1.0
HERE = pathlib.Path(__file__).resolve().parent


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", default="../shared/data", help="folder with toxicity/ and similarity/")
    arguments.add_argument("--out", default=HERE / "model")
    arguments.add_argument("--work", default="artifacts/embedder", help="word vectors are kept here between runs")
    arguments.add_argument("--steps", type=int, default=1000)
    arguments = arguments.parse_args()
    torch.set_num_threads(1)

    wordnet = WordNet()
    posts = comments(arguments.data)
    texts = posts + [text for synset in wordnet.synsets.values() for text in (synset["gloss"], *synset["examples"]) if text]
    meaning = kept_in(arguments.work, "meaning.pickle", lambda: likeness.MeaningOfWords(wordnet, texts))
    judge = likeness.Likeness(meaning, texts)
    featuriser = HashedNgrams(likeness.options(WORD_BUCKETS, CHAR_BUCKETS))
    sets = evaluate.read_sets(pathlib.Path(arguments.data) / "similarity")
    print("in all dimensions:", evaluate.line(evaluate.spearman_of_parts(sets, judge.vectors, "selection")), flush=True)
    table = first_table(featuriser, meaning, texts)
    fit(table, Lessons(featuriser, judge, lesson_texts(wordnet, posts, sets)), arguments.steps,
        lambda: evaluate.line(evaluate.spearman(sets, export.embedder(table.numpy(), featuriser), "selection")))
    export.write(arguments.out, export.rotate(table.numpy(), featuriser, texts[::20]), featuriser)


def kept_in(folder, name, make):
    path = pathlib.Path(folder) / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(make()))
    return pickle.loads(path.read_bytes())


def first_table(featuriser, meaning, texts):
    """Random directions, so that different features are far apart, plus the meaning of each bucket's words; rows as long as
    their feature weighs."""
    generator = np.random.default_rng(0)
    table = word_vectors.unit(generator.standard_normal((featuriser.options.vocabulary_size, DIMENSIONS)))
    thinner = generator.standard_normal((meaning.vectors.shape[1], DIMENSIONS)) / np.sqrt(DIMENSIONS)
    sums, uses = np.zeros_like(table), np.zeros(len(table))
    for word, frequency in zip(meaning.words, word_frequencies(meaning, texts)):
        ids, _ = featuriser.encode(word)
        if len(ids):
            sums[ids[0]] += frequency * (meaning.vectors[meaning.row(word)] @ thinner)
            uses[ids[0]] += frequency
    table += likeness.MEANING_SHARE ** 0.5 * sums / np.maximum(uses, 1e-9)[:, None]
    table *= likeness.weights(featuriser, texts)[:, None]
    table[0] = 0
    return torch.from_numpy(table.astype(np.float32))


def word_frequencies(meaning, texts):
    frequencies = np.full(len(meaning.words), 0.2)
    for text in texts:
        for _, row in meaning.rows(text):
            frequencies[row] += 1
    return frequencies


def lesson_texts(wordnet, posts, sets):
    """Half sentences of comments, half glosses, neighbours beside each other so that a block holds likely kin. None is a
    text that the embedder is measured on."""
    held_out = {plain(text) for pairs in sets.values() for first, second, _ in pairs for text in (first, second)}
    chosen = []
    for source in (sentences(posts), [synset["gloss"] for synset in wordnet.synsets.values() if len(synset["gloss"].split()) >= 4]):
        allowed = [text for text in source if plain(text) not in held_out]
        stretch = len(allowed) // (LESSONS // 2 // BLOCK)
        chosen += [text for start in range(0, LESSONS // 2 // BLOCK * stretch, stretch) for text in allowed[start:start + BLOCK]]
    maker = ViewMaker(wordnet, random.Random(1))
    return chosen, [maker.view(text) for text in chosen]


def plain(text):
    return text.strip(" .").lower()


class Lessons:
    """Texts and their views, each as the table's features and as what its likeness to the others should be."""

    def __init__(self, featuriser, judge, texts):
        self.features = [likeness.counts(featuriser, side) for side in texts]
        self._targets = [judge.vectors(side) for side in texts]
        self._blocks = len(texts[0]) // BLOCK

    def draw(self, generator):
        """(features of texts and of their views, their wanted cosines)."""
        blocks = generator.choice(self._blocks, BLOCKS_PER_STEP, replace=False)
        rows = (blocks[:, None] * BLOCK + np.arange(BLOCK)).ravel()
        features = sparse.vstack([side[rows] for side in self.features]).tocsr()
        lexical = sparse.vstack([side[rows] for side, _ in self._targets]).tocsr()
        meaning = np.vstack([side[rows] for _, side in self._targets])
        return features, torch.from_numpy((lexical @ lexical.T).toarray() + meaning @ meaning.T)


def fit(table, lessons, steps, measure):
    """Moves the rows until the cosines of lessons are as wanted; a text and its view count as much as all other pairs."""
    generator = np.random.default_rng(0)
    table.grad = torch.zeros_like(table)
    optimiser = torch.optim.Adam([table], lr=LEARNING_RATE, betas=(0.9, 0.99))
    started = time.monotonic()
    for step in range(1, steps + 1):
        for group in optimiser.param_groups:
            group["lr"] = LEARNING_RATE * min(1, step / 50) * (1 - (step - 1) / steps)
        features, wanted = lessons.draw(generator)
        sums = torch.from_numpy(features @ table.numpy()).requires_grad_()
        vectors = torch.nn.functional.normalize(sums, dim=1)
        misses = (vectors @ vectors.T - wanted) ** 2
        half = len(wanted) // 2
        (misses.mean() + PAIRS_COUNT * misses.diagonal(half).mean()).backward()
        table.grad.copy_(torch.from_numpy(features.T @ sums.grad.numpy()))
        optimiser.step()
        if step % 100 == 0 or step == 1:
            print(f"step {step}, {time.monotonic() - started:.0f} s: off by {float(misses.mean()) ** 0.5:.4f}, pairs by "
                  f"{float(misses.diagonal(half).mean()) ** 0.5:.4f}, {measure()}", flush=True)


if __name__ == "__main__":
    main()
