#!/usr/bin/env bash
# Runs commands of the README on a fresh Debian 12 that has nothing but Node 20, npm and root, then says what was left behind.
#
#   test/fresh-machine/run.sh ['npm run demo' ['npm test' ...]]      default: these two, each in a root of its own
#
# Needs root and debootstrap. The network settings of this machine (apt, npm, certificates, name service) are copied into the
# fresh root; Node and npm are those that `node` and `npm` name. FRESH_MACHINE_DIRECTORY moves the roots (default: /var/tmp).
set -euo pipefail

if [[ ${FRESH_MACHINE_INSIDE:-} != yes ]]; then
  # Namespaces of our own: every mount and every process is gone when this ends, however it ends.
  export FRESH_MACHINE_INSIDE=yes
  exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc -- bash "$0" "$@"
fi

checkout=$(cd "$(dirname "$0")/../.." && pwd)
node_program=$(PATH=${PATH#"$checkout"/node_modules/.bin:} command -v node)
npm_folder=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
directory=$(mktemp --directory "${FRESH_MACHINE_DIRECTORY:-/var/tmp}/fresh-machine.XXXXXX")
trap 'remove_root "$directory/root"; rm -rf --one-file-system "$directory"' EXIT
[[ $# -gt 0 ]] || set -- 'npm run demo' 'npm test'

# Copies what the network of this machine needs into root $1.
copy_settings() {
  local path
  for path in /etc/resolv.conf /etc/hosts /etc/apt/apt.conf.d /etc/ssl/certs /usr/share/ca-certificates \
    /usr/local/share/ca-certificates /etc/npmrc /root/.npmrc "$(npm config get globalconfig)"; do
    [[ -e $path ]] || continue
    mkdir -p "$1$(dirname "$path")"
    cp -aL --no-target-directory "$path" "$1$path" 2>/dev/null || cp -rL "$path" "$1$(dirname "$path")/"
  done
}

# Makes a root at $1 from the base, with the checkout's last commit in it.
make_root() {
  cp -a --reflink=auto "$directory/base" "$1"
  git clone --quiet --no-hardlinks "$checkout" "$1/root/primacy"
  mount --rbind /dev "$1/dev"
  mount -t proc proc "$1/proc"
  mount -t sysfs sysfs "$1/sys"
  mount -t tmpfs tmpfs "$1/run"
  mkdir -p "$1/run/lock"
}

# Unmounts what make_root mounted, then removes the root.
remove_root() {
  local folder
  for folder in dev proc sys run; do
    ! mountpoint --quiet "$1/$folder" || umount --recursive --lazy "$1/$folder"
  done
  rm -rf --one-file-system "$1"
}

# Prints what starts at boot, clusters, and versions of packages in root $1, to be compared.
picture() {
  # A folder that is not there yet is an empty one.
  set +e
  find "$1"/etc/systemd/system -path '*.wants/*' -printf 'boot %P\n' 2>/dev/null
  find "$1"/etc/rc[2-5S].d -name 'S*' -printf 'boot %f\n' 2>/dev/null
  find "$1"/etc/postgresql -mindepth 2 -maxdepth 2 -printf 'cluster %P\n' 2>/dev/null
  find "$1"/usr/sbin/policy-rc.d "$1"/usr/sbin/policy-rc.d.primacy* -printf 'policy %f\n' 2>/dev/null
  find "$1"/run/netns -mindepth 1 -printf 'namespace %f\n' 2>/dev/null
  dpkg-query --admindir="$1/var/lib/dpkg" -W -f 'package ${Package} ${Version}\n'
}

# Processes whose root is $1.
processes_in() {
  local link
  for link in /proc/[0-9]*/root; do
    [[ $(readlink "$link" 2>/dev/null) == "$1" ]] && tr '\0' ' ' <"${link%root}cmdline" && echo
  done
  return 0
}

debootstrap --variant=minbase bookworm "$directory/base" ${FRESH_MACHINE_MIRROR:+"$FRESH_MACHINE_MIRROR"} >"$directory/debootstrap.log" ||
  { tail -20 "$directory/debootstrap.log" && exit 69; }
install -D "$node_program" "$directory/base/usr/local/bin/node"
mkdir -p "$directory/base/usr/local/lib/node_modules"
cp -a "$npm_folder" "$directory/base/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$directory/base/usr/local/bin/npm"
copy_settings "$directory/base"
echo "Fresh Debian $(cat "$directory/base/etc/debian_version") with Node $(chroot "$directory/base" node --version), npm $(chroot "$directory/base" npm --version)"

failures=0
for command in "$@"; do
  root="$directory/root"
  make_root "$root"
  picture "$root" | sort >"$directory/before"
  echo "== $command"
  began=$SECONDS
  exit_code=0
  chroot "$root" env -i HOME=/root TERM=dumb PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    NODE_EXTRA_CA_CERTS="${NODE_EXTRA_CA_CERTS:-}" \
    bash -c 'cd /root/primacy && eval "$1"' bash "$command" || exit_code=$?
  echo "== $command: exit $exit_code after $((SECONDS - began)) s"
  picture "$root" | sort >"$directory/after"
  # A package that was there must be there in the same version; a new one is what the command is for.
  gone=$(comm -23 "$directory/before" "$directory/after")
  added=$(comm -13 "$directory/before" "$directory/after" | grep -v '^package ' || true)
  running=$(processes_in "$root")
  new=$(comm -13 "$directory/before" "$directory/after" | grep -c '^package ' || true)
  echo "New packages: $new"
  [[ -z $gone ]] || echo "CHANGED: $gone"
  [[ -z $added ]] || echo "LEFT BEHIND: $added"
  [[ -z $running ]] || echo "STILL RUNNING: $running"
  [[ $exit_code -eq 0 && -z $gone$added$running ]] || failures=$((failures + 1))
  remove_root "$root"
done
[[ $failures -eq 0 ]] && echo 'Fresh machine: everything ran, nothing was left behind'
exit "$failures"
