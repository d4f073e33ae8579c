#!/bin/bash
# kinds.sh NAME: whether the vmcore of a kernel or machine has every kind of page that a filter tells apart; says how many.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# NAME is that of vmcore.sh. The judge counts struct pages; what they do not tell is taken from the guest's log. What the
# kernel cannot make, by its own word, is said and not asked for. Exit status 1 if something is missing.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)

# A kind alone must be there; KIND=N must be so often.
everywhere="anonymous thp ksm swapcache cache cache-with-private-data shared shared-huge hugetlb-used hugetlb-free tails
	free-blocks slab locked dirty"

name=${1:?usage: kinds.sh NAME}
wanted="$everywhere $(awk -F '\t' -v n="$name" '$1 == n { print $4 }' "$here/machines")"
vmcore=$("$here/vmcore.sh" "$name")
serial=${vmcore%.vmcore}.serial
found=$("$("$here/../judge/build.sh")" --kinds "$vmcore")

log() { tr -d '\r' <"$serial" | sed -n "$@"; }
pages() { log "s/^$1: *\([0-9]*\) kB/\1/p" | awk '{ n = $1 / 4 } END { print n + 0 }'; }

found="$found
locked $(pages Mlocked)
dirty $(pages Dirty)
nodes $(log '/^Node [0-9]* MemTotal/p' | wc -l)
added-pages $(($(pages MemTotal) - $(log 's/^MemTotal before: MemTotal: *\([0-9]*\) kB/\1/p' | grep . || pages MemTotal | awk '{ print $1 * 4 }') / 4))
shared-vmemmap $(log 's/^vmemmap of hugetlb shared: //p')"
if log '/^mess: no poisoned memory/p' | grep -q .; then
	echo "$name: this kernel has no way to call memory broken: no hwpoison"
else
	wanted="$wanted hwpoison"
fi
log '/^mess: no /p' | sed "s/^mess/$name/"

status=0
for kind in $wanted; do
	count=$(awk -v k="${kind%=*}" '$1 == k { print $2 }' <<<"$found")
	case $kind in
	*=*) [ "$count" = "${kind#*=}" ] && continue ;;
	*) [ "${count:-0}" -gt 0 ] && continue ;;
	esac
	echo "kinds.sh: $name: there should be $kind, but there are ${count:-none} in $vmcore" >&2
	status=1
done
echo "$name: $(tr '\n' ' ' <<<"$found")"
exit "$status"
