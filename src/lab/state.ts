/** What a lab remembers on disk between two commands: its shape and the addresses people use. Never what can be seen in the kernel. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PrimacyError } from '../core/model/primacy-error.ts';
import { writeAtomically } from '../world/files/atomic-write.ts';
import { checkLabName } from './topology.ts';

interface LabShape {
  readonly name: string;
  readonly nodes: number;
  /** False: the database hosts are all the voters that there are. */
  readonly witness: boolean;
  readonly profile: 'fast' | 'article';
  readonly policy: 'observe' | 'approve' | 'auto';
  readonly sync: boolean;
  /** False: `primacy adopt` was not run, and the agents only observe. */
  readonly adopt: boolean;
  /** Size of a file system for each database host's data directory alone; null: they lie on this machine's disk. */
  readonly diskMegabytes: number | null;
  /** The longest that a frame between two hosts is held up on its way, milliseconds; 0: not at all. */
  readonly jitterMs: number;
  /** True: the database hosts archive WAL into one folder, and restore from it. */
  readonly archive: boolean;
  /** True: the wall clocks of the database hosts' services can be set. */
  readonly fakeClocks: boolean;
  readonly vip: string;
  /** False until `up` has verified the cluster. */
  readonly ready: boolean;
}

/** A lab that runs Primacy and what watches it. */
export interface ProductLab extends LabShape {
  readonly agent: true;
  /** URLs on this machine's loopback. */
  readonly page: string;
  readonly prometheus: string;
  readonly alertmanager: string;
}

/** A lab of `--no-agent`: keepalived with the article's scripts. There are no agents to scrape, so nothing watches it. */
export interface ArticleLab extends LabShape {
  readonly agent: false;
  readonly page: null;
  readonly prometheus: null;
  readonly alertmanager: null;
}

export type LabState = ProductLab | ArticleLab;

/** All labs of this machine live below this folder: on disk, so that fsync means what it says. */
export const LAB_ROOT = '/var/lib/primacy-lab';

/** The folder of one lab. */
export function labDirectory(name: string): string {
  return join(LAB_ROOT, checkLabName(name));
}

/** Where a host's own folders lie on this machine. */
export function hostDirectory(lab: string, host: string): string {
  return join(labDirectory(lab), 'hosts', host);
}

/** The lab, where it runs Primacy. Throws `usage` where it was built with `--no-agent`. */
export function productLab(state: LabState): ProductLab {
  if (state.agent) return state;
  throw new PrimacyError(
    'usage',
    `cannot ask the responder of lab ${state.name}: it has none, it was built with --no-agent`,
  );
}

/** Remembers the lab. */
export async function writeLabState(state: LabState): Promise<void> {
  await writeAtomically(join(labDirectory(state.name), 'lab.json'), `${JSON.stringify(state, null, 2)}\n`, {
    mode: 0o644,
  });
}

/** Reads a lab. Throws `usage` where there is none of that name. */
export async function readLabState(name: string): Promise<LabState> {
  const path = join(labDirectory(name), 'lab.json');
  try {
    return JSON.parse(await readFile(path, 'utf8')) as LabState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new PrimacyError(
      'usage',
      `cannot find lab ${JSON.stringify(name)}: start it with "primacy lab up --name ${name}"`,
    );
  }
}
