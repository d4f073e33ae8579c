// SPDX-License-Identifier: GPL-2.0-or-later
// Names of the protocol's values; see names.h.
#include "proto/names.h"

#include <stddef.h>
#include <string.h>

#include "proto/order.h"

#define NAMED(table, value) \
	((value) < sizeof(table) / sizeof((table)[0]) && (table)[value] ? (table)[value] : "unknown")

const char *kf_type_name(unsigned int type)
{
	static const char *const names[] = {
		[KF_MSG_HELLO] = "HELLO", [KF_MSG_DUMP] = "DUMP", [KF_MSG_VMCOREINFO] = "VMCOREINFO",
		[KF_MSG_LOG] = "LOG", [KF_MSG_RAM] = "RAM", [KF_MSG_NOTES] = "NOTES", [KF_MSG_VITAL] = "VITAL",
		[KF_MSG_BATCH] = "BATCH", [KF_MSG_WINDOW] = "WINDOW", [KF_MSG_END] = "END",
		[KF_MSG_WELCOME] = "WELCOME", [KF_MSG_RESUME] = "RESUME", [KF_MSG_RECEIVED] = "RECEIVED",
		[KF_MSG_DURABLE] = "DURABLE", [KF_MSG_STORED] = "STORED", [KF_MSG_LEVEL] = "LEVEL",
		[KF_MSG_ABORT] = "ABORT", [KF_MSG_KEEPALIVE] = "KEEPALIVE",
	};
	return NAMED(names, type);
}

const char *kf_class_name(unsigned int class)
{
	static const char *const names[] = {
		[KF_KEPT] = "kept", [KF_CACHE] = "cache", [KF_CACHE_PRIVATE] = "cache-private", [KF_USER] = "user",
		[KF_FREE] = "free", [KF_HWPOISON] = "hwpoison", [KF_OFFLINE] = "offline", [KF_NODATA] = "no-data",
	};
	return NAMED(names, class);
}

const char *kf_wire_codec_name(unsigned int codec)
{
	static const char *const names[] = {
		[KF_WIRE_NONE] = "none", [KF_WIRE_LZ4] = "lz4", [KF_WIRE_ZSTD] = "zstd", [KF_WIRE_PAGES] = "pages",
	};
	return NAMED(names, codec);
}

bool kf_wire_codec_named(const char *name, enum kf_wire_codec *codec)
{
	for (unsigned int i = 0; i < KF_WIRE_CODECS; i++)
		if (strcmp(kf_wire_codec_name(i), name) == 0) {
			*codec = (enum kf_wire_codec)i;
			return true;
		}
	return false;
}

const char *kf_rest_codec_name(unsigned int codec)
{
	static const char *const names[] = {
		[KF_REST_RAW] = "raw", [KF_REST_ZLIB] = "zlib", [KF_REST_LZO] = "lzo",
		[KF_REST_SNAPPY] = "snappy", [KF_REST_ZSTD] = "zstd",
	};
	return NAMED(names, codec);
}

const char *kf_end_reason_name(unsigned int reason)
{
	static const char *const names[] = {
		[KF_END_COMPLETE] = "complete", [KF_END_DEADLINE] = "deadline",
		[KF_END_SPACE] = "space", [KF_END_INPUT] = "input",
	};
	return NAMED(names, reason);
}

const char *kf_abort_code_name(unsigned int code)
{
	static const char *const names[] = {
		[KF_ABORT_PROTOCOL] = "protocol", [KF_ABORT_UNSUPPORTED] = "unsupported",
		[KF_ABORT_REFUSED] = "refused", [KF_ABORT_SYSTEM] = "system", [KF_ABORT_STOPPED] = "stopped",
	};
	return NAMED(names, code);
}

const char *kf_order_state_name(unsigned int state)
{
	static const char *const names[] = {
		[KF_AT_START] = "the preface", [KF_AT_HELLO] = "HELLO", [KF_AT_HELLO_RESUME] = "HELLO (resume)",
		[KF_AT_DUMP] = "DUMP", [KF_AT_DUMP_RESUME] = "DUMP (resume)", [KF_AT_VMCOREINFO] = "VMCOREINFO",
		[KF_AT_LOG] = "LOG", [KF_AT_RAM] = "RAM", [KF_AT_NOTES] = "NOTES", [KF_AT_VITAL] = "VITAL",
		[KF_AT_VITAL_PAGES] = "vital pages", [KF_AT_PAGES] = "pages", [KF_AT_WELCOME] = "WELCOME",
		[KF_AT_END] = "the end",
	};
	return NAMED(names, state);
}
