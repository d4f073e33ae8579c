/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A manifest as JSON text; only manifest.c and the tests need this. */
#ifndef KF_MANIFEST_JSON_H
#define KF_MANIFEST_JSON_H

#include "receiver/store/manifest.h"

/* The text with a final newline, malloc'd and owned by the caller; NULL if there is no memory. */
char *kf_manifest_json(const struct kf_manifest *m);

#endif
