"""Reads the training files, cleans their texts and sets the held-out parts aside, always the same ones."""

import csv
import dataclasses
import html
import json
import pathlib
import re

import numpy as np

HELD_OUT = 0.2
SEED = 20261125

_ROW_NOISE = re.compile(r"^(?:\s*!*\s*RT\s+)+(?=@)")
_PLACEHOLDERS = (("[USER]", "@user"), ("[URL]", "http://t.co/x"))


@dataclasses.dataclass
class Source:
    """One file: its texts, its targets by name (NaN where unknown) and which rows are held out."""

    name: str
    texts: list
    targets: dict
    held_out: np.ndarray

    def part(self, held_out):
        rows = np.flatnonzero(self.held_out == held_out)
        return Source(self.name, [self.texts[i] for i in rows], {k: v[rows] for k, v in self.targets.items()}, self.held_out[rows])


def clean(text):
    """What the sources' own collectors put in: HTML entities, placeholders."""
    text = html.unescape(text)
    for placeholder, real in _PLACEHOLDERS:
        text = text.replace(placeholder, real)
    return text.strip()


def load(folder):
    folder = pathlib.Path(folder)
    return {s.name: s for s in (_wiki(folder), _civil(folder), _edos(folder), _davidson(folder), _surge(folder), _templates(folder))}


def lexicon(folder):
    """(term, severity 1-3, set of categories) of the profanity list."""
    with open(pathlib.Path(folder) / "surge-profanity.csv", encoding="utf-8") as f:
        return [(row["text"], float(row["severity_rating"]), {row[f"category_{i}"] for i in (1, 2, 3)} - {""})
                for row in csv.DictReader(f)]


def _source(name, texts, targets, held_out=None):
    if held_out is None:
        held_out = np.random.default_rng(SEED).random(len(texts)) < HELD_OUT
    return Source(name, [clean(t) for t in texts], {k: np.asarray(v, dtype=np.float64) for k, v in targets.items()}, held_out)


def _lines(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def _wiki(folder):
    rows = _lines(folder / "wiki-perspective.jsonl")
    return _source("wiki", [r["text"] for r in rows],
                   {"perspective": [r["perspective"] for r in rows], "label": [r["label"] for r in rows]})


def _civil(folder):
    rows = _lines(folder / "civil-comments.jsonl")
    return _source("civil", [r["text"] for r in rows], {"toxic": [r["toxicFraction"] for r in rows]})


def _edos(folder):
    rows = _lines(folder / "edos.jsonl")
    category = np.array([r["category"][0] for r in rows])
    return _source("edos", [r["text"] for r in rows], {
        "sexist": [r["sexist"] for r in rows], "threat": category == "1", "derogation": category == "2"},
        held_out=np.array([r["split"] == "test" for r in rows]))


def _davidson(folder):
    with open(folder / "davidson-tweets.csv", encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    count = np.array([float(r["count"]) for r in rows])
    return _source("davidson", [_ROW_NOISE.sub("", r["tweet"]) for r in rows], {
        "hate": np.array([float(r["hate_speech"]) for r in rows]) / count,
        "offensive": 1 - np.array([float(r["neither"]) for r in rows]) / count,
        "is_hate": [r["class"] == "0" for r in rows], "is_offensive": [r["class"] != "2" for r in rows]})


def _surge(folder):
    with open(folder / "surge-comments.csv", encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    return _source("surge", [r["text"] for r in rows], {"toxic": [r["is_toxic"] == "Toxic" for r in rows]})


def _templates(folder):
    rows = _lines(folder / "identity-templates.jsonl")
    return _source("templates", [r["text"] for r in rows], {"toxic": [r["toxic"] for r in rows]})
