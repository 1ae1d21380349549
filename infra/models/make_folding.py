"""Writes shared/Inference/Tokenizers/folding.txt: which code points the hashed n-gram featuriser folds to which.

The table travels with the project, so that two languages, or two versions of Unicode, never disagree about an id.
Run it only for a new version of the featuriser: `/usr/bin/python3 infra/models/make_folding.py`.

A line is `start count target` in hexadecimal (`start..start+count-1` become `target..`) or `start count -` (dropped).
"""

import pathlib
import sys
import unicodedata

TABLE = pathlib.Path(__file__).resolve().parents[2] / "shared/Inference/Tokenizers/folding.txt"

# Marks that sit on a letter, and characters that show nothing: an attack written with them reads as without them.
DROPPED = [
    (0x00AD, 0x00AD), (0x0300, 0x036F), (0x0591, 0x05BD), (0x05BF, 0x05BF), (0x05C1, 0x05C2), (0x05C4, 0x05C5),
    (0x061C, 0x061C), (0x0640, 0x0640), (0x064B, 0x065F), (0x0670, 0x0670), (0x180E, 0x180E), (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x2064), (0x2066, 0x206F), (0x20D0, 0x20FF),
    (0xFE00, 0xFE0F), (0xFE20, 0xFE2F), (0xFEFF, 0xFEFF), (0x1F3FB, 0x1F3FF), (0xE0000, 0xE01EF),
]
WRITTEN_OUT = {0x2018: "'", 0x2019: "'", 0x201A: "'", 0x201B: "'", 0x02BC: "'", 0x02B9: "'", 0x2032: "'", 0xFF07: "'",
               0x201C: '"', 0x201D: '"', 0x201E: '"', 0x201F: '"', 0x00AB: '"', 0x00BB: '"',
               0x2010: "-", 0x2011: "-", 0x2012: "-", 0x2013: "-", 0x2014: "-", 0x2015: "-", 0x2212: "-", 0x2026: "."}


def is_dropped(code):
    return any(low <= code <= high for low, high in DROPPED)


def fold(code):
    """The one code point that `code` reads as; None where it is itself or would be several."""
    if code in WRITTEN_OUT:
        return ord(WRITTEN_OUT[code])
    parts = [c for c in unicodedata.normalize("NFKD", chr(code)) if not is_dropped(ord(c))]
    if len(parts) != 1 or unicodedata.category(parts[0]) == "Zs":
        return None
    # ASCII keeps its case: the featuriser counts words in capitals before it lowers them.
    result = parts[0] if parts[0].isascii() else parts[0].lower()
    return ord(result) if len(result) == 1 and ord(result) != code else None


def runs(pairs):
    """Neighbours with neighbouring targets, or all dropped, as one line."""
    start = count = target = None
    for code, to in pairs:
        follows = start is not None and code == start + count and (to == target if to is None else target is not None and to == target + count)
        if follows:
            count += 1
            continue
        if start is not None:
            yield start, count, target
        start, count, target = code, 1, to
    yield start, count, target


def pairs():
    for code in range(0x80, 0xE01F0):
        if 0xD800 <= code <= 0xF8FF or 0x20000 <= code < 0xE0000:
            continue
        if is_dropped(code):
            yield code, None
        elif (to := fold(code)) is not None:
            yield code, to


def main():
    lines = [f"{start:X} {count:X} {'-' if to is None else f'{to:X}'}" for start, count, to in runs(pairs())]
    TABLE.write_text("\n".join(lines) + "\n", encoding="ascii")
    print(f"{TABLE}: {len(lines)} lines, Unicode {unicodedata.unidata_version}", file=sys.stderr)


if __name__ == "__main__":
    main()
