/** Sends signals to the programs of a lab host, from inside it: nothing else can be hit. */
import { poweredInit, runInside } from '../hosts/enter.ts';
import type { FaultTarget } from './fault.ts';

export type Signal = 'KILL' | 'STOP' | 'CONT';

const LIMIT_MS = 10_000;

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

async function shell(target: FaultTarget, script: string, values: readonly string[]): Promise<void> {
  await runInside(await poweredInit(target.state.name, target.host.name), {
    program: 'sh',
    arguments: ['-c', script, 'lab-fault', ...values],
    timeoutMs: LIMIT_MS,
  });
}

function dataDirectory(target: FaultTarget): string {
  return target.config.clusters[0]?.postgres.dataDirectory ?? '';
}
