/** Asks the running keepalived for its JSON, by signal, at most once a second, and never believes an old or foreign file. */
import { constants, closeSync, fstatSync, openSync, readFileSync, rmSync } from 'node:fs';
import type { KeepalivedConfig } from '../../config/schema.ts';
import { known, unknown, type Known } from '../../core/model/known.ts';
import type { KeepalivedObservation } from '../../core/model/observation.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import { pollUntil, type Clock } from '../clock.ts';
import { parseKeepalivedJson, type KeepalivedData } from './json.ts';
import { keepalivedParent, keepalivedProcesses, type KeepalivedProcess } from './process.ts';

/** SIGRTMIN+2: keepalived 2.2.7 writes its JSON (`keepalived --signum=JSON`). */
const JSON_SIGNAL = 36;
const POLL_MS = 1;
const MIN_INTERVAL_MS = 1_000;

export interface KeepalivedReader {
  /** What keepalived said less than a second ago, else what it says now; `writtenAt` tells which. Never rejects. */
  readonly read: () => Promise<Known<KeepalivedData>>;
}

/** Makes a reader. Reads at the same time share one signal. */
export function createKeepalivedReader(
  config: KeepalivedConfig,
  clock: Clock,
  limitMs: number,
): KeepalivedReader {
  let running: Promise<Known<KeepalivedData>> | null = null;
  let startedAt = -Infinity;
  return {
    read: () => {
      const now = clock.monotonicMillis();
      if (running === null || now - startedAt >= MIN_INTERVAL_MS) {
        startedAt = now;
        running = askKeepalived(config, clock, limitMs);
      }
      return running;
    },
  };
}

/** One question for an observation: running or not, and what it says of itself where it answers. */
export async function observeKeepalived(
  config: KeepalivedConfig,
  clock: Clock,
  limitMs: number,
): Promise<Known<KeepalivedObservation>> {
  try {
    const running = keepalivedParent() !== null;
    const data = running ? await askKeepalived(config, clock, limitMs) : unknown('keepalived does not run');
    return known({
      running,
      vrrpState: data.kind === 'known' ? known(data.value.state) : data,
      effectivePriority: data.kind === 'known' ? known(data.value.effectivePriority) : data,
    });
  } catch (error) {
    return unknown(`cannot look for keepalived: ${errorText(error)}`);
  }
}

async function askKeepalived(
  config: KeepalivedConfig,
  clock: Clock,
  limitMs: number,
): Promise<Known<KeepalivedData>> {
  try {
    const processes = keepalivedProcesses();
    const parent = keepalivedParent(processes);
    if (parent === null) return unknown('keepalived does not run');
    if (processes.some((it) => it.state === 'T')) return unknown('keepalived is stopped by a signal');
    if (!processes.every(takesSignal)) return unknown('keepalived has only just started');
    rmSync(config.jsonFile, { force: true });
    process.kill(parent.pid, JSON_SIGNAL);
    const data = await pollUntil(clock, limitMs, POLL_MS, () => Promise.resolve(readJson(config)));
    return data === undefined ? unknown(`keepalived gave no answer within ${limitMs} ms`) : known(data);
  } catch (error) {
    return unknown(`cannot ask keepalived: ${errorText(error)}`);
  }
}

/** Undefined while the file is absent or not complete: keepalived renames it into place before it fills it. */
function readJson(config: KeepalivedConfig): KeepalivedData | undefined {
  const file = readOwnFile(config.jsonFile);
  if (file === null || !file.text.trimEnd().endsWith(']')) return undefined;
  return parseKeepalivedJson(file.text, config.vrrpInstance, file.writtenAt);
}

/** /tmp belongs to everybody, so only a regular file of root counts. */
function readOwnFile(path: string): { readonly text: string; readonly writtenAt: number } | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const { uid, mtimeMs } = fstatSync(descriptor);
    if (uid !== 0) return null;
    return { text: readFileSync(descriptor, 'utf8'), writtenAt: mtimeMs / 1000 };
  } finally {
    closeSync(descriptor);
  }
}

/** A process that does not handle the signal yet (its first milliseconds) would be ended by it. */
function takesSignal(it: KeepalivedProcess): boolean {
  const status = readFileSync(`/proc/${it.pid}/status`, 'latin1');
  const handled = ['SigCgt', 'SigBlk'].map((name) => {
    const mask = new RegExp(`^${name}:\\s*([0-9a-f]+)$`, 'm').exec(status);
    return BigInt(`0x${mask?.[1] ?? '0'}`);
  });
  return handled.some((mask) => (mask & (1n << BigInt(JSON_SIGNAL - 1))) !== 0n);
}
