#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The init of a guest: joins the cluster of two, mounts, runs stress, prints, powers off.
# On the kernel's command line: node=0|1 files=N pages=N seconds=N [flush=1]
export PATH=/bin LD_LIBRARY_PATH=/lib64
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
mkdir -p /dev/shm
mount -t tmpfs shm /dev/shm
files=4 pages=256 seconds=240 flush=0
for word in $(cat /proc/cmdline); do
	case $word in
	node=* | files=* | pages=* | seconds=* | flush=*) export "$word" ;;
	esac
done
say() { echo "n$node: $*"; }
off() {
	[ $# -eq 0 ] || say "FAIL $*"
	sync
	poweroff -f
	sleep 60
}
while read -r file; do insmod "/modules/$file" || say "no $file"; done </etc/modules
hostname "n$((node + 1))"
ip link set lo up
ip link set eth0 up
ip addr add "192.0.2.$((node + 1))/24" dev eth0
peer=192.0.2.$((2 - node))
tries=0
until ping -c 1 -W 1 "$peer" >/dev/null 2>&1; do
	tries=$((tries + 1))
	[ "$tries" -lt 120 ] || off "the other node does not answer"
done

mount -t configfs configfs /sys/kernel/config
ln -s . /dev/misc
mkdir -p /etc/corosync /etc/dlm /var/lib/corosync /var/run/dlm_controld /var/log/cluster \
	/var/log/dlm_controld /run/corosync /run/dlm_controld
cat >/etc/corosync/corosync.conf <<'CONF'
totem {
	version: 2
	cluster_name: lab
	transport: udpu
	crypto_cipher: none
	crypto_hash: none
	token: 5000
}
nodelist {
	node {
		ring0_addr: 192.0.2.1
		nodeid: 1
		name: n1
	}
	node {
		ring0_addr: 192.0.2.2
		nodeid: 2
		name: n2
	}
}
quorum {
	provider: corosync_votequorum
	two_node: 1
}
logging {
	to_stderr: yes
	to_syslog: no
}
CONF
printf 'enable_fencing=0\nenable_startup_fencing=0\n' >/etc/dlm/dlm.conf
corosync -f >/tmp/corosync.log 2>&1 &
tries=0
until corosync-quorumtool -s 2>/dev/null | grep -q 'Total votes: *2'; do
	sleep 0.5
	tries=$((tries + 1))
	[ "$tries" -lt 120 ] || off "no quorum: $(tail -n 3 /tmp/corosync.log)"
done
dlm_controld -D >/tmp/dlm.log 2>&1 &
tries=0
until dlm_tool status >/dev/null 2>&1; do
	sleep 0.5
	tries=$((tries + 1))
	[ "$tries" -lt 120 ] || off "no dlm: $(tail -n 3 /tmp/dlm.log)"
done
if [ "$node" = 0 ]; then
	mkfs.gfs2 -q -O -K -p lock_dlm -t lab:fs -j 2 -J 8 /dev/vda || off "mkfs.gfs2"
	while :; do echo go | nc -l -p 6999; done &
else
	until nc "$peer" 6999 </dev/null 2>/dev/null | grep -q go; do sleep 0.2; done
fi
mount -t gfs2 /dev/vda /mnt || off "mount: $(tail -n 3 /tmp/dlm.log)"
say "$(uname -r), stress $files files of $pages pages, $seconds s, flush=$flush"
if [ "$node" = 0 ] && [ "$flush" = 1 ]; then flush.sh /mnt "$seconds" & fi
stress "$node" /mnt "$files" "$pages" "$seconds"
# Node 1 leaves first: the last one would wait for a node that has gone.
[ "$node" = 1 ] || sleep 10
umount /mnt
off
