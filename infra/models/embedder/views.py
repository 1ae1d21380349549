"""Views of a text: some of its words left out, some replaced by synonyms or broader words, from hardly any to most."""

import re

_FUNCTION_WORDS = frozenset(
    "a an the of in on at to for and or is are was were be been i you he she it they we that this with as by from not have "
    "has had do does did but if so my your his her its their our me him them us will would can could no there what who".split())
_BROADER = ("@", "@i", "&")


class ViewMaker:
    def __init__(self, wordnet, random):
        self._wordnet, self._random = wordnet, random
        self._choices = {}

    def view(self, text):
        dropped, swapped = self._random.uniform(0, 0.6), self._random.uniform(0, 0.5)
        kept = []
        for word in text.split():
            if self._random.random() < dropped:
                continue
            bare = re.sub(r"^\W+|\W+$", "", word).lower()
            swap = bare not in _FUNCTION_WORDS and self._random.random() < swapped
            kept.append(self._other_word(bare) if swap else word)
        return " ".join(kept) or text

    def _other_word(self, word):
        if word not in self._choices:
            senses = self._wordnet.senses(word)
            self._choices[word] = (list(senses), list(senses.values()))
        keys, shares = self._choices[word]
        if not keys:
            return word
        key = self._random.choices(keys, shares)[0]
        synset = self._wordnet.synsets[key]
        broader = [self._wordnet.synsets[other] for relation, other in synset["pointers"] if relation in _BROADER]
        if self._random.random() < 0.25 and broader:
            synset = self._random.choice(broader)
        lemma = self._random.choice(synset["lemmas"])
        plural = key[0] == "n" and word.endswith("s") and len(word) > 3 and not lemma.endswith("s")
        return lemma + "s" if plural else lemma
