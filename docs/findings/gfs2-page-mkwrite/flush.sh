#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# flush.sh DIR SECONDS: on node 0, beside stress. Writes and syncs another file ten times a second.
# The demotion of a file then finds its log flushed, does not sleep, and wins the race more often.
set -eu
dir=$1
left=$(($2 * 10))
while [ "$left" -gt 0 ]; do
	left=$((left - 1))
	echo "$left" >"$dir/flush"
	sync "$dir/flush"
	sleep 0.1
done
