"""The hashed n-gram featuriser of the bundled models, version 1: text -> ids of buckets.

The same laws are kept by shared/Inference/Tokenizers/HashedNgramTokenizer.cs; a golden file proves that both give
identical ids. Change one and the version rises.

1. The text is read as UTF-16; a lone surrogate is U+FFFD. Every code point is folded by folding.txt (accents, width, fancy letters, capitals outside
   ASCII; marks and invisible characters are dropped). Then the text is cut, left to right, into units:
   - `<url>`: `http://`, `https://` or `www.` and all up to white space; `<user>`: `@` and a name;
   - a word: letters and digits of any script; an apostrophe inside is dropped; any of `*$@!` between letters stays;
   - one ideograph or kana; a symbol, or a run of the same symbol, written once or (two and more) twice.
2. Of a word the first 64 code points count. ASCII is lowered. With `deobfuscate`, `@$!013457` between the first and last
   ASCII letter become `asioieast` (sh1t, b!tch, a$$hole). A word of ASCII digits alone becomes zeros, or with
   `foldNumbers` off stays as it is. In every other word runs of three and more of one character become two.
3. Per unit, in order: its n-grams of units for each n from words.min to words.max that end here; with `skips` the pair
   with the unit before the previous; with `capitals` the unit `<caps>` for a word with two ASCII capitals and no small
   letter; for a word the n-grams of `<word>` in code points, by start, then by length from chars.min to chars.max.
4. A hash is FNV-1a over code points (32 bits), seeded per kind, finished by murmur3's mixer; its bucket is
   `hash * buckets >> 32`. Id 0 is padding, words own 1..words.buckets, chars the range after them. Nothing is deduplicated.
   After `maxFeatures` ids the rest is cut and said to be truncated.
"""

import dataclasses
import json
import pathlib
import re

import numpy as np

VERSION = 1
MAX_WORD = 64
PADDING = 0

_FOLDING = pathlib.Path(__file__).resolve().parents[2] / "shared/Inference/Tokenizers/folding.txt"
_PRIME, _BASIS, _MASK = 16777619, 2166136261, 0xFFFFFFFF
_SKIP_SEED, _CHARS_SEED = 0x5BD1E995, 0x9E3779B9

