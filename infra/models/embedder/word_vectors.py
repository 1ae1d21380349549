"""Two kinds of word vectors: from walks over WordNet and from neighbours in the texts. Both are factorised by SVD."""

import collections

import numpy as np
import scipy.sparse as sparse
from sklearn.utils.extmath import randomized_svd

from sources import words

DIMENSIONS = 256
_SINGULAR_POWER = 0.25
_RELATIONS = {
    "@": 1.0, "@i": 1.0, "~": 0.4, "~i": 0.2, "&": 1.0, "+": 0.8, "^": 0.5, "*": 0.8, ">": 0.6, "=": 0.5, "!": 0.3,
    "%p": 0.3, "#p": 0.4, "%m": 0.2, "#m": 0.3, "%s": 0.3, "#s": 0.3, "$": 1.0, "\\": 0.8, "<": 0.8, ";c": 0.3, "-c": 0.1}


def unit(rows):
    return rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9)


def from_wordnet(wordnet, vocabulary, damping=0.7, steps=3, kept=120):
    """Unit vectors of the words of the vocabulary (zeros for unknown ones), from random walks with restart over the
    synsets (Goikoetxea et al. 2015, "Random walks and neural network language models on knowledge bases")."""
    graph = _keep_largest(_graph(wordnet), 25)
    start = sparse.csr_matrix(_triples(wordnet, vocabulary), (len(vocabulary), len(wordnet.keys)), dtype=np.float32)
    parts = []
    for first in range(0, len(vocabulary), 2000):
        walk = start[first:first + 2000]
        visits = (1 - damping) * walk
        for _ in range(steps):
            walk = _keep_largest(damping * (_keep_largest(walk, 60) @ graph), kept)
            visits = visits + (1 - damping) * walk
        parts.append(_keep_largest(visits, kept))
    visits = sparse.vstack(parts).tocsr()
    often = np.asarray(visits.sum(0)).ravel() + 1e-9
    total = often.sum()
    visits.data = np.log1p(visits.data * total / (often[visits.indices] ** 0.75 * total ** 0.25))
    return _factorise(visits)


def _triples(wordnet, vocabulary):
    rows, columns, values = [], [], []
    for row, word in enumerate(vocabulary):
        for key, share in wordnet.senses(word).items():
            rows.append(row)
            columns.append(wordnet.ids[key])
            values.append(share)
    return values, (rows, columns)


def _graph(wordnet):
    """Half of every move follows WordNet's relations, half the words of the gloss; both can be walked backwards."""
    glosses = {key: set(words(synset["gloss"])) for key, synset in wordnet.synsets.items()}
    holding = collections.Counter(word for gloss in glosses.values() for word in gloss)
    rows, columns, values = [], [], []
    for key, synset in wordnet.synsets.items():
        related, explained = collections.Counter(), collections.Counter()
        for relation, other in synset["pointers"]:
            related[other] += _RELATIONS.get(relation, 0.2)
        for word in sorted(glosses[key]):
            if holding[word] <= len(glosses) * 0.01:
                for other, share in wordnet.senses(word).items():
                    if other != key:
                        explained[other] += np.log(len(glosses) / holding[word]) * share
        for edges in (related, explained):
            total = sum(edges.values()) or 1
            for other, weight in edges.items():
                rows.append(wordnet.ids[key])
                columns.append(wordnet.ids[other])
                values.append(0.5 * weight / total)
    one_way = sparse.csr_matrix((values, (rows, columns)), (len(glosses),) * 2, dtype=np.float32)
    both = one_way + 0.5 * sparse.csr_matrix(one_way.T)
    out = np.asarray(both.sum(1)).ravel()
    return sparse.diags(1 / np.where(out == 0, 1, out)) @ both


def _keep_largest(matrix, count):
    matrix = matrix.tocsr()
    for row in np.nonzero(np.diff(matrix.indptr) > count)[0]:
        values = matrix.data[matrix.indptr[row]:matrix.indptr[row + 1]]
        values[values < np.partition(values, -count)[-count]] = 0
    matrix.eliminate_zeros()
    return matrix


def from_neighbours(texts, window=5, rarest=3, most=60000):
    """(vocabulary, unit vectors) from positive pointwise mutual information within a window (Levy and Goldberg 2014)."""
    cut = [words(text) for text in texts]
    counts = collections.Counter(word for text in cut for word in text)
    vocabulary = [word for word, count in counts.most_common(most) if count >= rarest]
    ids = {word: number for number, word in enumerate(vocabulary)}
    stream = np.concatenate([np.array([ids.get(word, -1) for word in text] + [-1] * window) for text in cut])
    share = np.array([counts[word] for word in vocabulary]) / sum(counts.values())
    chance = np.random.default_rng(0).random(len(stream))
    stream = stream[(stream < 0) | (chance < np.sqrt(1e-4 / share)[np.maximum(stream, 0)])]
    size = (len(vocabulary),) * 2
    near = sparse.csr_matrix(size, dtype=np.float32)
    for distance in range(1, window + 1):
        left, right = stream[:-distance], stream[distance:]
        both = (left >= 0) & (right >= 0)
        near = near + sparse.csr_matrix((np.full(both.sum(), 1 / distance, np.float32), (left[both], right[both])), size)
    near = (near + near.T).tocoo()
    often = np.asarray(near.tocsr().sum(1)).ravel()
    smoothed = often ** 0.75 / (often ** 0.75).sum()
    information = np.log(near.data / (often[near.row] * smoothed[near.col]))
    positive = information > 0
    return vocabulary, _factorise(sparse.csr_matrix(
        (information[positive], (near.row[positive], near.col[positive])), size))


def _factorise(matrix):
    left, singular, _ = randomized_svd(matrix, DIMENSIONS, n_iter=3, random_state=0)
    return unit(left * singular ** _SINGULAR_POWER).astype(np.float32)
