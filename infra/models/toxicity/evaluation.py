"""Measures a model on texts it has not seen, once, and writes what the C# tests compare with."""

import json
import pathlib

import numpy as np
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from corpus import clean
from targets import PARTS

IDENTITIES = ["gay", "lesbian", "bisexual", "transgender", "queer", "straight", "black", "white", "asian", "african american",
              "mexican", "muslim", "jewish", "christian", "buddhist", "atheist", "deaf", "blind", "old", "female", "male"]
FAILURES = {
    "negation": ["You are not stupid at all.", "You are stupid."],
    "reclaimed slurs": ["so happy with all my queer friends tonight", "we're here, we're queer, get used to it"],
    "quoting": ['She was called a "stupid bitch" by a stranger and reported it.',
                "He wrote that women are idiots; that is false and unkind."],
    "idiom": ["that film was so good it killed me", "damn, that is a beautiful goal"],
    "no bad word": ["People like you should not be allowed to breathe.", "Go back to where you came from."],
}
GOLDEN = ["Thank you for the careful review, I have fixed the reference.", "You are a stupid idiot and nobody likes you.",
          "what a f*cking moron", "Good morning from the harbour! 🌊", "I am a gay man and I teach mathematics.", "I will kill you",
          "Shut up, you pathetic loser!!!", "The committee meets on Tuesday.", "this is bullshit", "水車が回る", "see https://example.org",
          "My Muslim neighbours brought us soup.", "The committee meets on Tuesday. " * 30 + "you stupid idiot"]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class Scorer:
    """Reads a text that is too long for the model in parts, as labels.json says; `parts=1` reads the first alone."""

    def __init__(self, model, featuriser, parts=PARTS["max"]):
        self.model, self.featuriser, self.parts = model, featuriser, parts

    def logits(self, texts):
        parts = [self.featuriser.encode_parts(text, self.parts) for text in texts]
        starts = np.cumsum([0] + [len(some) for some in parts])
        flat = [ids for some in parts for ids in some]
        offsets = np.cumsum([0] + [len(ids) for ids in flat])
        logits = self.model.logits(self.model.features(np.concatenate(flat), offsets))
        highest = np.maximum.reduceat(logits, starts[:-1])
        return PARTS["firstShare"] * logits[starts[:-1]] + (1 - PARTS["firstShare"]) * highest

    def __call__(self, texts):
        return sigmoid(self.logits(texts))


def measure(model, featuriser, data, folder):
    """All figures of the card."""
    score = Scorer(model, featuriser)
    held = {name: data.rows(name, held_out=True) for name in data.sources}
    got = {name: score([data.texts[i] for i in rows]) for name, rows in held.items()}
    truth = {name: source.part(True).targets for name, source in data.sources.items()}
    real, mine = truth["wiki"]["perspective"], got["wiki"][:, 0]
    return {
        "TOXICITY": {
            "spearman with Perspective, held-out comments": spearmanr(mine, real)[0],
            "AUC at Perspective >= 0.5, held-out comments": auc(real >= 0.5, mine),
            "AUC of a human's label, held-out comments": auc(truth["wiki"]["label"], mine),
            "AUC offensive, held-out davidson tweets": auc(truth["davidson"]["is_offensive"], got["davidson"][:, 0]),
            "AUC toxic, held-out surge comments": auc(truth["surge"]["toxic"], got["surge"][:, 0]),
            "AUC toxic, held-out identity-templates": auc(truth["templates"]["toxic"], got["templates"][:, 0]),
            **_elsewhere(score, pathlib.Path(folder) / "offensive-val.jsonl"),
        },
        "PROFANITY": {f"AUC of a listed term, held-out {name}": auc(data.profane[held[name]], got[name][:, 1])
                      for name in ("wiki", "civil", "davidson", "edos")},
        "IDENTITY_ATTACK": {
            "AUC hate, held-out davidson tweets": auc(truth["davidson"]["is_hate"], got["davidson"][:, 2]),
            "AUC sexist, held-out edos posts": auc(truth["edos"]["sexist"], got["edos"][:, 2]),
            "AUC toxic, held-out identity-templates": auc(truth["templates"]["toxic"], got["templates"][:, 2])},
        "long": _long(model, featuriser, data, held, got, truth),
        "calibration": calibration_table(mine, real),
        "identities": _identities([data.texts[i] for i in held["templates"]], truth["templates"]["toxic"], got["templates"]),
        "failures": {kind: [[text, *np.round(score([text])[0], 2).tolist()] for text in texts] for kind, texts in FAILURES.items()},
    }


def auc(labels, scores):
    return float(roc_auc_score(np.asarray(labels) >= 0.5, scores))


def _elsewhere(score, path):
    """Tweets that no training saw and whose licence allows measuring only; left out where the file is absent."""
    if not path.exists():
        return {}
    with open(path, encoding="utf-8") as f:
        rows = [json.loads(line) for line in f]
    return {"AUC offensive, TweetEval validation tweets": auc([r["label"] for r in rows], score([clean(r["text"]) for r in rows])[:, 0])}


def calibration_table(mine, real):
    """Per threshold: how many held-out comments Perspective and the model put above it, and how often both agree."""
    return [[t, int((real >= t).sum()), int((mine >= t).sum()), float(((real >= t) == (mine >= t)).mean())]
            for t in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)]


def _long(model, featuriser, data, held, got, truth):
    """Held-out comments that do not fit into one part: by their first part alone, and as they are scored."""
    first, rows = Scorer(model, featuriser, parts=1), []
    for name, what, target in (("wiki", "Perspective", "perspective"), ("civil", "annotators", "toxic")):
        cut = np.array([featuriser.encode(data.texts[i])[1] for i in held[name]])
        real = truth[name][target][cut]
        alone = first([data.texts[i] for i in held[name][cut]])[:, 0]
        for how, mine in (("first part alone", alone), ("all parts", got[name][cut, 0])):
            rows.append([name, what, int(cut.sum()), how, spearmanr(mine, real)[0], auc(real >= 0.5, mine), int((real >= 0.5).sum()), int((mine >= 0.5).sum())])
    return rows


def _identities(texts, toxic, scores):
    """Per identity term: held-out templates with it, AUC inside them, mean TOXICITY of the neutral ones."""
    rows = []
    for identity in IDENTITIES:
        chosen = np.array([f" {identity} " in f" {text.lower()} " for text in texts])
        inside = toxic[chosen]
        if chosen.sum() >= 30 and 0 < inside.sum() < len(inside):
            neutral = scores[chosen][inside < 0.5]
            rows.append([identity, int(chosen.sum()), auc(inside, scores[chosen][:, 0]), *neutral[:, [0, 2]].mean(0).tolist()])
    return rows


def golden(model, featuriser):
    """Texts and their probabilities by the numpy forward pass."""
    return [{"text": text, "probabilities": np.round(row, 6).tolist()} for text, row in zip(GOLDEN, Scorer(model, featuriser)(GOLDEN))]
