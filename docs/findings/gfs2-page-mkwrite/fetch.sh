#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# fetch.sh: the packages of Debian 12 from which build.sh makes a guest. Nothing is installed.
# Needs qemu-system-x86, busybox-static, cpio and gcc on this machine.
set -eu
cd "$(dirname "$0")"
for tool in qemu-system-x86_64 cpio gcc dpkg apt-get; do
	command -v "$tool" >/dev/null || { echo "fetch.sh: $tool is missing" >&2; exit 2; }
done
kernel=${KERNEL:-$(apt-cache depends linux-image-amd64 | sed -n 's/ *Depends: //p' | head -n 1)}
mkdir -p work/debs work/kernel work/root
cd work/debs
apt-get download "$kernel" kmod libkmod2 gfs2-utils dlm-controld corosync libcorosync-common4 \
	libqb100 libcfg7 libcmap4 libcpg4 libquorum5 libvotequorum8 libknet1 libnozzle1 libnss3 \
	libnspr4 libdlm3 libdlmcontrol3 libstatgrab10 libnl-3-200 libnl-route-3-200 liblzo2-2
cd ..
dpkg -x debs/linux-image-*.deb kernel
for package in debs/*.deb; do
	case $package in *linux-image*) ;; *) dpkg -x "$package" root ;; esac
done
