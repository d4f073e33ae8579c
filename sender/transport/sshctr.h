/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AES-128-CTR for a library that encrypts 16 bytes at a time; for the files of sender/transport only. */
#ifndef KF_SSHCTR_H
#define KF_SSHCTR_H

/*
 * libssh2 calls OpenSSL for each block of a packet, and OpenSSL's AES-128-CTR needs ten times as long for a block alone as for one of many. From
 * here on this process gets it from a provider of ours, which has OpenSSL's own make the key stream for some thousand bytes in advance and hands it
 * out block by block. Nothing else that OpenSSL has is touched; if this cannot be, all stays as it is. May be called often.
 */
void kf_sshctr_install(void);

#endif
