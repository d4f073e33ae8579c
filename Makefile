# SPDX-License-Identifier: GPL-2.0-or-later
#
# kferry: kferry-send (capture kernel) and kferry-recv (dump server).
#
#   make              both programs into build/            make install DESTDIR= PREFIX=/usr/local
#   make demo         crash a real kernel in QEMU and receive its memory; VMCORE=PATH: one of yours instead; TARGET=tcp: no sshd
#   make check        the whole suite with one real crash  make check-all   every kernel, all levels, long
#   make bench        kferry beside makedumpfile             make fuzz  libFuzzer, FUZZ_SECONDS=60 a target
#   make check-crash  crash and drgn on kferry's dumps; fetches 620 MB    make uninstall help clean
#
# Knobs: V=1 shows commands; SAN=address,undefined builds into build/san; STATIC=1 links the sender
# statically into build/static; WERROR=1 (set by check); CC, CFLAGS, LDFLAGS as ever.

PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
CFLAGS ?= -O2 -g
VERSION := 0.1

ifdef SAN
O := build/san
else ifdef STATIC
O := build/static
else
O := build
endif

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2))

PKG_send := libssh2 libssl libcrypto liblz4 libzstd libdeflate lzo2 libelf libxxhash
PKG_recv := libssl libcrypto liblz4 libzstd lzo2 snappy libevent libevent_openssl libevent_pthreads libdeflate libxxhash jansson
PKG_judge := libkdumpfile
PKG_unit := cmocka $(PKG_send) $(PKG_recv)

# gcc sees through sanitized code badly, and then warns of writes that the bounds check before them forbids.
WARN := -Wall -Wextra -Wshadow -Wconversion $(if $(SAN),-Wno-stringop-overflow) $(if $(WERROR),-Werror)
ALL_CFLAGS := -std=gnu17 -D_GNU_SOURCE -DKF_PROGRAM_VERSION='"$(VERSION)"' -I. -pthread \
	-fno-strict-aliasing -fstack-protector-strong $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer) \
	$(WARN) $(CFLAGS)
ALL_LDFLAGS := -pthread $(if $(SAN),-fsanitize=$(SAN)) $(LDFLAGS)

