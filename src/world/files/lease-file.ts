/** The lease's deadline on tmpfs, by which agent, fuse, dead-man script and guards fence: one line `DEADLINE_CS EPOCH NODE`. */
import { closeSync, fchmodSync, openSync, renameSync, writeSync } from 'node:fs';
import { known, unknown, type Known } from '../../core/model/known.ts';
import type { NodeName } from '../../core/model/names.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import { bootMillis } from '../clock.ts';
import { readOptional } from './read-optional.ts';

export interface LeaseDeadline {
  /** Hundredths of a second of CLOCK_BOOTTIME, as /proc/uptime has it without its point; 0 = the lease has ended. */
  readonly deadlineCs: number;
  readonly epoch: number;
  readonly node: NodeName;
}

const LINE = /^(\d{1,15}) (\d{1,15}) ([a-z0-9-]{1,256})\n$/;

/** Null where there is none. A file that is cut off or anything else than that line is unknown, which is no lease. */
export async function readLeaseFile(path: string): Promise<Known<LeaseDeadline | null>> {
  let text: string | null;
  try {
    text = await readOptional(path);
  } catch (error) {
    return unknown(`cannot read lease file ${path}: ${errorText(error)}`);
  }
  if (text === null) return known(null);
  const match = LINE.exec(text);
  if (match === null) return unknown(`cannot read lease file ${path}: expected "DEADLINE_CS EPOCH NODE"`);
  const [, deadline, epoch, node] = match;
  return known({ deadlineCs: Number(deadline), epoch: Number(epoch), node: node as NodeName });
}

/** The rule of all local fences: the deadline names this node and has not passed, by this host's boot time. */
export function isEntitling({ deadlineCs, node }: LeaseDeadline, self: string): boolean {
  return node === self && deadlineCs * 10 > bootMillis();
}

/**
 * Replaces the line by rename, readable by all. Synchronous, and nothing is synced: it lies on tmpfs, and must not wait for a thread
 * that hangs in another file system. Throws the system's error.
 */
export function writeLeaseFile(path: string, lease: LeaseDeadline): void {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = openSync(temporary, 'w', 0o644);
  try {
    fchmodSync(file, 0o644);
    writeSync(file, `${lease.deadlineCs} ${lease.epoch} ${lease.node}\n`);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}
