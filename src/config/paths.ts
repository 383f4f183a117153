/** Where Primacy keeps things on a host. The two roots can be moved by environment variables, for tests only. */
import { join } from 'node:path';

export interface Paths {
  /** Survives a reboot; every write here is fsynced. */
  readonly stateDirectory: string;
  /** Gone at a reboot (tmpfs). */
  readonly runDirectory: string;
  readonly config: string;
  readonly fenceMarker: string;
  readonly fenceNumber: string;
  readonly rejoinManifest: string;
  /** Why the last rejoin did not succeed; absent once one has. */
  readonly rejoinFailure: string;
  readonly salvageDirectory: string;
  /** JSON lines: each step of each node procedure, before and after. */
  readonly nodeJournal: string;
  /** How keepalived was started, written before a procedure stops it, so that it can be started the same way again. */
  readonly keepalivedStart: string;
  /** keepalived's configuration as it was before `primacy adopt` took it over, and as it was left then. */
  readonly keepalivedBefore: string;
  /** keepalived's weight-0 track file: `0` = gate open, `1` = closed (FAULT). Written by rename only. */
  readonly gateFile: string;
  /** flock(2) on it makes node procedures single-flight. */
  readonly nodeLock: string;
  readonly agentPidFile: string;
  /** This voter's memory: what it granted, fsynced before it answers. */
  readonly vote: string;
  /** Present once `primacy adopt` handed this node over: before that an agent only observes. */
  readonly adoption: string;
  /** Failovers that this node began, for the cooldown. */
  readonly failovers: string;
  /** Replication slots that this node had as primary, and logical ones that were lost when it became primary. */
  readonly slots: string;
  /** Leases that a majority granted to this node, and claims in vain that continued them. */
  readonly heldLease: string;
  /** The lease's deadline, one line `CENTISECONDS EPOCH NODE` by /proc/uptime; see `guard/`. On tmpfs, by rename, mode 0644. */
  readonly leaseFile: string;
  /** A person's override of the voters, while one is in force. On tmpfs: it outlives the agent and not the boot. */
  readonly overrideFile: string;
  /** Uptime in centiseconds at which fuse and dead-man script last looked: the agent checks that they run. */
  readonly fuseStamp: string;
  readonly deadManStamp: string;
  /** WAL and history files that the agent fetched for the restore wrapper; `chain` in it names what may be restored. */
  readonly restoreDirectory: string;
  /** The agent's local socket: start, stop, promote and hooks ask here. */
  readonly agentSocket: string;
  /** Programs that PostgreSQL, keepalived and the fuse's supervisor run: copied there by `primacy adopt`, root's alone. */
  readonly guardDirectory: string;
}

/** The paths below two roots. */
export function pathsBelow(stateDirectory: string, runDirectory: string): Paths {
  return {
    stateDirectory,
    runDirectory,
    config: '/etc/primacy/primacy.yml',
    fenceMarker: join(stateDirectory, 'fence.json'),
    fenceNumber: join(stateDirectory, 'fence-number.json'),
    rejoinManifest: join(stateDirectory, 'rejoin.json'),
    rejoinFailure: join(stateDirectory, 'rejoin-failure.json'),
    salvageDirectory: join(stateDirectory, 'salvage'),
    nodeJournal: join(stateDirectory, 'journal.jsonl'),
    keepalivedStart: join(stateDirectory, 'keepalived-start.json'),
    keepalivedBefore: join(stateDirectory, 'keepalived-before.json'),
    gateFile: join(runDirectory, 'gate'),
    nodeLock: join(runDirectory, 'node.lock'),
    agentPidFile: join(runDirectory, 'agent.pid'),
    vote: join(stateDirectory, 'vote.json'),
    adoption: join(stateDirectory, 'adoption.json'),
    failovers: join(stateDirectory, 'failovers.json'),
    slots: join(stateDirectory, 'slots.json'),
    heldLease: join(stateDirectory, 'held-lease.json'),
    leaseFile: join(runDirectory, 'lease'),
    overrideFile: join(runDirectory, 'override'),
    fuseStamp: join(runDirectory, 'fuse'),
    deadManStamp: join(runDirectory, 'dead-man'),
    restoreDirectory: join(runDirectory, 'restore'),
    agentSocket: join(runDirectory, 'agent.sock'),
    guardDirectory: '/etc/primacy/guard',
  };
}

export const paths: Paths = pathsBelow(
  process.env['PRIMACY_STATE_DIR'] ?? '/var/lib/primacy',
  process.env['PRIMACY_RUN_DIR'] ?? '/run/primacy',
);
