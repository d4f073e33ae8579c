# SPDX-License-Identifier: GPL-2.0-or-later
"""Streams from frames, and frames changed in one place; the vectors made so far."""
import copy
import struct

import wire

vectors = {}


def stream(frames, role=wire.SENDER, **preface):
    out = wire.preface(role, **preface)
    for number, f in enumerate(frames):
        changes = dict(f[2]) if len(f) > 2 else {}
        out += wire.frame(f[0], f[1], changes.pop("number", number), **changes)
    return out


def ok(name, data, story, status=0, role="sender"):
    vectors["ok-" + name] = (data, role, str(status) if role == "sender" else "-", "-", "-", story)


def bad(name, data, story, said, by="stream", status="1,3", role="sender"):
    vectors["should-fail-" + name] = (data, role, status if role == "sender" else "-", by, said, story)


def find(frames, kind, nth=0):
    return [i for i, f in enumerate(frames) if f[0] == kind][nth]


def patched(frames, kind, at, fmt, value, nth=0):
    """FRAMES with a field of a payload changed; CRCs fit."""
    out = copy.deepcopy(frames)
    i = find(out, kind, nth)
    payload = bytearray(out[i][1])
    struct.pack_into(fmt, payload, at, value)
    out[i][1] = bytes(payload)
    return out


def replaced(frames, kind, payload, nth=0):
    out = copy.deepcopy(frames)
    out[find(out, kind, nth)][1] = payload
    return out


def without(frames, kind, nth=0):
    out = copy.deepcopy(frames)
    del out[find(out, kind, nth)]
    return out


def inserted(frames, at, *more):
    out = copy.deepcopy(frames)
    out[at:at] = [list(m) for m in more]
    return out
