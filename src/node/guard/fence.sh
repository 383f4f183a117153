# The level rule: unless the lease names this node, its gate is closed, the VIP is not here, and nothing of its data directory
# is writable. To be sourced after `settings` and `lease.sh`. It never touches the data directory itself: its disk may hang.

# fence_look SCAN: one look. SCAN is scan_all, or scan_new between two of those. It fences each time it finds something, and
# costs no process while it finds nothing. Returns 1 only where the gate could not be closed.
fence_look() {
  if [ "$ACTIVE" != yes ] || [ ! -e "$ADOPTION" ] || lease_valid; then
    # What was seen until now is old when the lease ends.
    last_pid=''
    return 0
  fi
  gate=''
  read -r gate 2>/dev/null <"$GATE_FILE"
  "$1"
  # A fence is decided on a second look at the lease: it may have come while we looked at the rest.
  if [ "$gate" != 1 ]; then
    lease_valid && return 0
    close_gate
  fi
  # Before the VIP: this takes no process, so that it is quick on the busiest host, and clients are told while the VIP is here.
  if [ -n "$writable" ]; then
    lease_valid && return 0
    kill_writers
  fi
  if vip_here; then
    lease_valid && return 0
    release_vip
  fi
  [ "$gate" = 1 ]
}

# Anything but 1 in the gate file, or none, is an open gate to keepalived. A whole 0 is written over, which takes no process and
# is never read in part; anything else is replaced by rename.
close_gate() {
  if [ "$gate" = 0 ]; then
    echo 1 2>/dev/null 1<>"$GATE_FILE"
    gate=''
    read -r gate 2>/dev/null <"$GATE_FILE"
  fi
  if [ "$gate" != 1 ]; then { echo 1 >"$GATE_FILE.$$" && mv -f "$GATE_FILE.$$" "$GATE_FILE"; } 2>/dev/null; fi
  read -r gate 2>/dev/null <"$GATE_FILE"
  if [ "$gate" = 1 ]; then
    fence_says "no lease: gate closed"
  else
    fence_says "no lease: cannot close gate $GATE_FILE"
  fi
}

# Sets nothing; true where the kernel has the VIP among its own addresses.
vip_here() {
  if [ -n "$VIP_HEX6" ]; then
    while read -r address _; do
      [ "$address" = "$VIP_HEX6" ] && return 0
    done 2>/dev/null </proc/net/if_inet6
    return 1
  fi
  address=''
  while read -r mark word kind; do
    case $mark in
      '|--') address=$word ;;
      /32) [ "$address" = "$VIP" ] && [ "$kind" = LOCAL ] && return 0 ;;
    esac
  done 2>/dev/null </proc/net/fib_trie
  return 1
}

# Sockets first: with the address gone no reset would reach the clients, and they would wait for their own time-out.
release_vip() {
  timeout 0.5 ss -K -tn src "$VIP" >/dev/null 2>&1
  timeout 1 ip address delete "$VIP_CIDR" dev "$INTERFACE" >/dev/null 2>&1
  if vip_here; then
    # Another interface or another prefix length than configured.
    timeout 1 ip -o address show to "$VIP" 2>/dev/null | while read -r _ where _ cidr _; do
      timeout 1 ip address delete "$cidr" dev "$where" >/dev/null 2>&1
    done
  fi
  vip_here && fence_says "no lease: cannot release VIP $VIP" || fence_says "no lease: VIP $VIP released"
}

# A server with a walwriter is out of recovery; one without a postmaster is orphans that go on writing. A postmaster alone is
# starting or stopping, and one in recovery is harmless: neither a blind start nor a standby is ever disturbed.
kill_writers() {
  # Numbers of a moment ago may be those of other programs by now.
  scan_all
  [ -n "$writable" ] || return 0
  why=$writable
  for round in 1 2 3; do
    # All of them: a postmaster would start others, and a backend that is left goes on.
    kill -9 $postmaster $walwriter $titled 2>/dev/null
    scan_all
    [ -n "$postmaster$titled$walwriter" ] || break
  done
  fence_says "no lease: PostgreSQL killed:$why"
}

# Looks at every process. Sets postmaster, walwriter and titled: the processes of our data directory; writable: why, or nothing.
scan_all() {
  postmaster='' walwriter='' titled=''
  read -r _ _ _ _ last_pid </proc/loadavg
  for entry in /proc/[0-9]*; do
    look_at "${entry#/proc/}"
  done
  judge
}

# Looks only at processes that began since the last scan, and again at those that had no title of their own yet. A server
# becomes writable only by beginning a walwriter. Everything is looked at where the postmaster is gone or numbers began anew.
scan_new() {
  read -r _ _ _ _ newest </proc/loadavg
  began=$((newest - ${last_pid:-$newest}))
  if [ -z "$last_pid" ] || [ "$began" -lt 0 ] || [ "$began" -gt 200 ] ||
    { [ -n "$postmaster" ] && [ ! -e "/proc/${postmaster##* }" ]; }; then
    scan_all
    return
  fi
  again=$postmaster postmaster=''
  for pid in $again; do look_at "$pid"; done
  while [ "$last_pid" -lt "$newest" ]; do
    last_pid=$((last_pid + 1))
    look_at "$last_pid"
  done
  judge
}

# Adds one process to postmaster, walwriter or titled, where it is one of our data directory.
look_at() {
  command=''
  read -r command 2>/dev/null <"/proc/$1/comm"
  case $command in postgres | postmaster) ;; *) return ;; esac
  title=''
  # Without its zero bytes; empty where the process has ended and only waits for its parent.
  IFS= read -r title 2>/dev/null <"/proc/$1/cmdline"
  [ -n "$title" ] && is_ours "$1" || return
  case $title in
    'postgres: '*) ;;
    # The postmaster, or a child that has no title yet.
    *)
      postmaster="$postmaster $1"
      return
      ;;
  esac
  case $title in
    *' walwriter' | *' walwriter ') walwriter="$walwriter $1" ;;
    *) titled="$titled $1" ;;
  esac
}

judge() {
  writable=''
  [ -z "$walwriter" ] || writable=" out of recovery (walwriter$walwriter)"
  [ -n "$postmaster" ] || [ -z "$titled" ] || writable=" orphans without a postmaster ($titled)"
}

# The working directory of every process of a server is its data directory. `cd` follows the kernel's link without a disk.
is_ours() {
  PWD=''
  if cd -P "/proc/$1/cwd" 2>/dev/null && [ -n "$PWD" ]; then
    directory=$PWD
    cd /
  else
    directory=$(readlink "/proc/$1/cwd") || return 1
    directory=${directory%" (deleted)"}
  fi
  [ "$directory" = "$DATA_DIRECTORY" ] || [ "$directory" = "$DATA_DIRECTORY_REAL" ]
}

# One line for the log of whoever runs us, and for the system's log where there is one. In the background: a log that hangs must
# not hold up a fence. A line that says the same again is left out for ten seconds.
said='' said_at=0
fence_says() {
  [ "$1" = "$said" ] && [ $((now - said_at)) -lt 1000 ] && return 0
  said=$1 said_at=$now
  {
    echo "$GUARD: $1" >&2
    exec logger -t "primacy-$GUARD" -p daemon.crit -- "$1" 2>/dev/null
  } &
}