COMMON := $(patsubst %.c,$(O)/%.o,$(wildcard common/*.c proto/*.c))
SEND_PARTS := $(patsubst %.c,$(O)/%.o,$(wildcard sender/vmcore/*.c sender/kernel/*.c sender/filter/*.c sender/dump/*.c sender/transport/*.c sender/cli/*.c))
RECV_PARTS := $(patsubst %.c,$(O)/%.o,$(wildcard receiver/*/*.c pagecodec/*.c))
# Never snappy in the sender: its library is C++.
SEND_PARTS += $(patsubst %.c,$(O)/%.o,$(filter-out pagecodec/snappy.c,$(wildcard pagecodec/*.c)))
UNIT_RECV := $(patsubst %.c,$(O)/%.o,$(wildcard tests/unit/recv/*.c))
UNIT_SEND := $(filter-out $(UNIT_RECV),$(patsubst %.c,$(O)/%.o,$(wildcard tests/unit/*/*.c)))
UNIT := $(patsubst tests/unit/%.c,$(O)/tests/%,$(wildcard tests/unit/*.c))

.PHONY: all demo check check-all check-crash fuzz bench install uninstall help clean unit
all: $(O)/kferry-send $(if $(STATIC),,$(O)/kferry-recv)

$(O)/kferry-send: $(O)/sender/main.o $(SEND_PARTS) $(COMMON)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $(if $(STATIC),-static) -o $@ $^ $$(pkg-config $(if $(STATIC),--static) --libs $(PKG_send))

$(O)/kferry-recv: $(patsubst %.c,$(O)/%.o,$(wildcard receiver/*.c)) $(RECV_PARTS) $(COMMON)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $$(pkg-config --libs $(PKG_recv))

$(O)/%.o: %.c $(O)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $$(pkg-config --cflags $(PKG_send) $(PKG_recv)) -MMD -MP -c -o $@ $<

# Unit tests link every part of one program but its main: recv_* the receiver's, all others the sender's. What
# several of them share lies in directories below tests/unit, the receiver's in recv/.
define unit_link
	@mkdir -p $(@D)
	$(call say,UNIT,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -MF $@.d -MT $@ $$(pkg-config --cflags $(PKG_unit)) $(ALL_LDFLAGS) -o $@ $< $(filter %.o,$^) $$(pkg-config --libs $(PKG_unit))
endef
$(filter $(O)/tests/recv_%,$(UNIT)): $(O)/tests/%: tests/unit/%.c $(UNIT_RECV) $(RECV_PARTS) $(COMMON) $(O)/flags
	$(unit_link)
$(filter-out $(O)/tests/recv_%,$(UNIT)): $(O)/tests/%: tests/unit/%.c $(UNIT_SEND) $(SEND_PARTS) $(COMMON) $(O)/flags
	$(unit_link)

# Lets allocations of the program fail, and only those: libraries keep the C library's.
$(O)/tests/recv_memory: ALL_LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
$(O)/tests/faults: ALL_LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=pread,--wrap=mmap

build/tests/kferry-judge: tests/judge/compare.c
	@mkdir -p $(@D)
	$(call say,JUDGE,$@)
	$(Q)$(CC) -std=gnu17 -D_GNU_SOURCE $(WARN) -O2 -g -o $@ $(wildcard tests/judge/*.c) $$(pkg-config --cflags --libs $(PKG_judge)) -lelf -lz

build/tests/kferry-relay: $(wildcard tests/relay/*.[ch])
	@mkdir -p $(@D)
	$(call say,RELAY,$@)
	$(Q)$(CC) -std=gnu17 -D_GNU_SOURCE $(WARN) -O2 -g -o $@ $(filter %.c,$^)

$(O)/tests/scanner: tests/bench/scanner.c $(SEND_PARTS) $(COMMON) $(O)/flags
	@mkdir -p $(@D)
	$(call say,BENCH,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -MF $@.d -MT $@ $(ALL_LDFLAGS) -o $@ $< $(filter %.o,$^) $$(pkg-config --libs $(PKG_send))

unit: $(UNIT)

# Everything is compiled again when the flags change.
FLAGS := $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS)
$(O)/flags: force
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(FLAGS))' | cmp -s - $@ || printf '%s\n' '$(subst ','\'',$(FLAGS))' > $@
.PHONY: force

demo:
	$(Q)tests/demo.sh $(if $(VMCORE),'$(VMCORE)')
check:
	$(Q)tests/check.sh
check-all:
	$(Q)tests/check.sh all
check-crash:
	$(Q)tests/deps.sh crash && $(MAKE) all && tests/crash/crash.sh
fuzz:
	$(Q)tests/fuzz/fuzz.sh
bench: all
	$(Q)tests/deps.sh bench && $(if $(VMCORE),VMCORE='$(VMCORE)') tests/bench/bench.sh

# The service: its program's path is written into the unit; settings that are there stay.
UNITS := kferry-recv.service kferry-recv.socket kferry-tickets.socket
LIB := $(DESTDIR)$(PREFIX)/lib
define install_service
install -d $(LIB)/systemd/system $(LIB)/sysusers.d $(LIB)/tmpfiles.d $(DESTDIR)$(SYSCONFDIR)/kferry
	install -m 644 $(UNITS:%=systemd/%) $(LIB)/systemd/system
	sed -i 's|/usr/local/sbin/|$(PREFIX)/sbin/|' $(LIB)/systemd/system/kferry-recv.service
	install -m 644 systemd/kferry.sysusers $(LIB)/sysusers.d/kferry.conf
	install -m 644 systemd/kferry.tmpfiles $(LIB)/tmpfiles.d/kferry.conf
	test -e $(DESTDIR)$(SYSCONFDIR)/kferry/kferry-recv.conf || install -m 644 systemd/kferry-recv.conf $(DESTDIR)$(SYSCONFDIR)/kferry/kferry-recv.conf
endef

install: all
	install -D -m 755 $(O)/kferry-send $(DESTDIR)$(PREFIX)/sbin/kferry-send
	$(if $(STATIC),,install -D -m 755 $(O)/kferry-recv $(DESTDIR)$(PREFIX)/sbin/kferry-recv)
	install -D -m 644 docs/kferry-send.8 $(DESTDIR)$(PREFIX)/share/man/man8/kferry-send.8
	install -D -m 644 docs/kferry-recv.8 $(DESTDIR)$(PREFIX)/share/man/man8/kferry-recv.8
	$(if $(STATIC),,$(install_service))
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/sbin/kferry-send $(DESTDIR)$(PREFIX)/sbin/kferry-recv \
		$(DESTDIR)$(PREFIX)/share/man/man8/kferry-send.8 $(DESTDIR)$(PREFIX)/share/man/man8/kferry-recv.8 \
		$(UNITS:%=$(LIB)/systemd/system/%) $(LIB)/sysusers.d/kferry.conf $(LIB)/tmpfiles.d/kferry.conf
help:
	@sed -n '3,13s/^# \{0,1\}//p' Makefile
clean:
	rm -rf build

-include $(shell find $(O) -name '*.d' 2>/dev/null)
