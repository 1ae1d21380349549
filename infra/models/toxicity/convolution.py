"""A small convolution over a text's words in their order: it sees three at a time, where the columns see sums over a text.

A word is its bucket among `input_ids`, looked up in a second int8 table. Every filter's largest and summed answer over the words
goes through one hidden layer to an answer for each question that a source asks.
"""

import dataclasses

import numpy as np
import torch
from scipy import sparse
from sklearn.utils.extmath import randomized_svd
from torch import nn

SIZE, FILTERS, HIDDEN, WIDTH = 32, 64, 48, 3
LONGEST = 96
SUM_SCALE, USUAL_LENGTH = 0.3, 3.0
KNOWN_FROM, RELATED_FROM, NEAR = 3, 5, 5
EPOCHS, BATCH, RATE, DROPOUT, WORD_DROPOUT = 6, 256, 4e-3, 0.15, 0.15
PADDING, UNKNOWN = 0, 1


def words_of(ids, offsets, buckets, capitals):
    """The first words of each text as rows of a matrix, padded with zeros.

    Without n-grams of chars and `<caps>` the ids of a text are word, word, pair, word, pair and so on.
    """
    words = np.zeros((len(offsets) - 1, LONGEST), np.int32)
    for row, (start, end) in enumerate(zip(offsets[:-1], offsets[1:])):
        kept = ids[start:end]
        kept = kept[(kept <= buckets) & (kept != capitals)]
        single = np.concatenate([kept[:1], kept[1::2]])[:LONGEST]
        words[row, :len(single)] = single
    return words


