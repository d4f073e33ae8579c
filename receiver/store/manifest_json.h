/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Manifests as JSON text, inside receiver/store only. */
#ifndef KF_MANIFEST_JSON_H
#define KF_MANIFEST_JSON_H

#include <jansson.h>

#include "receiver/store/manifest.h"

/* The text of the file; the caller frees it. NULL if there is no memory. */
char *kf_manifest_json(const struct kf_manifest *m);
/* The same of an object. */
char *kf_manifest_text_of(const json_t *o);

/* Writes TEXT aside, brings it to disk and renames it over the manifest before (manifest.c). */
enum kf_status kf_manifest_put(const char *text, const struct kf_dumpdir *dir, struct kf_error *err) kf_must_check;

#endif
