/** Ends a process that a test started together with everything below it. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';

/** SIGKILL, deepest first, and waits for the end of the child itself. Does nothing where it has ended. */
export async function killTree(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  const below = await descendants(child.pid);
  // A tracer ends by itself when what it traces is dead, and writes its last lines.
  for (const pid of below) killOne(pid);
  if (below.length === 0 || child.spawnfile !== 'strace') killOne(child.pid);
  await ended;
}

async function descendants(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const children = text.split(' ').filter(Boolean).map(Number);
  const deeper = await Promise.all(children.map(descendants));
  return [...deeper.flat(), ...children];
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
