"""Sentences written by the project, to teach what the files do not: identities in neutral sentences, negation, quoting,
everyday posts, and the terms of the profanity list in plain frames. Each comes with the TOXICITY it should get."""

import re

IDENTITIES = """gay lesbian bisexual transgender trans queer lgbt straight heterosexual homosexual nonbinary black white asian
african american mexican latino hispanic indian chinese japanese arab european canadian native muslim jewish christian catholic
protestant buddhist sikh hindu taoist atheist deaf blind paralyzed disabled autistic old young elderly teenage millenial female
male feminist immigrant refugee""".split()

NEUTRAL = ["I am a {} person", "my neighbour is {}", "she is a {} writer from our town", "proud to be {}", "the {} community",
           "a {} man opened the bakery", "{} people deserve the same rights", "our team has three {} engineers", "{}",
           "as a {} woman I liked this film", "he grew up in a {} family", "happy for my {} friends", "hug {}",
           "{} history month starts today", "the {} choir sang well", "is this cafe welcoming to {} guests?"]
HOSTILE = ["I hate {} people", "{} people are disgusting", "all {} people are stupid", "get rid of every {} person",
           "you filthy {}", "kill all {} people", "{} people are vermin", "dirty {} scum", "die {}"]

INSULTS = "stupid idiotic dumb pathetic disgusting ugly worthless a_moron an_idiot a_loser a_liar an_ass a_clown trash".split()
CALLED = ["you are {}", "you're {}", "he is {}", "they are all {}", "what {} people", "{}", "shut up, you are {}"]
NEGATED = ["you are not {}", "nobody here is {}", "I never said you are {}", "he isn't {}", "it is wrong to call anyone {}"]
QUOTED = ['he called me "{}" and it hurt', 'the word "{}" was removed from the page', 'they shouted "{}" at her, report it']

EVERYDAY = ["good morning everyone", "thanks for sharing this", "what time does the train leave?", "I love this song",
            "happy birthday!", "new post on the blog", "the weather is lovely today", "see you tomorrow", "not bad at all",
            "this is not good news", "I disagree, but I see your point", "great game last night", "that movie killed me, so funny",
            "my cat is asleep on the keyboard", "reading on the porch", "does anyone know a good dentist?", "lol same",
            "congratulations on the new job", "this bug is killing me", "I'm dying of laughter", "what a shot", "wow", "ok"]
THREATS = ["I will kill you", "I'll kill him", "kill yourself", "die", "you will die for this", "I will hurt you", "I'll find you",
           "I hope you die", "someone should shoot you", "he deserves to be shot", "murder him"]
FRAMES = [("{}", 0.0), ("you {}", 0.4), ("what a {}", 0.2), ("this is {}", -0.3)]


def sentences():
    """Yields (text, TOXICITY, whether an attack on an identity)."""
    for identity in IDENTITIES:
        yield from ((frame.format(identity), 0.08, False) for frame in NEUTRAL)
        yield from ((frame.format(identity), 0.88, True) for frame in HOSTILE)
    for insult in (i.replace("_", " ") for i in INSULTS):
        yield from ((frame.format(insult), 0.85, False) for frame in CALLED)
        yield from ((frame.format(insult), 0.40, False) for frame in NEGATED)
        yield from ((frame.format(insult), 0.35, False) for frame in QUOTED)
    yield from ((text, 0.03, False) for text in EVERYDAY)
    yield from ((text, 0.85, False) for text in THREATS)


def lexicon_sentences(terms):
    """Yields (text, TOXICITY as a logit, severity) of the profanity list's terms in plain frames."""
    for term, severity, _ in terms:
        for frame, shift in FRAMES:
            yield frame.format(term), 1.6 * (severity - 1.2) + shift, severity
        masked = _mask(term)
        if masked != term:
            yield from ((frame.format(masked), 1.6 * (severity - 1.2) + shift, severity) for frame, shift in FRAMES)


def _mask(term):
    """The first vowel inside a word of four letters and more written as an asterisk."""
    return re.sub(r"^([a-z]+?)[aeiou](?=[a-z])", r"\1*", term) if len(term) >= 4 and term.isalpha() else term
