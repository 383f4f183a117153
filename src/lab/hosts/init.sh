#!/bin/sh
# Process 1 of a lab host: gives the host its own file systems, then reaps orphans until it is killed, which is the power switch.
# Arguments: the marker "primacy-lab:LAB:HOST" by which the lab finds this process again, the folder with the host's own files,
# its name, and the folders that must stay visible (this checkout, and the Node that runs it).
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
own=$2 name=$3
shift 3

# Mounts must not reach the machine. In a chroot "/" is no mount point, so go to the root of the mount namespace for this one command.
nsenter --mount=/proc/self/ns/mnt -- mount --make-rprivate /
hostname "$name"
mount -t proc proc /proc
mount -t sysfs sysfs /sys
ip link set lo up

number=0
for kept in "$@"; do
    number=$((number + 1))
    mkdir -p "$own/lib/.keep/$number"
    mount --bind "$kept" "$own/lib/.keep/$number"
done

# /var/lib is the host's own, with the machine's other folders shown read-only, so that dpkg and the like still answer.
for part in /var/lib/*/; do
    part=${part%/}
    part=${part##*/}
    case $part in
    postgresql | primacy | primacy-lab | prometheus | keepalived) ;;
    *)
        mkdir -p "$own/lib/$part"
        mount --bind -o ro "/var/lib/$part" "$own/lib/$part"
        ;;
    esac
done

# The loop device goes with its last mount: with this host.
[ -f "$own/disk.img" ] && mount -o loop "$own/disk.img" "$own/lib/postgresql"

# One archive for all hosts, as a network file system would be.
[ -d "$own/../../archive" ] && mkdir -p "$own/lib/archive" && mount --bind "$own/../../archive" "$own/lib/archive"

mount --bind "$own/etc" /etc
mount --bind "$own/log" /var/log
mount --bind "$own/sbin" /usr/local/sbin
mount --rbind "$own/lib" /var/lib
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs -o mode=0755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /tmp
mkdir -p /run/sshd /run/lock /run/primacy
install -d -o postgres -g postgres -m 2775 /run/postgresql

number=0
for kept in "$@"; do
    number=$((number + 1))
    [ -n "$(ls -A "$kept" 2>/dev/null)" ] && continue
    mkdir -p "$kept"
    mount --bind "/var/lib/.keep/$number" "$kept"
done
: >/run/lab-host-ready

# `wait` reaps every orphan that the kernel hands to process 1; the sleep only gives it something to wait for.
set +e
while :; do
    sleep 86400 &
    wait $!
done
