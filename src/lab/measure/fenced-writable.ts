/** Whether a host's own guards ended a server there because it was writable without the lease, by what fuse and agent wrote of it. */
import { join } from 'node:path';
import { hostDirectory } from '../state.ts';
import { readLog } from './acknowledgements.ts';

/** The fuse has no clock in its log: it is asked only of hosts that were no primary before. */
const BY_FUSE = 'PostgreSQL killed: out of recovery';
const BY_AGENT = 'PostgreSQL is writable without the lease';

/** `since`: milliseconds since 1970, for the agent's journal. A promotion that the guard inside PostgreSQL refused is none of these. */
export async function wasFencedWritable(lab: string, host: string, since: number): Promise<boolean> {
  const directory = hostDirectory(lab, host);
  const fuse = await readLog(join(directory, 'log', 'primacy-fuse.log'));
  if (fuse.includes(BY_FUSE)) return true;
  return hasFence(await readLog(join(directory, 'lib', 'primacy', 'journal.jsonl')), since);
}

/** An unfinished last line is not counted yet. */
export function hasFence(journal: string, since: number): boolean {
  return journal
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    .some(({ at, step, detail }) => step === 'fence' && detail === BY_AGENT && Number(at) >= since);
}
