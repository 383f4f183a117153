/** The one lab that all faults are tried in, and what the tests of every kind of fault look at it with. */
import { breakLab } from '../../../src/lab/faults/strike.ts';
import { holdsAddress } from '../../../src/lab/measure/addresses.ts';
import { readBeats, writableNow } from '../../../src/lab/measure/beats.ts';
import { readLabState } from '../../../src/lab/state.ts';
import { output, sh } from '../lab.ts';

export const LAB = 'test-faults';
/** Faults that a test has made. */
export const proven: Set<string> = new Set();

/** Makes a fault and remembers that it was tried. */
export async function strike(fault: string, host?: string, others: readonly string[] = []): Promise<void> {
  proven.add(fault);
  await breakLab(LAB, fault, host, others);
}

/** States of processes by name, such as `S` or `T` (stopped), one letter each. */
export async function states(host: string, pattern: string): Promise<string> {
  const line = `for p in $(${pattern}); do sed 's/.*) \\(.\\).*/\\1/' /proc/$p/stat; done | tr -d '\\n'`;
  return output(LAB, host, line);
}

/** Hosts that accept writes, by the probe. */
export async function writable(): Promise<string> {
  return writableNow(await readBeats(LAB), Date.now()).join(' ');
}

/** Whether a host's kernel has the VIP. */
export async function vipOn(host: string): Promise<boolean> {
  return holdsAddress(LAB, host, (await readLabState(LAB)).vip);
}

/** Whether one host's packets reach another and come back. */
export async function reaches(from: string, to: string): Promise<boolean> {
  return (await sh(LAB, from, `ping -c 1 -W 1 ${to}`)).kind === 'done';
}
