# What perf script tells of samples, a paragraph for each with the innermost function first, becomes the percent of each kind of work.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# With heading=1 it prints the kinds' names instead. The kernel's part is told by who called: copying, page faults, sockets and pipes, files.
BEGIN {
	RS = ""; FS = "\n"
	n = split("codec crypto checks copies faults sockets files own other idle", kinds, " ")
}
function kind(leaf, stack) {
	if (leaf ~ /halt|default_idle/) return "idle"
	if (leaf ~ /liblz4|liblzo|libzstd|libz\.so|libdeflate|libsnappy/) return "codec"
	if (leaf ~ /libcrypto|EVP_|ctr_crypt|chacha|poly1305/) return "crypto"
	if (leaf ~ /libxxhash|XXH|crc_|[^a-z]crc32/) return "checks"
	if (leaf ~ /memmove|memcpy|memset|mempcpy|copy_(folio|page)|_copy_(from|to)_|rep_movs|copy_user/) return "copies"
	if (leaf ~ /\(\[kernel/) {
		if (stack ~ /exc_page_fault|handle_mm_fault|unmap_region|unmap_vmas|do_mmap|vm_munmap|madvise/) return "faults"
		if (stack ~ /sock_|tcp_|inet_|sys_send|sys_recv|net_rx|pipe_(read|write)/) return "sockets"
		if (stack ~ /vfs_|ksys_|sync|truncate|shmem|ext4|xfs|submit_bio|blk_/) return "files"
		return "other"
	}
	# A libc without symbols, as the peer may have it, is copying: it does little else.
	if (leaf ~ /libc\.so/ && leaf ~ /\[unknown\]/) return "copies"
	return leaf ~ /kferry-|makedumpfile|ssh|libc\.so/ ? "own" : "other"
}
{
	sum[kind($2, $0)]++
	all++
}
END {
	for (i = 1; i <= n; i++)
		printf(heading ? "%8s" : "%8.0f", heading ? kinds[i] : 100 * sum[kinds[i]] / all)
	print ""
}
