/** What the probe saw: when each host accepted writes, who does now, and how long two did at once. */
import { join } from 'node:path';
import { hostDirectory } from '../state.ts';
import { readLog } from './acknowledgements.ts';

/** One accepted insert, or the end of a host's being writable. */
export interface Beat {
  readonly host: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly writable: boolean;
}

export interface WritableInterval {
  readonly host: string;
  readonly from: number;
  readonly to: number;
}

/** Longer than this without an accepted insert, and the host was not proven writable in between: the probe's period is 0.1 s. */
const SILENCE_MS = 1_000;

/** Where the probe writes, on this machine. */
export function beatLog(lab: string): string {
  return join(hostDirectory(lab, 'switch'), 'log', 'beats');
}

/** Reads everything the probe recorded. */
export async function readBeats(lab: string): Promise<readonly Beat[]> {
  return parseBeats(await readLog(beatLog(lab)));
}

/** One `HOST MILLISECONDS 1|0` a line; an unfinished last line is not counted yet. */
export function parseBeats(text: string): readonly Beat[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [host = '', at, writable] = line.split(' ');
      return { host, at: Number(at), writable: writable === '1' };
    });
}

/** Stretches in which a host accepted one insert after the other: from the first to the last of them. */
export function writableIntervals(beats: readonly Beat[]): readonly WritableInterval[] {
  const intervals: WritableInterval[] = [];
  const open = new Map<string, WritableInterval>();
  for (const beat of beats) {
    const current = open.get(beat.host);
    if (!beat.writable) {
      open.delete(beat.host);
      if (current !== undefined) intervals.push(current);
    } else if (current !== undefined && beat.at - current.to <= SILENCE_MS) {
      open.set(beat.host, { ...current, to: beat.at });
    } else {
      if (current !== undefined) intervals.push(current);
      open.set(beat.host, { host: beat.host, from: beat.at, to: beat.at });
    }
  }
  return [...intervals, ...open.values()];
}

/** Hosts whose last insert was accepted within the silence limit, sorted. */
export function writableNow(beats: readonly Beat[], nowMillis: number): readonly string[] {
  const last = new Map<string, Beat>();
  for (const beat of beats) last.set(beat.host, beat);
  return [...last.values()]
    .filter((beat) => beat.writable && nowMillis - beat.at <= SILENCE_MS)
    .map((beat) => beat.host)
    .toSorted();
}

/** Seconds during which at least two hosts were writable. */
export function dualPrimarySeconds(intervals: readonly WritableInterval[]): number {
  // Ends sort before beginnings at the same moment, so that a clean handover does not count.
  const edges = intervals
    .flatMap((interval) => [
      { at: interval.from, change: 1 },
      { at: interval.to, change: -1 },
    ])
    .toSorted((a, b) => a.at - b.at || a.change - b.change);
  let writers = 0;
  let since = 0;
  let total = 0;
  for (const edge of edges) {
    if (writers >= 2) total += edge.at - since;
    writers += edge.change;
    since = edge.at;
  }
  return total / 1_000;
}

/**
 * Moment of the first insert accepted on a second host while another one was writable: time zero of a split brain.
 * Null where there was none.
 */
export function firstDualWrite(beats: readonly Beat[]): number | null {
  const intervals = writableIntervals(beats);
  const moments = intervals
    .filter((later) =>
      intervals.some(
        (other) => other.host !== later.host && other.from <= later.from && later.from <= other.to,
      ),
    )
    .map((interval) => interval.from);
  return moments.length === 0 ? null : Math.min(...moments);
}