_SPACE = "\\x00-\\x20\\x7f-\\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_IDEOGRAPH = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SYMBOL = ("!-/:-@\\[-`{-~\xa1-\xbf\xd7\xf7\u2010-\u2027\u2030-\u205e\u20a0-\u20cf\u2100-\u2bff\u2e00-\u2e7f\u3001-\u303f"
           "\ue000-\uf8ff\ufe10-\ufe1f\ufe30-\ufe6f\uff00-\uffef\U0001f000-\U0001faff")
_LETTER = f"[^{_SPACE}{_IDEOGRAPH}{_SYMBOL}]"
_UNIT = re.compile(
    f"(?P<url>(?:[hH][tT][tT][pP][sS]?://|[wW][wW][wW]\\.)[^{_SPACE}]+)"
    "|(?P<user>@[A-Za-z0-9_][A-Za-z0-9_.\\-]*)"
    f"|(?P<word>{_LETTER}(?:{_LETTER}|'(?={_LETTER})|[*$@!]+(?={_LETTER}))*)"
    f"|(?P<ideograph>[{_IDEOGRAPH}])"
    f"|(?P<symbol>[{_SYMBOL}])(?P=symbol)*")
_RUN = re.compile(r"(.)\1{2,}", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_PLAIN = str.maketrans("@$!013457", "asioieast")
_ASCII_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_ASCII_LETTER = re.compile("[a-z]")


@dataclasses.dataclass(frozen=True)
class NgramOptions:
    """What `ngrams.json` of a model folder says."""

    words_min: int = 1
    words_max: int = 2
    words_buckets: int = 65536
    chars_min: int = 3
    chars_max: int = 5
    chars_buckets: int = 65536
    max_features: int = 1024
    skips: bool = False
    capitals: bool = True
    deobfuscate: bool = True
    fold_numbers: bool = True

    @property
    def vocabulary_size(self):
        """Rows of the model's table: the padding row, words, chars."""
        return 1 + self.words_buckets + self.chars_buckets

    def to_json(self):
        return {
            "type": "hashed-ngrams", "version": VERSION, "maxFeatures": self.max_features,
            "words": {"min": self.words_min, "max": self.words_max, "buckets": self.words_buckets, "skips": self.skips},
            "chars": {"min": self.chars_min, "max": self.chars_max, "buckets": self.chars_buckets},
            "capitals": self.capitals, "deobfuscate": self.deobfuscate, "foldNumbers": self.fold_numbers,
        }

    @staticmethod
    def from_json(value):
        if value["type"] != "hashed-ngrams" or value["version"] != VERSION:
            raise ValueError(f"not hashed-ngrams version {VERSION}")
        words, chars = value["words"], value["chars"]
        return NgramOptions(words["min"], words["max"], words["buckets"], chars["min"], chars["max"], chars["buckets"],
                            value["maxFeatures"], words["skips"], value["capitals"], value["deobfuscate"],
                            value.get("foldNumbers", True))

    def write(self, path):
        pathlib.Path(path).write_text(json.dumps(self.to_json(), indent=2) + "\n", encoding="utf-8")


def load_folding(path=_FOLDING):
    """The folding table as `str.translate` takes it: code point -> code point, or None where it is dropped."""
    table = {}
    for line in pathlib.Path(path).read_text(encoding="ascii").splitlines():
        start, count, target = line.split(" ")
        for offset in range(int(count, 16)):
            table[int(start, 16) + offset] = None if target == "-" else int(target, 16) + offset
    return table


def _fnv(state, codes):
    for code in codes:
        state = ((state ^ code) * _PRIME) & _MASK
    return state


def _finish(hashes):
    """murmur3's 32-bit mixer over an array of uint64 that hold 32-bit hashes."""
    h = hashes
    h = h ^ (h >> np.uint64(16))
    h = (h * np.uint64(0x85EBCA6B)) & np.uint64(_MASK)
    h = h ^ (h >> np.uint64(13))
    h = (h * np.uint64(0xC2B2AE35)) & np.uint64(_MASK)
    return h ^ (h >> np.uint64(16))


def _join(first, second):
    """The hash of two neighbours; order counts."""
    return (((first * 0x01000193 + 0x9E3779B9) & _MASK) ^ second) * 0x85EBCA6B & _MASK


class HashedNgrams:
    """Gives texts their ids. Keeps what it learnt about each word, so that a corpus costs little."""

    def __init__(self, options):
        self.options = options
        self._folding = load_folding()
        self._words = {}
        self._caps = _fnv(_BASIS, map(ord, "<caps>"))

    @property
    def capitals_id(self):
        """The id of `<caps>`."""
        return self._bucket([self._caps], self.options.words_buckets, 1)[0]

    def units(self, text):
        """Yields (unit, is a word, is in capitals)."""
        if _SURROGATE.search(text):
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        if not text.isascii():
            text = text.translate(self._folding)
        for match in _UNIT.finditer(text):
            kind = match.lastgroup
            if kind == "word":
                raw = match.group()[:MAX_WORD]
                yield self._word(raw), True, _in_capitals(raw)
            elif kind == "symbol":
                yield match.group()[:2], False, False
            else:
                yield match.group() if kind == "ideograph" else f"<{kind}>", False, False

    def _word(self, raw):
        word = raw.translate(_ASCII_LOWER).replace("'", "")
        if word.isascii() and word.isdigit():
            if not self.options.fold_numbers:
                return word
            word = "0" * len(word)
        elif self.options.deobfuscate:
            word = _deobfuscate(word)
        return _RUN.sub(r"\1\1", word)

    def _hashes(self, unit, is_word):
        """The unit's own hash and the finished ids of its n-grams of code points."""
        known = self._words.get((unit, is_word))
        if known is None:
            known = self._words[unit, is_word] = (_fnv(_BASIS, map(ord, unit)), self._char_ids(unit) if is_word else [])
        return known

    def _char_ids(self, word):
        o, codes, hashes = self.options, [ord(c) for c in f"<{word}>"], []
        for start in range(len(codes)):
            state = _BASIS ^ _CHARS_SEED
            for length, code in enumerate(codes[start:start + o.chars_max], 1):
                state = ((state ^ code) * _PRIME) & _MASK
                if length >= o.chars_min:
                    hashes.append(state)
        return self._bucket(hashes, o.chars_buckets, 1 + o.words_buckets)

    @staticmethod
    def _bucket(hashes, buckets, first):
        finished = _finish(np.array(hashes, dtype=np.uint64))
        return ((finished * np.uint64(buckets)) >> np.uint64(32)).astype(np.int64).__add__(first).tolist()

    def encode(self, text):
        """(ids as an int32 array of at most max_features, whether anything was cut)."""
        ids, truncated, _ = self._encode(self.units(text))
        return ids, truncated

    def encode_parts(self, text, most):
        """The ids of a text part by part, each from the unit on at which the one before was half full; at most so many parts."""
        units, parts, truncated = list(self.units(text)), [], True
        while truncated and len(parts) < most:
            ids, truncated, following = self._encode(units)
            parts.append(ids)
            units = units[following:]
        return parts

    def _encode(self, units):
        o, following, at = self.options, 0, -1
        own, places, ids, before = [], [], [], []
        for at, (unit, is_word, capitals) in enumerate(units):
            if not following and at > 0 and len(ids) >= o.max_features // 2:
                following = at
            hash_, chars = self._hashes(unit, is_word)
            before.append(hash_)
            state = 0
            for n in range(1, min(o.words_max, len(before)) + 1):
                state = hash_ if n == 1 else _join(before[-n], state)
                if n >= o.words_min:
                    self._place(own, places, ids, state)
            if o.skips and len(before) > 2:
                self._place(own, places, ids, _join(before[-3] ^ _SKIP_SEED, hash_))
            if o.capitals and capitals:
                self._place(own, places, ids, self._caps)
            ids.extend(chars)
            if len(ids) > o.max_features:
                break
        if own:
            for place, id_ in zip(places, self._bucket(own, o.words_buckets, 1)):
                ids[place] = id_
        return np.array(ids[:o.max_features], dtype=np.int32), len(ids) > o.max_features, following or at + 1

    @staticmethod
    def _place(own, places, ids, hash_):
        own.append(hash_)
        places.append(len(ids))
        ids.append(PADDING)

    def encode_all(self, texts):
        """(all ids one after the other, where each text starts, with the end last): what an embedding bag takes."""
        encoded = [self.encode(text)[0] for text in texts]
        offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
        np.cumsum([len(ids) for ids in encoded], out=offsets[1:])
        return np.concatenate(encoded) if encoded else np.zeros(0, np.int32), offsets


def _deobfuscate(word):
    letters = [m.start() for m in _ASCII_LETTER.finditer(word)]
    if len(letters) < 2:
        return word
    first, last = letters[0], letters[-1]
    return word[:first] + word[first:last].translate(_PLAIN) + word[last:]


def _in_capitals(raw):
    capitals = sum("A" <= c <= "Z" for c in raw)
    return capitals >= 2 and not any("a" <= c <= "z" for c in raw)
