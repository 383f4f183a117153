/** One look at a host's kernel and files from outside it: no program is started in the host, so it costs nothing that a drill measures. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '../../config/paths.ts';
import { hostDirectory } from '../state.ts';
import type { GroundKey } from './ground.ts';

/** Everything but what the server must be asked for. */
export type Ground = Readonly<Record<Exclude<GroundKey, 'source'>, string>>;

export const NO_GROUND: Ground = { vip: '', gate: '', lease: '', fence: '' };

/** Looks through the host's process 1. Null where it is gone. */
export function lookAtGround(lab: string, host: string, init: number, vip: string): Ground | null {
  const routes = readOptional(`/proc/${init}/net/fib_trie`);
  if (routes === null) return null;
  const inside = (path: string): string => readOptional(join(`/proc/${init}/root`, path))?.trim() ?? '';
  const marker = join(hostDirectory(lab, host), paths.fenceMarker.replace('/var/', ''));
  return {
    vip: isLocal(routes, vip) ? '1' : '',
    gate: inside(paths.gateFile),
    lease: holderOf(inside(paths.leaseFile)),
    fence: readOptional(marker) === null ? '' : '1',
  };
}

/** True where the kernel's routing table has the address as one of its own. */
export function isLocal(fibTrie: string, address: string): boolean {
  const lines = fibTrie.split('\n');
  return lines.some(
    (line, index) => line.endsWith(`-- ${address}`) && lines[index + 1]?.includes('/32 host LOCAL') === true,
  );
}

/** `EPOCH NODE` of `DEADLINE EPOCH NODE`: the deadline changes with every renewal. */
function holderOf(lease: string): string {
  return lease.split(' ').slice(1).join(' ');
}

function readOptional(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
