# Says whether this node may be writable and hold the VIP now, from the lease file and the uptime, without a process of its own.
# To be sourced after `settings`. Works with any POSIX shell.

# Sets now: uptime in centiseconds, by the clock of the lease (CLOCK_BOOTTIME).
read_now() {
  read -r now _ </proc/uptime || return 1
  now=${now%.*}${now#*.}
}

# The lease names this node and its deadline lies in the future. Missing, truncated (no newline) or garbage: no lease.
lease_valid() {
  read_now || return 1
  deadline='' epoch='' holder='' rest=''
  [ -r "$LEASE_FILE" ] || return 1
  read -r deadline epoch holder rest 2>/dev/null <"$LEASE_FILE" || return 1
  [ "$holder" = "$NODE" ] && [ -z "$rest" ] || return 1
  case $deadline$epoch in '' | *[!0-9]*) return 1 ;; esac
  [ "$deadline" -gt "$now" ] 2>/dev/null
}

# Writes the time of this look over the one before: as long as it, so that nobody ever reads a part, and without a process.
# Nobody watches this file for changes, so that a rename would gain nothing.
stamp() {
  printf '%014d\n' "$now" 1<>"$1"
}
