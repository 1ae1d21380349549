"""All texts in one list, what each column learns from which of them, and what the head is asked for."""

import re

import numpy as np
from scipy.special import expit, logit

import augmentation
import corpus

# How a text is read that is too long: parts at most, and what the first counts beside the highest of all.
PARTS = {"max": 256, "firstShare": 0.5}
OUTPUTS = ["TOXICITY", "PROFANITY", "IDENTITY_ATTACK"]
PROFANE_FROM = 1.2
# How much a text of each source counts when the head learns TOXICITY; scored comments count fully.
HEAD_WEIGHT = {"wiki": 1, "civil": 0.08, "davidson": 0.05, "edos": 0.03, "surge": 0.3, "templates": 0.02, "own": 0.2, "lexicon": 0.02}


class Everything:
    """Texts of all sources one after the other; NaN where a target is unknown."""

    def __init__(self, folder):
        self.sources = corpus.load(folder)
        terms = corpus.lexicon(folder)
        own, listed = list(augmentation.sentences()), list(augmentation.lexicon_sentences(terms))
        parts = [(name, source.texts) for name, source in self.sources.items()]
        parts += [("own", [text for text, _, _ in own]), ("lexicon", [text for text, _, _ in listed])]
        self.texts = [text for _, texts in parts for text in texts]
        self.source = np.concatenate([np.full(len(texts), name, dtype="U12") for name, texts in parts])
        extra = np.zeros(len(own) + len(listed), dtype=bool)
        self.held_out = np.concatenate([*(source.held_out for source in self.sources.values()), extra])
        self.toxicity = self._toxicity(own, listed)
        self.attack = self._attack(own)
        self.threat = self.of("edos", "threat")
        self.profane = profane(self.texts, terms)
        self.profane[self.rows("lexicon")] = [severity >= PROFANE_FROM for _, _, severity in listed]

    def rows(self, name, held_out=None):
        chosen = self.source == name
        return np.flatnonzero(chosen if held_out is None else chosen & (self.held_out == held_out))

    def of(self, name, target):
        """One source's target at its rows, NaN elsewhere."""
        values = np.full(len(self.texts), np.nan)
        values[self.rows(name)] = self.sources[name].targets[target]
        return values

    def _toxicity(self, own, listed):
        """TOXICITY as a logit: real where Perspective gave it, else where its annotators' verdicts lie on that scale."""
        s = {name: source.targets for name, source in self.sources.items()}
        by_source = {
            "wiki": logit(s["wiki"]["perspective"]),
            "civil": logit(0.15 + 0.7 * s["civil"]["toxic"]),
            "davidson": -2.2 + 3.2 * s["davidson"]["offensive"] + 0.6 * s["davidson"]["hate"],
            "edos": -1.6 + 1.2 * s["edos"]["sexist"] + 0.8 * s["edos"]["threat"] + 0.4 * s["edos"]["derogation"],
            "surge": -1.5 + 2.3 * s["surge"]["toxic"],
            "templates": -2.4 + 4.2 * s["templates"]["toxic"],
            "own": logit(np.array([value for _, value, _ in own])),
            "lexicon": np.array([value for _, value, _ in listed]),
        }
        values = np.zeros(len(self.texts))
        for name, part in by_source.items():
            values[self.rows(name)] = part
        return values

    def _attack(self, own):
        """An attack on an identity: hateful tweets, sexist posts, toxic templates, the project's own sentences."""
        values = np.full(len(self.texts), np.nan)
        values[self.rows("davidson")] = self.sources["davidson"].targets["is_hate"]
        values[self.rows("edos")] = self.sources["edos"].targets["sexist"]
        values[self.rows("templates")] = self.sources["templates"].targets["toxic"]
        values[self.rows("own")] = [attack for _, _, attack in own]
        return values


def profane(texts, terms):
    """Whether a text holds, as a word, a term of the profanity list of severity PROFANE_FROM and more."""
    worst = sorted({re.escape(term.lower()) for term, severity, _ in terms if severity >= PROFANE_FROM}, key=len, reverse=True)
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(worst) + r")(?!\w)")
    return np.array([pattern.search(text.lower()) is not None for text in texts], dtype=np.float64)


def columns(data):
    """name -> (target, weight per row, alpha, which n-grams, tolerance of the solver)."""
    def at(*names):
        return np.isin(data.source, names).astype(np.float64)

    wiki, toxicity = at("wiki"), data.toxicity
    broad = 0.5 * at("civil", "edos", "davidson") + at("surge") + 0.05 * at("templates") + 0.3 * at("own") + 0.1 * at("lexicon")
    attack = np.nan_to_num(data.attack)
    return {
        "perspective": (toxicity, wiki, 0.3, "all", 2e-3),
        "perspective of chars": (toxicity, wiki, 0.3, "chars", 2e-3),
        "perspective of words": (toxicity, wiki, 0.5, "words", 2e-3),
        "perspective, mild": (np.minimum(toxicity, -2.0), wiki, 0.3, "all", 2e-3),
        "perspective, as probability": (10 * expit(toxicity), wiki, 0.3, "all", 2e-3),
        "perspective with own": (toxicity, wiki + 0.3 * at("surge", "own") + 0.03 * at("templates", "lexicon"), 0.5, "all", 5e-3),
        "broad": (toxicity, broad, 1.0, "all", 2e-2),
        "civil": (toxicity, at("civil", "surge"), 1.0, "all", 2e-2),
        "offensive": (toxicity, at("davidson"), 1.0, "all", 2e-2),
        "hate": (np.nan_to_num(data.of("davidson", "hate")), at("davidson"), 1.0, "all", 2e-2),
        "sexist": (np.nan_to_num(data.of("edos", "sexist")), at("edos"), 1.0, "all", 2e-2),
        "threat": (np.nan_to_num(data.threat), at("edos"), 1.0, "all", 2e-2),
        "templates": (attack, at("templates", "own"), 1.0, "all", 2e-2),
        "profane": (data.profane, at("wiki", "civil", "edos", "davidson", "lexicon", "surge"), 1.0, "all", 2e-2),
    }


def questions(data):
    """name -> (target, weight per row, importance, whether the target is a logit) of what the convolution learns at once."""
    def at(*names):
        return np.isin(data.source, names).astype(np.float64)

    def one(source, target, importance):
        return np.nan_to_num(data.of(source, target)), at(source), importance, False

    return {
        "perspective": (data.toxicity, at("wiki"), 3.0, True),
        "toxicity": (data.toxicity, np.array([HEAD_WEIGHT[s] for s in data.source]), 1.0, True),
        "label": one("wiki", "label", 0.5),
        "civil": one("civil", "toxic", 1.0),
        "offensive": one("davidson", "offensive", 1.0),
        "hate": one("davidson", "hate", 0.5),
        "sexist": one("edos", "sexist", 1.0),
        "surge": one("surge", "toxic", 0.5),
        "templates": one("templates", "toxic", 0.2),
        "own": ((data.toxicity > 0) * 1.0, at("own"), 0.3, False),
        "profane": (data.profane, 1 - at("templates"), 0.5, False),
    }
