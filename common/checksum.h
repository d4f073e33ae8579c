/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CRC32C, which guards every header and payload on the wire and every record on disk. */
#ifndef KF_CHECKSUM_H
#define KF_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/*
 * CRC32C (Castagnoli, reflected polynomial 0x82f63b78, initial value and final xor all ones), as in
 * RFC 3720 appendix B.4: the CRC of "123456789" is 0xe3069283. kf_crc32c_add continues a CRC over
 * further bytes: kf_crc32c_add(kf_crc32c(a), b) is the CRC of a and b together.
 */
uint32_t kf_crc32c_add(uint32_t crc, const void *bytes, size_t len);

static inline uint32_t kf_crc32c(const void *bytes, size_t len)
{
	return kf_crc32c_add(0, bytes, len);
}

#endif
