#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# build.sh: work/guest.cpio.gz, a guest that mounts GFS2 and runs stress. After fetch.sh.
# To try another gfs2.ko, put it into work/kernel/lib/modules/*/kernel/fs/gfs2/ before.
set -eu
cd "$(dirname "$0")/work"
version=$(ls kernel/lib/modules)
modules=$PWD/kernel/lib/modules/$version
libraries=$PWD/root/usr/lib/x86_64-linux-gnu:$PWD/root/lib/x86_64-linux-gnu
guest=$PWD/guest

find "$modules" -name '*.ko.xz' -exec unxz {} +
ln -sf kmod root/bin/depmod
LD_LIBRARY_PATH=$libraries root/bin/depmod -b "$PWD/kernel" "$version"

rm -rf "$guest"
mkdir -p "$guest/bin" "$guest/etc" "$guest/dev" "$guest/proc" "$guest/sys" "$guest/tmp" \
	"$guest/run" "$guest/mnt" "$guest/var/lib" "$guest/var/log" "$guest/var/run" "$guest/lib64"
cp "$(command -v busybox)" "$guest/bin/busybox"
for applet in $("$guest/bin/busybox" --list); do
	[ "$applet" = busybox ] || ln -sf busybox "$guest/bin/$applet"
done
gcc -O2 -Wall -static -pthread -o "$guest/bin/stress" ../stress.c
cp ../flush.sh "$guest/bin/flush.sh"

# The modules, each behind those that it depends on.
order=$guest/etc/modules
: >"$order"
for name in virtio_pci virtio_blk virtio_net configfs crc32c_generic dlm gfs2; do
	line=$(grep -E "/$name\.ko:" "$modules/modules.dep") || continue
	needed=
	for file in ${line#*:}; do needed="$file $needed"; done
	for file in $needed ${line%%:*}; do
		grep -qxF "$file" "$order" && continue
		mkdir -p "$guest/modules/$(dirname "$file")"
		cp "$modules/$file" "$guest/modules/$file"
		echo "$file" >>"$order"
	done
done

for program in corosync dlm_controld dlm_tool mkfs.gfs2 corosync-quorumtool; do
	cp -L "root/usr/sbin/$program" "$guest/bin/"
	LD_LIBRARY_PATH=$libraries ldd "root/usr/sbin/$program" |
		grep -oE '(=> )?/[^ ]+' | sed 's/^=> //' |
		while read -r library; do cp -Ln "$library" "$guest/lib64/" || true; done
done
cp ../guest-init.sh "$guest/init"
chmod +x "$guest/init" "$guest/bin/flush.sh"
echo 'root:x:0:0:root:/:/bin/sh' >"$guest/etc/passwd"
echo 'root:x:0:' >"$guest/etc/group"
(cd "$guest" && find . | cpio -o -H newc 2>/dev/null | gzip -1) >guest.cpio.gz
ls -l guest.cpio.gz
