/** Sends signals to the programs of a lab host, from inside it: nothing else can be hit. */
import { paths } from '../../config/paths.ts';
import { CLIENT_DATABASE } from '../configure/schema-sql.ts';
import type { FaultTarget } from './fault.ts';
import { dataDirectory, shell } from './shell.ts';

export type Signal = 'KILL' | 'STOP' | 'CONT';

/** The postmaster goes first, so that no backend is born behind the loop; once more, for those born before it. */
const DATA_DIRECTORY_SCRIPT = `
data=$1 signal=$2
kill -"$signal" "$(head -n 1 "$data/postmaster.pid")"
for round in 1 2; do
    for process in /proc/[0-9]*; do
        [ "$(readlink "$process/cwd")" = "$data" ] && kill -"$signal" "\${process#/proc/}"
    done
done
true
`;

/** Signals every process of the data directory: postmaster, its children and orphans. */
export async function signalDataDirectory(target: FaultTarget, signal: Signal): Promise<void> {
  await shell(target, DATA_DIRECTORY_SCRIPT, [dataDirectory(target), signal]);
}

/** Signals the postmaster alone. */
export async function signalPostmaster(target: FaultTarget, signal: Signal): Promise<void> {
  await shell(target, 'kill -"$2" "$(head -n 1 "$1/postmaster.pid")"', [dataDirectory(target), signal]);
}

/**
 * Signals every keepalived process, children first and stopped before they are killed: a child that outlived its parent
 * by a moment would say goodbye to the others, which a crash does not (facts.md section 1).
 */
export async function signalKeepalived(target: FaultTarget, signal: Signal): Promise<void> {
  const script = `
processes=$(pgrep -x keepalived | sort -rn)
[ -n "$processes" ] || { echo "no keepalived runs" >&2; exit 1; }
[ "$1" = KILL ] && kill -STOP $processes
kill -"$1" $processes
`;
  await shell(target, script, [signal]);
}

/** Signals the agent: every Node process that was started as \`primacy agent\`. */
export async function signalAgent(target: FaultTarget, signal: Signal): Promise<void> {
  const script = `
agents=$(pgrep -f '/primacy[.]js agent')
[ -n "$agents" ] || { echo "no agent runs" >&2; exit 1; }
kill -"$1" $agents
`;
  await shell(target, script, [signal]);
}

/** Signals the fuse and its supervisor, the supervisor first: it would start another. */
export async function signalFuse(target: FaultTarget, signal: Signal): Promise<void> {
  const script = `
supervisor=$(pgrep -f "^/bin/sh $2/fuse-supervisor$") fuse=$(pgrep -f "^/bin/sh $2/fuse$")
[ -n "$supervisor$fuse" ] || { echo "no fuse runs" >&2; exit 1; }
kill -"$1" $supervisor $fuse
`;
  await shell(target, script, [signal, paths.guardDirectory]);
}

/** Signals a standby's WAL receiver. One that has ended since it was stopped needs nothing to go on. */
export async function signalReceiver(target: FaultTarget, signal: Signal): Promise<void> {
  await shell(target, 'pkill -"$1" -f "^postgres: .*walreceiver" || [ "$1" = CONT ]', [signal]);
}

/** kill -9 of one backend that serves the client; the client opens a new session every second, so there may be none for a moment. */
export async function killBackend(target: FaultTarget): Promise<void> {
  const script = `
for try in 1 2 3 4 5 6 7 8 9 10; do
    backend=$(pgrep -f "^postgres: .* $1 $1 " | head -n 1)
    [ -n "$backend" ] && kill -KILL "$backend" && exit 0
    sleep 0.2
done
echo "no backend serves the client" >&2
exit 1
`;
  await shell(target, script, [CLIENT_DATABASE]);
}
