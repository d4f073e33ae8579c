# The end of the demo: the dump, its pages, the dead kernel's log, the manifest, and what foreign readers say; sourced.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# shellcheck shell=bash disable=SC2154
# Needs dump, logs, judge, reader. What is not right is added to wrong.

LOG_LINES=16
wrong=()

heading() { printf '\n== %s\n' "$*"; }
indented() { sed 's/^/  /'; }

# A value of the manifest, by its key; the keys asked for occur once or are first in it.
manifest() { sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}$/\1/p" "${dump%/*}/manifest.json" | head -n 1; }

# The report that kferry-send and makedumpfile print alike, without its ruler.
report() { sed -n '/^Original pages/,/^Total pages/{/^---/d;p}' "$1"; }

show_dump() {
	heading "The dump"
	echo "  $dump"
	echo "  $(($(stat -c %s "$dump") >> 20)) MiB in the file, $(($(manifest wire) >> 20)) MiB came over the network"
}

show_way() {
	local way
	heading "How it came, from kferry-send's report"
	way=$(sed -n 's/\r$//; /^Connections/p; /^Protected by/p' "$logs/sender.log")
	indented <<<"$way"
	[ "$target" = tcp ] || grep -q '^Protected by *: TLS, ' <<<"$way" || wrong+=("the pages did not go over TLS")
}

show_pages() {
	local line
	heading "Pages by class, from kferry-send's report"
	[ -n "$(report "$logs/sender.log")" ] || wrong+=("kferry-send printed no report")
	while IFS= read -r line; do
		if [[ $line =~ ^(.*[^ ])\ *:\ 0x([0-9a-f]+)$ ]]; then
			printf '  %-30s %10d  %8d MiB\n' "${BASH_REMATCH[1]}" $((16#${BASH_REMATCH[2]})) \
				$((16#${BASH_REMATCH[2]} * $(manifest page_size) >> 20))
		else
			printf '  %s\n' "$line"
		fi
	done < <(report "$logs/sender.log")
}

# The end of the log from the panic on; at its very end are registers, of which there may be many.
show_log() {
	local log=${dump%/*}/vmcore-dmesg.txt lines from
	heading "Last lines of the dead kernel's log (vmcore-dmesg.txt)"
	if [ ! -s "$log" ]; then
		wrong+=("there is no log")
		return
	fi
	lines=$(wc -l <"$log")
	from=$(grep -n -E 'sysrq: Trigger a crash|Kernel panic|Oops|BUG: ' "$log" | tail -n 2 | head -n 1 | cut -d: -f1)
	if [ -z "$from" ] || [ $((lines - from)) -lt "$LOG_LINES" ]; then
		from=$((lines - LOG_LINES + 1))
	fi
	tail -n "+$((from > 0 ? from : 1))" "$log" | head -n "$LOG_LINES" | cut -c 1-116 | indented
	[ $((lines - from)) -lt "$LOG_LINES" ] || echo "  ... and $((lines - from - LOG_LINES + 1)) lines more of $lines"
	[ -n "$vmcore" ] || grep -q 'Kernel panic - not syncing: sysrq triggered crash' "$log" || wrong+=("the log has no panic")
}

show_manifest() {
	heading "The manifest (manifest.json)"
	printf '  %-14s %s\n' state "$(manifest state)" kernel "$(manifest release)" "crash time" "$(manifest crash_time)" \
		"pages stored" "$(manifest stored)" digest "$(sed -n '/"digest"/,/}/s/^ *"pages": "\(.*\)",*/\1/p' "${dump%/*}/manifest.json")"
	[ "$(manifest state)" = complete ] || wrong+=("the manifest's state is not complete")
}

show_libkdumpfile() {
	heading "libkdumpfile reads it"
	"$judge" --describe "$dump" >"$logs/libkdumpfile.log" 2>&1 || wrong+=("libkdumpfile does not read all of it")
	sed 's/^judge: //' "$logs/libkdumpfile.log" | indented
	[ "$(sed -n 's/^all \(.*\) pages read$/\1/p' "$logs/libkdumpfile.log")" = "$(manifest stored)" ] ||
		wrong+=("libkdumpfile reads another number of pages than kferry-recv stored")
}

quietly() { # makedumpfile's words go to its log
	"$reader" --message-level 31 -f "$@" >>"$logs/makedumpfile.log" 2>&1
}

show_makedumpfile() {
	local again said log=${dump%/*}/vmcore-dmesg.txt
	scratch=$(mktemp -d "$store/.scratch.XXXXXX")
	again=$scratch/again
	heading "makedumpfile reads it"
	echo "  $("$reader" -v 2>&1 | head -n 1)"
	echo "  \$ makedumpfile -l -d 0 vmcore again"
	if quietly -l -d 0 "$dump" "$again"; then
		tr '\r' '\n' <"$logs/makedumpfile.log" >"$scratch/said"
		said=$(grep -E '^(Original|  Remaining) pages|^makedumpfile Completed' "$scratch/said")
		indented <<<"$said" | indented
		same_report
		same_pages
	else
		tail -n 3 "$logs/makedumpfile.log" | indented
		wrong+=("makedumpfile does not read it")
	fi
	echo "  \$ makedumpfile --dump-dmesg vmcore log"
	if quietly --dump-dmesg "$dump" "$scratch/log" && cmp "$scratch/log" "$log" >>"$logs/makedumpfile.log" 2>&1; then
		echo "    its log is vmcore-dmesg.txt, byte for byte: $(wc -l <"$log") lines"
	else
		echo "    its log is NOT vmcore-dmesg.txt"
		wrong+=("makedumpfile reads another log from the dump than kferry-recv wrote")
	fi
	rm -rf "$scratch"
}

# makedumpfile filters what it reads: it judges the dead kernel's struct pages for itself, from the dump.
same_report() {
	if diff <(report "$logs/sender.log") <(report "$scratch/said") >"$logs/report.diff"; then
		echo "    it counts in every class the pages that kferry-send counted"
	else
		echo "    it counts otherwise than kferry-send (<):"
		indented <"$logs/report.diff" | indented
		wrong+=("makedumpfile counts other pages")
	fi
}

same_pages() {
	if "$judge" "$dump" "$again" --level "$(manifest level)" >"$logs/compare.log" 2>&1; then
		echo "    what it wrote is the dump again: $(tail -n 1 "$logs/compare.log")"
	else
		indented <"$logs/compare.log" | indented
		wrong+=("makedumpfile reads other pages from it than libkdumpfile")
	fi
}
