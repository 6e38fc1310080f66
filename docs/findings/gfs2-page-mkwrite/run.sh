#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh [preempt=full] [seconds=240] [flush=1] ...: boots two guests and prints what they say.
# After build.sh. The words go to the command lines of both kernels. LIMIT: seconds for all of it.
# Without KVM the guests are emulated; ACCEL=kvm is faster, and was not tried.
set -eu
cd "$(dirname "$0")/work"
words=("$@")
run=$(mktemp -d run.XXXX)
truncate -s 256M "$run/disk"
pids=()
for node in 0 1; do
	timeout "${LIMIT:-900}" qemu-system-x86_64 -accel "${ACCEL:-tcg}" -cpu max -smp 1 -m 512 \
		-nodefaults -nographic -no-reboot -monitor none -serial "file:$run/console$node" \
		-kernel kernel/boot/vmlinuz-* -initrd guest.cpio.gz \
		-append "console=ttyS0 quiet panic=-1 mitigations=off node=$node ${words[*]:-}" \
		-drive "file=$run/disk,format=raw,if=none,id=d,file.locking=off" \
		-device virtio-blk-pci,drive=d,share-rw=on \
		-netdev "dgram,id=n,local.type=unix,local.path=$run/net$node,remote.type=unix,remote.path=$run/net$((1 - node))" \
		-device "virtio-net-pci,netdev=n,mac=52:54:00:00:00:0$node,romfile=" &
	pids+=($!)
done
for pid in "${pids[@]}"; do wait "$pid" || true; done
for node in 0 1; do
	tr -d '\r' <"$run/console$node" | grep -aE "^n[01]:|^node|^LOST|FAIL|panic" || true
done
rm "$run/disk"
