/** Wall clocks of database hosts that can be set: libfaketime under agent, PostgreSQL and keepalived with its scripts. The monotonic clocks stay true. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { writeAtomically } from '../../world/files/atomic-write.ts';
import { hostDirectory } from '../state.ts';
import type { HostFile } from './files.ts';

/** What services of a host are started with, one NAME=VALUE a line. */
const ENVIRONMENT_FILE = '/etc/lab-environment';
/** Read at every look at the clock: seconds that are added to the true time. */
const CLOCK_FILE = '/etc/lab-clock';
const LIBRARIES = '/usr/lib';

/** The files of a host whose clock can be set; it is true at first. Throws `missing-prerequisite` without libfaketime. */
export async function clockFiles(): Promise<readonly HostFile[]> {
  const environment = [
    `LD_PRELOAD=${await findLibrary()}`,
    `FAKETIME_TIMESTAMP_FILE=${CLOCK_FILE}`,
    'FAKETIME_NO_CACHE=1',
    'FAKETIME_DONT_FAKE_MONOTONIC=1',
    // The times of files are what the true clock made them.
    'NO_FAKE_STAT=1',
  ];
  return [
    { path: ENVIRONMENT_FILE, content: `${environment.join('\n')}\n` },
    { path: CLOCK_FILE, content: '+0\n' },
  ];
}

/** Debian keeps it in a folder named after the processor's architecture. */
async function findLibrary(): Promise<string> {
  for (const folder of await readdir(LIBRARIES)) {
    const path = join(LIBRARIES, folder, 'faketime/libfaketime.so.1');
    if (await exists(path)) return path;
  }
  throw new PrimacyError(
    'missing-prerequisite',
    'cannot build a lab whose clocks can be set: libfaketime is missing, install the package libfaketime',
  );
}

/** Sets the clock of a host to the true time plus `seconds`. Throws `usage` where the lab was not built for it. */
export async function setClock(lab: string, host: string, seconds: number): Promise<void> {
  const path = join(hostDirectory(lab, host), CLOCK_FILE);
  if (!(await exists(path)))
    throw new PrimacyError(
      'usage',
      `cannot set the clock of ${host}: its services run by the true one, build the lab with "--fake-clocks"`,
    );
  // By rename: a reader of half a number would jump twice.
  await writeAtomically(path, `${seconds < 0 ? '' : '+'}${seconds}\n`, { mode: 0o644 });
}

/** What a service of the host is to be started with, each NAME=VALUE; none in most labs. */
export async function serviceEnvironment(init: number): Promise<readonly string[]> {
  try {
    return (await readFile(`/proc/${init}/root${ENVIRONMENT_FILE}`, 'utf8')).trimEnd().split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
