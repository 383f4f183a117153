/** The power switch of a lab host: on is a new process 1 in namespaces of its own, off is its death. */
import { spawn } from 'node:child_process';
import { access, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { pollUntil, systemClock } from '../../world/clock.ts';
import { hostDirectory, labDirectory } from '../state.ts';
import { hostInit, labProcesses, marker } from './processes.ts';

const INIT = fileURLToPath(new URL('init.sh', import.meta.url));
const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
const LIMIT_MS = 10_000;

/** Starts the host's process 1 and waits until its file systems stand. Throws `timeout` with the place of its log. */
export async function powerOn(lab: string, host: string): Promise<number> {
  const log = join(labDirectory(lab), 'hosts', `${host}.init.log`);
  await mkdir(dirname(log), { recursive: true });
  const output = await open(log, 'a');
  try {
    const child = spawn('unshare', unshareArguments(lab, host), {
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
      cwd: '/',
    });
    child.on('error', () => undefined);
    child.unref();
  } finally {
    await output.close();
  }
  const init = await pollUntil(systemClock, LIMIT_MS, 10, async () => await readyInit(lab, host));
  if (init === undefined) {
    throw new PrimacyError('timeout', `cannot power on ${host}: not ready within ${LIMIT_MS} ms, see ${log}`);
  }
  return init;
}

function unshareArguments(lab: string, host: string): readonly string[] {
  return [
    '--fork',
    '--kill-child',
    '--net',
    '--mount',
    '--pid',
    '--ipc',
    '--uts',
    '--propagation',
    'unchanged',
    'sh',
    INIT,
    marker(lab, host),
    hostDirectory(lab, host),
    host,
    CHECKOUT,
    dirname(process.execPath),
  ];
}

async function readyInit(lab: string, host: string): Promise<number | undefined> {
  const init = await hostInit(lab, host);
  if (init === null) return undefined;
  try {
    await access(`/proc/${init}/root/run/lab-host-ready`);
    return init;
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** Kills process 1 of a host and with it, by the kernel, every process and link it has. Does nothing where the host is off. */
export async function powerOff(lab: string, host: string): Promise<void> {
  await killMarked(lab, (part) => part === host);
}

/**
 * Kills the marked processes of a lab whose part is chosen, and waits until they are gone. Returns the parts that were alive.
 * A process 1 ends only after everything in its namespace did, so afterwards nothing of the host runs.
 */
export async function killMarked(lab: string, chosen: (part: string) => boolean): Promise<readonly string[]> {
  const alive = (await labProcesses(lab)).filter((process) => chosen(process.part));
  for (const { pid } of alive) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  const gone = await pollUntil(systemClock, LIMIT_MS, 10, async () => {
    const left = (await labProcesses(lab)).filter((process) => chosen(process.part));
    return left.length === 0 ? true : undefined;
  });
  if (gone === undefined)
    throw new PrimacyError('timeout', `cannot end the processes of lab ${lab} within ${LIMIT_MS} ms`);
  return [...new Set(alive.map((process) => process.part))];
}
