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
  readonly salvageDirectory: string;
  /** JSON lines: each step of each node procedure, before and after. */
  readonly nodeJournal: string;
  /** How keepalived was started, written before a procedure stops it, so that it can be started the same way again. */
  readonly keepalivedStart: string;
  /** keepalived's weight-0 track file: `0` = gate open, `1` = closed (FAULT). Written by rename only. */
  readonly gateFile: string;
  /** flock(2) on it makes node procedures single-flight. */
  readonly nodeLock: string;
  readonly agentPidFile: string;
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
    salvageDirectory: join(stateDirectory, 'salvage'),
    nodeJournal: join(stateDirectory, 'journal.jsonl'),
    keepalivedStart: join(stateDirectory, 'keepalived-start.json'),
    gateFile: join(runDirectory, 'gate'),
    nodeLock: join(runDirectory, 'node.lock'),
    agentPidFile: join(runDirectory, 'agent.pid'),
  };
}

export const paths: Paths = pathsBelow(
  process.env['PRIMACY_STATE_DIR'] ?? '/var/lib/primacy',
  process.env['PRIMACY_RUN_DIR'] ?? '/run/primacy',
);
