# SPDX-License-Identifier: GPL-2.0-or-later
"""A tiny kernel log of each era: the memory it needs, its VMCOREINFO keys, and the text that readers must print of it."""
import struct

RECORDS = ((0, "Linux version of a recipe"), (1500000000, "two lines\nin one record"), (90061000001, "the end"))


def text_of(caller):
    out = ""
    for ns, text in RECORDS:
        prefix = "[%5d.%06d] " % (ns // 10 ** 9, ns % 10 ** 9 // 1000) + ("[%8s] " % "T1" if caller else "")
        out += prefix + text.replace("\n", "\n" + " " * len(prefix)) + "\n"
    return out


def make(kind, machine):
    return {"prb": make_prb, "printk_log": make_records, "log": make_records, "bytes": make_bytes}[kind](kind, machine)


def make_prb(_, m):
    """The lockless ring of 5.10 and later: descriptors, infos, text, each in its own memory."""
    count_bits, size_bits = 3, 9
    ring = 1 << size_bits
    descs, infos, text = m.data(24 << count_bits), m.data(88 << count_bits), m.data(ring)
    at, first = {"": 0, "wrapped": 4 * ring - 64, "ring-end": 4 * ring - 72}[m.word("log", "")], 5
    for i, (ns, line) in enumerate(RECORDS):
        slot = (first + i) % (1 << count_bits)
        line = line.encode()
        block = 8 + (len(line) + 7) // 8 * 8
        fits = at % ring + block <= ring    # otherwise it begins here, but stands whole at the ring's start
        place = at % ring if fits else 0
        end = at + block if fits else (at // ring + 1) * ring + block
        m.put(text + place, struct.pack("<Q", first + i) + line)
        m.put(descs + 24 * slot, struct.pack("<QQQ", 2 << 62 | first + i, at, end))
        m.put(infos + 88 * slot, struct.pack("<QQHBBI", i, ns, len(line), 0, 0, 1))
        at = end
    rb = m.data(88)
    m.put(rb, struct.pack("<IIQQQQ", count_bits, 0, descs, infos, first + len(RECORDS) - 1, first))
    m.put(rb + 48, struct.pack("<IIQQQ", size_bits, 0, text, at, 0))
    prb, clear = m.data(8), m.data(24)
    m.put(prb, struct.pack("<Q", rb))
    m.log_text = text_of(True)
    return ["SYMBOL(prb)=%x" % prb, "SYMBOL(printk_rb_static)=%x" % rb, "SYMBOL(clear_seq)=%x" % clear] + """
SIZE(printk_ringbuffer)=88 OFFSET(printk_ringbuffer.desc_ring)=0 OFFSET(printk_ringbuffer.text_data_ring)=48
OFFSET(printk_ringbuffer.fail)=80 SIZE(prb_desc_ring)=48 OFFSET(prb_desc_ring.count_bits)=0 OFFSET(prb_desc_ring.descs)=8
OFFSET(prb_desc_ring.infos)=16 OFFSET(prb_desc_ring.head_id)=24 OFFSET(prb_desc_ring.tail_id)=32 SIZE(prb_desc)=24
OFFSET(prb_desc.state_var)=0 OFFSET(prb_desc.text_blk_lpos)=8 SIZE(prb_data_blk_lpos)=16 OFFSET(prb_data_blk_lpos.begin)=0
OFFSET(prb_data_blk_lpos.next)=8 SIZE(printk_info)=88 OFFSET(printk_info.seq)=0 OFFSET(printk_info.ts_nsec)=8
OFFSET(printk_info.text_len)=16 OFFSET(printk_info.caller_id)=20 OFFSET(printk_info.dev_info)=24 SIZE(dev_printk_info)=64
SIZE(prb_data_ring)=32 OFFSET(prb_data_ring.size_bits)=0 OFFSET(prb_data_ring.data)=8 OFFSET(prb_data_ring.head_lpos)=16
OFFSET(prb_data_ring.tail_lpos)=24 SIZE(atomic_long_t)=8 OFFSET(atomic_long_t.counter)=0 SIZE(latched_seq)=24
OFFSET(latched_seq.val)=8""".split()


def make_records(name, m):
    """3.5 to 5.9: records of different lengths in one buffer; first_idx and next_idx."""
    length = 1024
    buf, at = m.data(length), 0
    for ns, line in RECORDS:
        line = line.encode()
        size = (16 + len(line) + 7) // 8 * 8
        m.put(buf + at, struct.pack("<QHHHBB", ns, size, len(line), 0, 0, 0) + line)
        at += size
    pointer, buf_len, first, following = m.data(8), m.data(4), m.data(4), m.data(4)
    m.put(pointer, struct.pack("<Q", buf))
    m.put(buf_len, struct.pack("<I", length))
    m.put(following, struct.pack("<I", at))
    m.log_text = text_of(False)
    return ["SYMBOL(log_buf)=%x" % pointer, "SYMBOL(log_buf_len)=%x" % buf_len, "SYMBOL(log_first_idx)=%x" % first,
            "SYMBOL(clear_idx)=%x" % m.data(4), "SYMBOL(log_next_idx)=%x" % following, "SIZE(%s)=16" % name,
            "OFFSET(%s.ts_nsec)=0" % name, "OFFSET(%s.len)=8" % name, "OFFSET(%s.text_len)=10" % name,
            "OFFSET(%s.dict_len)=12" % name]


def make_bytes(_, m):
    """Before 3.5: the text itself."""
    text = "".join("<6>[%5d.%06d] %s\n" % (ns // 10 ** 9, ns % 10 ** 9 // 1000, t) for ns, t in RECORDS)
    buf, pointer, buf_len, end = m.data(1024), m.data(8), m.data(4), m.data(4)
    m.put(buf, text.encode())
    m.put(pointer, struct.pack("<Q", buf))
    m.put(buf_len, struct.pack("<I", 1024))
    m.put(end, struct.pack("<I", len(text)))
    m.log_text = text
    return ["SYMBOL(log_buf)=%x" % pointer, "SYMBOL(log_end)=%x" % end, "SYMBOL(log_buf_len)=%x" % buf_len,
            "SYMBOL(logged_chars)=%x" % m.data(4)]
