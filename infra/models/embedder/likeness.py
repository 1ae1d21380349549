"""What the small table is to imitate: the likeness of texts in all dimensions, lexical and by meaning of their words."""

import pathlib
import sys

import numpy as np
import scipy.sparse as sparse

import word_vectors
from sources import words

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from hashed_ngrams import HashedNgrams, NgramOptions

MEANING_SHARE, TRIGRAM_SHARE = 0.65, 0.8


def options(word_buckets, char_buckets):
    """Single words and trigrams of characters; numbers stay as written, since likeness often hangs on them."""
    return NgramOptions(words_min=1, words_max=1, words_buckets=word_buckets, chars_min=3, chars_max=3,
                        chars_buckets=char_buckets, max_features=512, capitals=False, fold_numbers=False)


def counts(featuriser, texts):
    """Texts x buckets, sparse."""
    ids, starts = featuriser.encode_all(texts)
    return sparse.csr_matrix((np.ones(len(ids), np.float32), ids, starts), (len(texts), featuriser.options.vocabulary_size))


def weights(featuriser, texts):
    """What each bucket counts: powers of the inverse document frequency, 1 on average over the texts for words, and less
    for trigrams, of which a word has many."""
    found = counts(featuriser, texts)
    often, holding = np.asarray(found.sum(0)).ravel(), np.asarray((found > 0).sum(0)).ravel()
    rarity = np.log((len(texts) + 1) / (holding + 1))
    first_chars = 1 + featuriser.options.words_buckets
    for kind, power, share in ((slice(0, first_chars), 0.7, 1.0), (slice(first_chars, None), 1.0, TRIGRAM_SHARE)):
        rarity[kind] **= power
        rarity[kind] *= share ** 0.5 * often[kind].sum() / (often[kind] @ rarity[kind])
    return rarity.astype(np.float32)


class MeaningOfWords:
    """The two kinds of word vectors side by side: word -> vector, zeros for an unknown word."""

    def __init__(self, wordnet, texts):
        known = {word for text in texts for word in words(text)}
        known |= {word for synset in wordnet.synsets.values() for lemma in synset["lemmas"] for word in words(lemma)}
        first = sorted(word for word in known if wordnet.senses(word))
        second, near = word_vectors.from_neighbours(texts)
        kinds = ((first, word_vectors.from_wordnet(wordnet, first)), (second, near))
        self.words = sorted({*first, *second})
        self._rows = {word: row for row, word in enumerate(self.words)}
        self.vectors = np.zeros((len(self.words) + 1, len(kinds) * word_vectors.DIMENSIONS), np.float32)
        for number, (vocabulary, vectors) in enumerate(kinds):
            left = number * word_vectors.DIMENSIONS
            rows = [self._rows[word] for word in vocabulary]
            self.vectors[rows, left:left + word_vectors.DIMENSIONS] = vectors

    def row(self, word):
        return self._rows[word]

    def rows(self, text):
        """Row of each known word of the text; the last row of `vectors` is zeros."""
        return [(word, self._rows[word]) for word in words(text) if word in self._rows]


class Likeness:
    """Cosines of weighted words, trigrams and meanings together."""

    def __init__(self, meaning, texts):
        self._featuriser = HashedNgrams(options(1 << 20, 1 << 17))
        self._meaning = meaning
        self._weights = weights(self._featuriser, texts)
        self._of_word = {}

    def vectors(self, texts):
        """(lexical part, sparse; meaning part, dense); both together have length 1."""
        lexical = counts(self._featuriser, texts) @ sparse.diags(self._weights)
        meaning = np.zeros((len(texts), self._meaning.vectors.shape[1]), np.float32)
        for number, text in enumerate(texts):
            for word, row in self._meaning.rows(text):
                meaning[number] += MEANING_SHARE ** 0.5 * self.weight(word) * self._meaning.vectors[row]
        squares = np.asarray(lexical.multiply(lexical).sum(1)).ravel() + (meaning * meaning).sum(1)
        scale = (1 / np.sqrt(np.maximum(squares, 1e-9))).astype(np.float32)
        return (sparse.diags(scale) @ lexical).tocsr(), meaning * scale[:, None]

    def weight(self, word):
        if word not in self._of_word:
            ids, _ = self._featuriser.encode(word)
            self._of_word[word] = self._weights[ids[0]] if len(ids) else 0
        return self._of_word[word]
