/** Breaks and mends, and remembers what is broken, so that `mend` without a name undoes everything that can be undone. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { writeAtomically } from '../../world/files/atomic-write.ts';
import { hostDirectory, labDirectory, readLabState } from '../state.ts';
import { hostNamed, topologyOf } from '../topology.ts';
import { faults } from './catalogue.ts';
import type { Fault, FaultTarget } from './fault.ts';

/** One fault as it was asked for. */
export interface Strike {
  readonly fault: string;
  readonly host: string;
  readonly others: readonly string[];
  /** When the fault began to be made, milliseconds since 1970. */
  readonly at: number;
}

/** Makes a fault. Without a host, the fault's own default is meant. Throws `usage` for a fault or host that does not exist. */
export async function breakLab(
  lab: string,
  faultName: string,
  host: string | undefined,
  others: readonly string[],
): Promise<Strike> {
  const fault = faultNamed(faultName);
  const asked = { fault: faultName, host: host ?? fault.defaultHost, others };
  const target = await targetOf(lab, asked);
  const strike: Strike = { ...asked, at: Date.now() };
  await fault.strike(target);
  const standing = await readStrikes(lab);
  // Power given back is not a fault that stands: it ends one.
  const left = faultName === 'power-on' ? standing.filter((it) => it.host !== strike.host) : standing;
  await writeStrikes(lab, fault.mend === null ? left : [...left, strike]);
  return strike;
}

/** Undoes, latest first, what was broken and matches. Returns what was undone. A process that is gone cannot be continued: that is told, not hidden. */
export async function mendLab(
  lab: string,
  faultName: string | undefined,
  host: string | undefined,
): Promise<readonly Strike[]> {
  if (faultName !== undefined) faultNamed(faultName);
  const strikes = await readStrikes(lab);
  const chosen = strikes.filter(
    (it) => (faultName === undefined || it.fault === faultName) && (host === undefined || it.host === host),
  );
  for (const strike of chosen.toReversed()) {
    await faultNamed(strike.fault).mend?.(await targetOf(lab, strike));
    await writeStrikes(
      lab,
      (await readStrikes(lab)).filter((it) => !sameStrike(it, strike)),
    );
  }
  return chosen;
}

/** Forgets what is broken: somebody has seen that nothing is any more, whoever repaired it. */
export async function forgetStrikes(lab: string): Promise<void> {
  await writeStrikes(lab, []);
}

function faultNamed(name: string): Fault {
  const fault = faults.get(name);
  if (fault !== undefined) return fault;
  throw new PrimacyError(
    'usage',
    `cannot find fault ${JSON.stringify(name)}, there are ${[...faults.keys()].join(', ')}`,
  );
}

/** Everything a fault needs to know about the lab. */
async function targetOf(lab: string, strike: Omit<Strike, 'at'>): Promise<FaultTarget> {
  const state = await readLabState(lab);
  const topology = topologyOf(lab, state.nodes, state.witness);
  const config = await loadConfig(join(hostDirectory(lab, 'mon'), 'etc/primacy/primacy.yml'));
  return { state, topology, config, host: hostNamed(topology, strike.host), others: strike.others };
}

function sameStrike(a: Strike, b: Strike): boolean {
  return a.fault === b.fault && a.host === b.host;
}

function recordPath(lab: string): string {
  return join(labDirectory(lab), 'faults.json');
}

async function readStrikes(lab: string): Promise<readonly Strike[]> {
  try {
    return JSON.parse(await readFile(recordPath(lab), 'utf8')) as readonly Strike[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function writeStrikes(lab: string, strikes: readonly Strike[]): Promise<void> {
  await writeAtomically(recordPath(lab), `${JSON.stringify(strikes, null, 2)}\n`);
}
