# SPDX-License-Identifier: GPL-2.0-or-later
"""Places in a C source where one small mistake can be made: conditions, comparisons, numbers."""
import re

TOKEN = re.compile(r"""
    (?P<skip>\s+|//[^\n]*|/\*.*?\*/|^\#[ \t]*(?:include|if|endif|else)[^\n]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
  | (?P<number>0[xX][0-9a-fA-F]+[uUlL]*|[0-9]+[uUlL]*)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<mark><<=|>>=|&&|\|\||==|!=|<=|>=|<<|>>|->|\+\+|--|[-+*/%&|^]=|.)
""", re.VERBOSE | re.DOTALL | re.MULTILINE)

CLOSE = {"(": ")", "[": "]", "{": "}"}
COMPARE = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}


class Token:
    def __init__(self, kind, text, start):
        self.kind, self.text, self.start, self.end = kind, text, start, start + len(text)


def tokens(source):
    return [Token(m.lastgroup, m.group(), m.start()) for m in TOKEN.finditer(source) if m.lastgroup != "skip"]


def closing(toks, i):
    """Index of the bracket that closes the one at I."""
    depth = []
    for k in range(i, len(toks)):
        if toks[k].text in CLOSE:
            depth.append(CLOSE[toks[k].text])
        elif depth and toks[k].text == depth[-1]:
            depth.pop()
            if not depth:
                return k
    raise ValueError("unbalanced brackets")


def split(toks, first, end, marks):
    """Index pairs of what lies between the given marks at the top level of [first, end)."""
    parts, start, i = [], first, first
    while i < end:
        if toks[i].text in CLOSE:
            i = closing(toks, i)
        elif toks[i].text in marks:
            parts.append((start, i))
            start = i + 1
        i += 1
    return parts + [(start, end)]


def operands(toks, first, end):
    """The operands of && and || in [first, end), those in brackets too, each as an index pair."""
    parts = split(toks, first, end, ("&&", "||"))
    if len(parts) > 1:
        for a, b in parts:
            yield from operands(toks, a, b)
    elif toks[first].text == "(" and closing(toks, first) == end - 1:
        yield from operands(toks, first + 1, end - 1)
    else:
        yield first, end


def conditions(toks):
    """Index pairs of whole conditions: of if and while, before a ?, and returned ones that are logical."""
    for i, t in enumerate(toks):
        if t.text in ("if", "while") and toks[i + 1].text == "(":
            yield i + 2, closing(toks, i + 1)
        elif t.text == "return" and toks[i + 1].text != ";":
            end = next(k for k in range(i, len(toks)) if toks[k].text == ";")
            head = split(toks, i + 1, end, ("?",))
            if len(head) > 1:
                yield head[0]
            elif is_logical(toks, i + 1, end):
                yield i + 1, end
        elif t.text == "=" and toks[i + 1].text != "{":
            end = next(k for k in range(i, len(toks)) if toks[k].text == ";")
            first, end = split(toks, i + 1, end, (",", "}"))[0]
            head = split(toks, first, end, ("?",))
            if len(head) > 1:
                yield head[0]
            elif is_logical(toks, first, end):
                yield first, end


def is_logical(toks, first, end):
    """Whether a value is a condition: by a comparison or a logical mark that no bracket hides."""
    return any(t.text in COMPARE or t.text in ("&&", "||", "!", "&") for a, b in split(toks, first, end, ())
               for t in outermost(toks, a, b))


def outermost(toks, first, end):
    while first < end:
        yield toks[first]
        first = closing(toks, first) + 1 if toks[first].text in CLOSE else first + 1


def number_changed(text, by):
    digits = text.rstrip("uUlL")
    value = int(digits, 0) + by
    return None if value < 0 else (hex(value) if digits.lower().startswith("0x") else str(value)) + text[len(digits):]


def mutants(source):
    """(line, what, mutated source) for each, in the order of the source."""
    toks = tokens(source)
    found = {}

    def add(start, end, text, what):
        found[(start, end, text)] = what

    for first, end in conditions(toks):
        spans = {(first, end), *operands(toks, first, end)}
        for a, b in spans:
            start, stop = toks[a].start, toks[b - 1].end
            add(start, stop, "!(" + source[start:stop] + ")", "negated")
    for i, t in enumerate(toks):
        if t.kind == "number":
            for by in (-1, 1):
                text = number_changed(t.text, by)
                if text:
                    add(t.start, t.end, text, "off by one")
        elif t.text in ("<", "<=", ">", ">="):
            add(t.start, t.end, COMPARE[t.text], "off by one")
        elif t.text in ("&&", "||"):
            add(t.start, t.end, "||" if t.text == "&&" else "&&", "and/or")
    for (start, end, text), what in sorted(found.items()):
        line = source.count("\n", 0, start) + 1
        was = " ".join(source[start:end].split())
        yield line, f"{what}: {was} -> {' '.join(text.split())}", source[:start] + text + source[end:]
