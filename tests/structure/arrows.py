#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may include whom, and who may use which part of the system: the arrows of docs/ARCHITECTURE.md."""
import re

from tree import done, files, read, report, without_comments

# Each room and the rooms that it may include; whatever those may include, it may too. A main may not.
ARROWS = {
    "common": (),
    "proto": ("common",),
    "pagecodec": ("proto",),
    "sender/vmcore": ("proto",),
    "sender/kernel": ("sender/vmcore",),
    "sender/filter": ("sender/kernel",),
    "sender/transport": ("proto",),
    "sender/dump": ("sender/filter", "sender/transport", "pagecodec"),
    "sender/cli": ("sender/dump",),
    "receiver/store": ("proto",),
    "receiver/kdump": ("pagecodec", "receiver/store"),
    "receiver/stream": ("receiver/kdump", "receiver/store"),
    "receiver/net": ("receiver/stream",),
    "receiver/cli": ("proto",),
}
MAINS = {
    "sender": ("sender/cli", "sender/dump", "proto", "common"),
    "receiver": ("receiver/cli", "receiver/net", "receiver/stream", "proto", "common"),
}
# System headers that stand for something only these may do: a room or a file.
ONLY = {
    r"sys/socket\.h|netdb\.h|netinet/.*|arpa/.*": ("sender/transport", "receiver/net"),
    r"event2/.*": ("receiver/net",),
    r"openssl/.*": ("common/tls.h", "common/tls.c", "common/tlswhy.c", "sender/transport", "sender/dump/entropy.c", "receiver/net"),
    r"libssh2.*": ("sender/transport",),
    r"poll\.h|sys/epoll\.h|sys/select\.h": ("sender/transport", "sender/dump/entropy.c", "receiver/net"),
    r"libelf\.h|gelf\.h": ("sender/vmcore/elf.c",),
    r"elf\.h": ("sender/vmcore", "sender/kernel"),
    r"setjmp\.h": ("sender/vmcore/guard.c",),
    r"sys/mman\.h": ("sender/vmcore/map.c", "receiver/store/io_nowhere.c", "sender/cli/passphrase.c",
                       "sender/transport/sshkeyfile.c"),
    r"lz4.*\.h": ("proto/codec_lz4.c",),
    r"xxhash\.h": ("proto/digest.c",),
    r"zstd\.h": ("proto/zstdframe.c",),
    r"libdeflate\.h|lzo/.*|snappy.*": ("pagecodec",),
    r"jansson\.h": ("receiver/store",),
    r"pthread\.h": ("sender/dump", "receiver/net"),
    r"getopt\.h": ("common/options.c",),
}
IO = r"unistd\.h|fcntl\.h|stdio\.h|poll\.h|sys/.*|netdb\.h|netinet/.*|event2/.*|signal\.h|time\.h|errno\.h"
# Files and rooms that do no I/O at all, whatever they include.
PURE = ("proto/", "sender/filter/classify.")


def reachable(room):
    out, todo = set(), list(ARROWS[room])
    while todo:
        r = todo.pop()
        if r not in out:
            out.add(r)
            todo += ARROWS[r]
    return out


def allowed(path):
    room = path.rsplit("/", 1)[0]
    if room in MAINS:
        return set(MAINS[room]) | {room}
    if room not in ARROWS:
        return None
    return reachable(room) | {room}


def includes(text):
    return re.findall(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', text, re.M)


def check_includes(path, text, wrong):
    rooms = allowed(path)
    if rooms is None:
        wrong["rooms"].append(path + " is in no room; docs/ARCHITECTURE.md and tests/structure/arrows.py name them all")
        return
    for kind, name in includes(text):
        if kind == '"':
            if "/" not in name:
                wrong["paths"].append('%s includes "%s": paths begin at the top of the tree' % (path, name))
            elif name.rsplit("/", 1)[0] not in rooms:
                wrong["arrows"].append("%s may not include %s" % (path, name))
            continue
        for pattern, users in ONLY.items():
            if re.fullmatch(pattern, name) and not any(path == u or path.startswith(u + "/") for u in users):
                wrong["system"].append("%s may not include <%s>, only %s" % (path, name, ", ".join(users)))
        if path.startswith(PURE) and re.fullmatch(IO, name):
            wrong["pure"].append("%s does no I/O and may not include <%s>" % (path, name))


def check_words(path, code, wrong):
    """A transport knows no page: not by its includes, and not by name."""
    if path.startswith("sender/transport/"):
        for m in re.finditer(r"\w*(?:pfn|page|window|vmcore)\w*", code, re.I):
            if not m[0].lower().startswith("libssh2_"):  # SSH has windows of its own
                wrong["words"].append("%s speaks of %s: a transport moves bytes" % (path, m[0]))
    if path.startswith("receiver/kdump/"):
        for m in re.finditer(r"\b\w*(?:socket|session|evbuffer)\w*\b", code, re.I):
            wrong["words"].append("%s speaks of %s: the dump file knows no network" % (path, m[0]))


def main():
    wrong = {k: [] for k in ("rooms", "paths", "arrows", "system", "pure", "words")}
    for path in files("common", "proto", "pagecodec", "sender", "receiver"):
        if path.endswith((".c", ".h")):
            text = read(path)
            check_includes(path, text, wrong)
            check_words(path, without_comments(re.sub(r"^\s*#\s*include.*$", "", text, flags=re.M)), wrong)
    report("every source file is in a room", wrong["rooms"])
    report("include paths begin at the top of the tree", wrong["paths"])
    report("includes follow the arrows", wrong["arrows"])
    report("sockets, threads, ELF and codecs are included where they belong", wrong["system"])
    report("proto and the page decision include nothing that does I/O", wrong["pure"])
    report("transports know no page, the dump file no socket", wrong["words"])


main()
done()