@dataclasses.dataclass
class Convolution:
    """`table` is int8; `filters` [filters, size, width] hold its scale; the rest is weights and biases."""

    table: np.ndarray
    filters: np.ndarray
    filters_bias: np.ndarray
    hidden: np.ndarray
    hidden_bias: np.ndarray
    answers: np.ndarray
    answers_bias: np.ndarray

    @property
    def buckets(self):
        return len(self.table) - 1

    def __call__(self, words):
        """The answers to each text, the shortest first through the filters."""
        out = np.zeros((len(words), len(self.answers_bias)))
        lengths = (words > 0).sum(1)
        for rows in np.array_split(np.argsort(lengths, kind="stable"), len(words) // 256 + 1):
            if len(rows):
                out[rows] = self._batch(words[rows, :max(1, lengths[rows].max())])
        return out

    def _batch(self, words):
        vectors = np.pad(self.table[words].astype(np.float32), ((0, 0), (WIDTH // 2, WIDTH // 2), (0, 0)))
        long = words.shape[1]
        found = sum(vectors[:, k:k + long] @ self.filters[:, :, k].T for k in range(WIDTH)) + self.filters_bias
        valid = (words > 0)[:, :, None]
        found = np.maximum(found, 0) * valid
        number = valid.sum(1)
        summed = found.sum(1) / np.sqrt(np.maximum(number, 1)) * SUM_SCALE
        pooled = np.concatenate([found.max(1), summed, np.log1p(number) - USUAL_LENGTH], 1)
        hidden = np.maximum(pooled @ self.hidden + self.hidden_bias, 0)
        return hidden @ self.answers + self.answers_bias


class _Network(nn.Module):
    def __init__(self, vectors, answers):
        super().__init__()
        self.table = nn.Parameter(torch.tensor(vectors, dtype=torch.float32))
        self.filters = nn.Conv1d(SIZE, FILTERS, WIDTH, padding=WIDTH // 2)
        self.hidden, self.answers = nn.Linear(2 * FILTERS + 1, HIDDEN), nn.Linear(HIDDEN, answers)
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, words):
        words = torch.where(torch.rand(words.shape) < WORD_DROPOUT / 2, UNKNOWN * (words > 0), words)
        valid = ((words > 0) & (torch.rand(words.shape) > WORD_DROPOUT))[:, None].float()
        vectors = self.drop(nn.functional.embedding(words, self.table)).transpose(1, 2) * valid
        found = torch.relu(self.filters(vectors)) * valid
        number = valid.sum(2)
        summed = found.sum(2) / number.clamp(min=1).sqrt() * SUM_SCALE
        pooled = torch.cat([found.amax(2), summed, torch.log1p(number) - USUAL_LENGTH], 1)
        return self.answers(self.drop(torch.relu(self.hidden(self.drop(pooled)))))


def related(words, buckets):
    """A vector per bucket such that words found near the same words lie close; zero for the rare ones."""
    flat = np.pad(words, ((0, 0), (0, NEAR))).ravel()
    count = np.bincount(flat, minlength=buckets + 1)
    count[PADDING] = 0
    common = np.flatnonzero(count >= RELATED_FROM)
    place = np.full(buckets + 1, -1)
    place[common] = np.arange(len(common))
    flat, near = place[flat], sparse.csr_matrix((len(common), len(common)), dtype=np.float32)
    for distance in range(1, NEAR + 1):
        left, right = flat[:-distance], flat[distance:]
        both = (left >= 0) & (right >= 0)
        near += sparse.csr_matrix((np.full(both.sum(), 1 / distance, np.float32), (left[both], right[both])), shape=near.shape)
    near = (near + near.T).tocoo()
    total = np.asarray(near.sum(1)).ravel()
    expected = total[near.row] * total[near.col] ** 0.75 / (total ** 0.75).sum()
    surprise = np.log(near.data / expected)
    near = sparse.csr_matrix((surprise.clip(0), (near.row, near.col)), shape=near.shape)
    near.eliminate_zeros()
    left, strength, _ = randomized_svd(near, SIZE, n_iter=3, random_state=0)
    vectors = np.zeros((buckets + 1, SIZE), np.float32)
    vectors[common] = left * np.sqrt(strength)
    return vectors / vectors[common].std() * 0.8


def fit(words, questions, vectors, seed=0):
    """Learns all questions at once; see targets.questions."""
    targets, weights, importance, squared = questions
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    known = np.flatnonzero(np.bincount(words.ravel(), minlength=len(vectors)) >= KNOWN_FROM)
    known = known[known != PADDING]
    place = np.full(len(vectors), UNKNOWN)
    place[PADDING], place[known] = PADDING, np.arange(len(known)) + 2
    network = _Network(np.concatenate([np.zeros((2, SIZE)), vectors[known]]), targets.shape[1])
    optimiser = torch.optim.Adam(network.parameters(), lr=RATE, betas=(0.9, 0.99))
    steps = EPOCHS * len(_batches(words, random))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps + 1, pct_start=0.1)
    x, lengths = torch.tensor(place[words]), (words > 0).sum(1)
    y, w = torch.tensor(targets, dtype=torch.float32), torch.tensor(weights / weights.mean(0) * importance, dtype=torch.float32)
    for _ in range(EPOCHS):
        for rows in _batches(words, random):
            out = network(x[rows, :max(1, lengths[rows].max())])
            entropy = nn.functional.binary_cross_entropy_with_logits(out, y[rows], reduction="none")
            loss = (torch.where(torch.tensor(squared), (out - y[rows]) ** 2 / 2, entropy) * w[rows]).mean(0).sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return _export(network, place)


def _batches(words, random):
    """Rows of about the same length together."""
    lengths = (words > 0).sum(1)
    batches = []
    for rows in np.array_split(random.permutation(len(words)), len(words) // (20 * BATCH) + 1):
        rows = rows[np.argsort(lengths[rows], kind="stable")]
        batches += np.array_split(rows, len(rows) // BATCH + 1)
    return [batches[i] for i in random.permutation(len(batches))]


def _export(network, place):
    w = {name: value.detach().numpy() for name, value in network.named_parameters()}
    scale = np.quantile(np.abs(w["table"][UNKNOWN:]), 0.9999, axis=0) / 127
    table = np.clip(np.round(w["table"] / scale), -127, 127).astype(np.int8)
    table[PADDING] = 0
    return Convolution(table[place], w["filters.weight"] * scale[None, :, None].astype(np.float32), w["filters.bias"],
                       w["hidden.weight"].T, w["hidden.bias"], w["answers.weight"].T, w["answers.bias"])
