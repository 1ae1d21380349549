"""The texts that the embedder learns from: comments under CC0, Apache-2.0 and MIT, and WordNet 3.0 (Debian's wordnet-base)."""

import collections
import csv
import json
import pathlib
import re

WORDNET = pathlib.Path("/usr/share/wordnet")
_COMMENT_FILES = ("wiki-perspective.jsonl", "civil-comments.jsonl", "edos.jsonl")
_POST_FILES = (("davidson-tweets.csv", "tweet"), ("surge-comments.csv", "text"))
_PARTS = (("noun", "n"), ("verb", "v"), ("adj", "a"), ("adv", "r"))
_PARTS_OF_SENSE_KEYS = {"1": "n", "2": "v", "3": "a", "4": "r", "5": "a"}
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_LETTERS_CHANGED = (
    ("s", "", "nv"), ("ses", "s", "n"), ("xes", "x", "n"), ("zes", "z", "n"), ("ches", "ch", "n"), ("shes", "sh", "n"),
    ("men", "man", "n"), ("ies", "y", "nv"), ("es", "e", "v"), ("es", "", "v"), ("ed", "e", "v"), ("ed", "", "v"),
    ("ied", "y", "v"), ("ing", "e", "v"), ("ing", "", "v"), ("er", "", "a"), ("er", "e", "a"), ("est", "", "a"),
    ("est", "e", "a"), ("ier", "y", "a"), ("iest", "y", "a"))


def words(text):
    """The words of a text, without possessive endings: what the word vectors are made for."""
    found = _WORD.findall(text.lower().replace("\u2019", "'"))
    return [word[:-2] if word.endswith("'s") else word for word in found]


def comments(folder):
    """Every text of the comment files, replies' parents included."""
    folder = pathlib.Path(folder) / "toxicity"
    texts = []
    for name in _COMMENT_FILES:
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            texts += [text for text in (row["text"], row.get("parent")) if text]
    for name, column in _POST_FILES:
        with open(folder / name, encoding="utf-8", newline="") as file:
            texts += [row[column] for row in csv.DictReader(file)]
    return texts


def sentences(texts, shortest=5, longest=30):
    """The distinct sentences of the texts whose length in words is within bounds, in a fixed order."""
    cut = (part for text in texts for part in re.split(r"(?<=[.!?])\s+|\n", text))
    return sorted({part for part in cut if shortest <= len(part.split()) <= longest})


class WordNet:
    """Synsets by key (part of speech and offset): `lemmas`, `gloss`, `examples`, `pointers` (relation, key)."""

    def __init__(self, folder=WORDNET):
        self.synsets = {}
        for name, part in _PARTS:
            for line in (folder / f"data.{name}").read_text(encoding="utf-8").splitlines():
                if not line.startswith("  "):
                    self._add(line, part)
        self.keys = list(self.synsets)
        self.ids = {key: number for number, key in enumerate(self.keys)}
        self._of_lemma = collections.defaultdict(list)
        for key, synset in self.synsets.items():
            for lemma in synset["lemmas"]:
                self._of_lemma[lemma].append(key)
        self._uses = self._read_uses(folder)
        self._irregular = self._read_irregular(folder)
        self._known = {}

    def _add(self, line, part):
        head, gloss = line.split("|", 1)
        fields = head.split()
        count = int(fields[3], 16)
        lemmas = [re.sub(r"\((a|p|ip)\)$", "", fields[4 + 2 * i]).lower().replace("_", " ") for i in range(count)]
        start = 4 + 2 * count
        pointers = [(fields[k], fields[k + 2].replace("s", "a") + fields[k + 1])
                    for k in range(start + 1, start + 1 + 4 * int(fields[start]), 4)]
        examples = re.findall(r'"([^"]+)"', gloss)
        plain = re.sub(r'"[^"]*"[^;]*', "", gloss)
        self.synsets[part + fields[0]] = {
            "lemmas": lemmas, "pointers": pointers, "examples": examples,
            "gloss": " ".join(piece.strip() for piece in plain.split(";") if piece.strip())}

    @staticmethod
    def _read_uses(folder):
        uses = {}
        for line in (folder / "index.sense").read_text(encoding="utf-8").splitlines():
            key, offset, rank, tagged = line.split()
            lemma, rest = key.split("%")
            uses[lemma.replace("_", " "), _PARTS_OF_SENSE_KEYS[rest[0]] + offset] = (int(rank), int(tagged))
        return uses

    @staticmethod
    def _read_irregular(folder):
        irregular = collections.defaultdict(set)
        for name, _ in _PARTS:
            for line in (folder / f"{name}.exc").read_text(encoding="utf-8").splitlines():
                form, *lemmas = line.replace("_", " ").split()
                irregular[form].update(lemmas)
        return irregular

    def senses(self, word):
        """Synset key -> share of the word's uses; inflected forms count as their lemmas."""
        if word not in self._known:
            self._known[word] = self._senses(word)
        return self._known[word]

    def _senses(self, word):
        weights, seen = collections.Counter(), set()
        for lemma, parts in self._lemmas(word):
            for key in self._of_lemma.get(lemma, ()):
                if key[0] in parts and (lemma, key) not in seen:
                    seen.add((lemma, key))
                    rank, tagged = self._uses.get((lemma, key), (5, 0))
                    weights[key] += tagged + 0.5 / rank
        total = sum(weights.values())
        return {key: weight / total for key, weight in weights.items()} if total else {}

    def _lemmas(self, word):
        yield word, "nvar"
        for lemma in sorted(self._irregular.get(word, ())):
            yield lemma, "nvar"
        for ending, instead, parts in _LETTERS_CHANGED:
            if word.endswith(ending) and len(word) - len(ending) >= 2:
                stem = word[:-len(ending)] + instead
                yield stem, parts
                if ending in ("ed", "ing") and len(stem) > 3 and stem[-1] == stem[-2]:
                    yield stem[:-1], "v"
