"""Writes the golden file that proves that C# and Python give every text the same ids.

`/usr/bin/python3 infra/models/make_golden_ngrams.py`; the sentences are the project's own. Texts are written as
lists of UTF-16 code units, so that lone surrogates survive every JSON reader.
"""

import json
import pathlib

from hashed_ngrams import HashedNgrams, NgramOptions

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "tests/Inference.Tests/Tokenizers/hashed-ngrams.golden.json"

OPTIONS = [
    NgramOptions(),
    NgramOptions(words_min=1, words_max=3, words_buckets=30011, chars_min=2, chars_max=4, chars_buckets=50021,
                 max_features=40, skips=True, capitals=False, deobfuscate=False),
    NgramOptions(words_min=2, words_max=4, words_buckets=1 << 20, chars_min=1, chars_max=6, chars_buckets=7,
                 max_features=2000, skips=True, fold_numbers=False),
]

TEXTS = [
    "", " ", "\t\r\n", "\x00\x01\x02", "a", "A", "AB", "1", "1984 and 7", "!", "!!", "!!!!!!!!", "...", "?!?!",
    "The mill wheel turns as long as the water runs.",
    "THE WHEEL HAS STOPPED, SAID Nobody in PARTICULAR",
    "don't can't o'clock 'quoted' rock'n'roll dogs' ''",
    "Don\u2019t \u2018look\u2019 now \u2014 it\u2026 is \u201cfine\u201d",
    "f*ck this sh1t, you a$$hole! b!tch* *emphasis* $5 a@b 5h1t h1n1 covid19",
    "f**k f***k* *f* @@ @ a! !a a!b a'!b a!'b a'*b",
    "@someone.bsky.social thanks @you_2-! (@me) mail me@home.example",
    "see https://example.org/a?b=c#d, HTTP://EXAMPLE.ORG or www.example.org. www. http:// wwww.x httpx://y",
    "#HashTag #two_words snake_case kebab-case a/b c\\d e|f",
    "sooooo goooood yessss!!!! nooo \u00e9\u00e9\u00e9\u00e9",
    "na\u00efve caf\u00e9 cafe\u0301 \u00c5ngstr\u00f6m A\u030angstro\u0308m \u0130stanbul \u0131\u015f\u0131k Stra\u00dfe",
    "\uff26\uff35\uff2c\uff2c \uff37\uff29\uff24\uff34\uff28 \uff01\uff01 \u2460 \u24d0\u24d1 \ufb01ne \u00bd \u33a1",
    "\U0001d4ef\U0001d4ea\U0001d4f7\U0001d4ec\U0001d502 \U0001d5d5\U0001d5e2\U0001d5df\U0001d5d7 \U0001f170\U0001f171",
    "\U0001f600 \U0001f600\U0001f600\U0001f600 \U0001f44d\U0001f3fd \U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea \u2764\ufe0f\u2764",
    "\u6c34\u8eca\u304c\u56de\u308b \u30df\u30eb \u6c34\u6c34\u6c34 \u3002\u3001 \U00020000 \uf900",
    "\ubb3c\ub808\ubc29\uc544\uac00 \ub3c8\ub2e4",
    "\u0627\u0644\u0645\u0627\u0621 \u064a\u062c\u0631\u064a \u0645\u064e\u0627\u0621\u064c \u200f\u05de\u05d9\u05dd \u05de\u05b7\u05d9\u05b4\u05dd\u200e",
    "\u0412\u043e\u0434\u0430 \u0422\u0415\u0427\u0401\u0422 \u0399\u03a3\u03a4\u039f\u03a3 \u03ac \u1f00",
    "\u092a\u093e\u0928\u0940 \u0e19\u0e49\u0e33 \u1797\u17b6\u179f\u17b6",
    "zero\u200bwidth soft\u00adhyphen \u202eoverride\u202c z\u0334\u0335a\u0336l\u0337g\u0338o",
    "\ud83d lone \udc4d pair \ud83d\udc4d end \ud83d", "\ufffd \ufffe \uffff \ue000", "a\u00a0b\u2003c\u3000d\u2028e\x85f\x7fg",
    "x" * 200, "ab" * 100, "a" * 63 + "B!c", "\U0001d4ea" * 70, "don't" * 20, "0123456789" * 10, "w " * 1200,
    "The river carries what the town forgets, and the miller counts it twice. " * 12,
]


def main():
    cases = []
    for options in OPTIONS:
        featuriser = HashedNgrams(options)
        encoded = [featuriser.encode(text) for text in TEXTS]
        cases.append({"options": options.to_json(),
                      "expected": [{"truncated": bool(truncated), "ids": ids.tolist()} for ids, truncated in encoded]})
    units = [[int.from_bytes(text.encode("utf-16-be", "surrogatepass")[i:i + 2], "big") for i in range(0, len(text.encode("utf-16-be", "surrogatepass")), 2)]
             for text in TEXTS]
    GOLDEN.write_text(json.dumps({"texts": units, "cases": cases}, separators=(",", ":")) + "\n", encoding="ascii")
    print(GOLDEN, GOLDEN.stat().st_size)


if __name__ == "__main__":
    main()
