/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether certificates are valid today. */
#ifndef KF_TLS_DATES_H
#define KF_TLS_DATES_H

#include "common/status.h"

/* All certificates of a PEM file. KF_INVALID names the first that has expired or is not valid yet, and the day; KF_OK also if there is none,
 * or no file: what it is good for otherwise is not looked at. */
enum kf_status kf_tls_dates(const char *path, struct kf_error *err) kf_must_check;

#endif
