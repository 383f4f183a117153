/** Sees to it that the fuse runs before a node depends on it. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { pollUntil } from '../../world/clock.ts';
import { readOptional } from '../../world/files/read-optional.ts';
import type { Command } from '../../world/remote/runner.ts';
import type { GuardContext } from './guard-context.ts';

export const FUSE_UNIT = 'primacy-fuse.service';
const LOOK_MS = 1_000;
const START_LIMIT_MS = 5_000;
const SYSTEMCTL_LIMIT_MS = 20_000;
const POLL_MS = 50;

/** How the fuse came to run. */
export type FuseStart = 'running' | 'unit' | 'by-hand';

/** Starts it by its unit, else by itself, where it does not run. Throws `postcondition-missing` where it is not seen at work then. */
export async function ensureFuse(context: GuardContext): Promise<FuseStart> {
  if (await isSeen(context, LOOK_MS)) return 'running';
  const how = await start(context);
  if (await isSeen(context, START_LIMIT_MS)) return how;
  throw new PrimacyError(
    'postcondition-missing',
    `cannot start the fuse on ${context.node.name}: ${join(context.paths.guardDirectory, 'fuse-supervisor')} leaves no stamp`,
  );
}

/** Disables and stops its unit where there is one. Without a unit it ends by itself once its program is gone. */
export async function stopFuseUnit(context: GuardContext): Promise<void> {
  if (hasSystemd()) await context.runner.run(systemctl('disable', '--now', FUSE_UNIT));
}

async function start(context: GuardContext): Promise<FuseStart> {
  if (hasSystemd()) {
    const result = await context.runner.run(systemctl('enable', '--now', FUSE_UNIT));
    if (result.kind === 'done') return 'unit';
  }
  const child = spawn(join(context.paths.guardDirectory, 'fuse-supervisor'), {
    detached: true,
    stdio: 'ignore',
    cwd: '/',
  });
  // That it cannot be started is seen by the stamp that does not come.
  child.on('error', () => undefined);
  child.unref();
  return 'by-hand';
}

/** Two stamps that differ: a single one may be the last of a fuse that has ended. */
async function isSeen({ paths, clock }: GuardContext, limitMs: number): Promise<boolean> {
  let first: string | null = null;
  const seen = await pollUntil(clock, limitMs, POLL_MS, async () => {
    const stamp = await readOptional(paths.fuseStamp);
    first ??= stamp;
    return stamp !== null && stamp !== first ? true : undefined;
  });
  return seen === true;
}

function hasSystemd(): boolean {
  return existsSync('/run/systemd/system');
}

function systemctl(...rest: readonly string[]): Command {
  return { program: 'systemctl', arguments: rest, timeoutMs: SYSTEMCTL_LIMIT_MS };
}
