/** The client's record of rows that the database acknowledged, and the outages that show in it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hostDirectory } from '../state.ts';

export interface Acknowledgement {
  readonly id: number;
  /** Milliseconds since 1970 at which the client had the answer. */
  readonly at: number;
}

/** Path inside the host `client`. */
export const ACKNOWLEDGEMENT_LOG = '/var/log/acknowledged';

/** Reads the record; an unfinished last line is not counted yet. */
export async function readAcknowledgements(lab: string): Promise<readonly Acknowledgement[]> {
  return parseAcknowledgements(await readLog(join(hostDirectory(lab, 'client'), 'log', 'acknowledged')));
}

/** One `ID MILLISECONDS` a line. */
export function parseAcknowledgements(text: string): readonly Acknowledgement[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [id, at] = line.split(' ').map(Number);
      return { id: id ?? Number.NaN, at: at ?? Number.NaN };
    });
}

/** The text of an append-only log; empty before its first line. */
export async function readLog(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

export interface WriteOutage {
  /** RFC 3339, the last acknowledgement before the gap. */
  readonly from: string;
  readonly seconds: number;
}

/** A gap shorter than this is no outage: the client writes every 20 ms and a busy machine pauses it. */
const OUTAGE_MS = 500;

/** Milliseconds of the longest gap between two acknowledgements that ended after `since`, the one that still lasts included. */
export function longestGap(
  acknowledgements: readonly Acknowledgement[],
  since: number,
  nowMillis: number,
): number {
  const moments = [...acknowledgements.map((it) => it.at), nowMillis];
  let longest = 0;
  for (let index = 1; index < moments.length; index += 1) {
    const moment = moments[index] ?? 0;
    if (moment >= since) longest = Math.max(longest, moment - (moments[index - 1] ?? 0));
  }
  return longest;
}

/** Gaps between two acknowledgements, and the one that still lasts. */
export function writeOutages(
  acknowledgements: readonly Acknowledgement[],
  nowMillis: number,
): readonly WriteOutage[] {
  const moments = [...acknowledgements.map((it) => it.at), nowMillis];
  const outages: WriteOutage[] = [];
  for (let index = 1; index < moments.length; index += 1) {
    const from = moments[index - 1] ?? 0;
    const gap = (moments[index] ?? 0) - from;
    if (gap >= OUTAGE_MS) outages.push({ from: new Date(from).toISOString(), seconds: gap / 1_000 });
  }
  return outages;
}
