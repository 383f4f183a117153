/** The guard programs as they lie in this repository, with the mode that each must have where it is installed. */
import { join } from 'node:path';

export interface GuardProgram {
  readonly name: string;
  /** keepalived drops a script that others may write to or that cannot be run, without a word. */
  readonly mode: number;
}

export const GUARD_PROGRAMS: readonly GuardProgram[] = [
  { name: 'fuse', mode: 0o755 },
  { name: 'fuse-supervisor', mode: 0o755 },
  { name: 'dead-man', mode: 0o755 },
  { name: 'recovery-end', mode: 0o755 },
  { name: 'restore-wal', mode: 0o755 },
  { name: 'lease.sh', mode: 0o644 },
  { name: 'fence.sh', mode: 0o644 },
  { name: 'user-command.sh', mode: 0o644 },
];

export const GUARD_SOURCES: string = join(import.meta.dirname, '..', 'guard');
