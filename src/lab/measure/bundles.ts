/** Which of the client's rows lie in a salvage bundle: found by their text in the discarded WAL, because nothing else proves a row there. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lsn } from '../../core/model/lsn.ts';
import { accountSchema } from '../../world/remote/protocol.ts';
import { hostDirectory } from '../state.ts';
import { LEDGER_ROW } from './ledger.ts';

export interface BundleContent {
  /** Path inside the host, with the host before it. */
  readonly path: string;
  readonly transactions: number;
  readonly ids: ReadonlySet<number>;
}

const PAGE_BYTES = 8_192;
/** Sizes of XLogPageHeaderData and XLogLongPageHeaderData (src/include/access/xlog_internal.h); the long one opens a segment. */
const SHORT_HEADER_BYTES = 24;
const LONG_HEADER_BYTES = 40;

/** Every bundle on a host's disk. */
export async function bundlesOf(lab: string, host: string): Promise<readonly BundleContent[]> {
  const folder = join(hostDirectory(lab, host), 'lib/primacy/salvage');
  const bundles: BundleContent[] = [];
  for (const name of await namesIn(folder)) {
    const manifest = await readManifest(join(folder, name, 'account.json'));
    if (manifest === null) continue;
    bundles.push({
      path: `${host}:/var/lib/primacy/salvage/${name}`,
      transactions: manifest.clientTransactions,
      ids: await ledgerIdsIn(join(folder, name), manifest.forkLsn, manifest.endLsn),
    });
  }
  return bundles;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** A bundle without a manifest was never finished: it is no bundle. */
async function readManifest(path: string): Promise<ReturnType<typeof accountSchema.parse> | null> {
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    return accountSchema.parse(value['account'] ?? value);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function ledgerIdsIn(bundle: string, from: Lsn, to: Lsn): Promise<ReadonlySet<number>> {
  const ids = new Set<number>();
  const files = (await readdir(bundle, { recursive: true })).filter((name) =>
    /(^|\/)[0-9A-F]{24}$/.test(name),
  );
  for (const file of files.toSorted()) {
    const segment = await readFile(join(bundle, file));
    const text = recordBytes(segment, segmentStart(file.slice(-24), segment.length), from, to).toString(
      'latin1',
    );
    for (const match of text.matchAll(LEDGER_ROW)) ids.add(Number(match[1]));
  }
  return ids;
}

/** Position of a segment's first byte: its name is timeline, high half and segment number, eight digits each. */
function segmentStart(name: string, segmentBytes: number): bigint {
  return (BigInt(`0x${name.slice(8, 16)}`) << 32n) + BigInt(`0x${name.slice(16, 24)}`) * BigInt(segmentBytes);
}

/** The bytes of a segment between two positions without page headers, so that a row's text is in one piece where it crosses a page. */
export function recordBytes(segment: Buffer, start: bigint, from: bigint, to: bigint): Buffer {
  const pieces: Buffer[] = [];
  for (let offset = 0; offset < segment.length; offset += PAGE_BYTES) {
    const first = offset + (offset === 0 ? LONG_HEADER_BYTES : SHORT_HEADER_BYTES);
    const begin = Math.max(first, Number(from - start));
    const end = Math.min(offset + PAGE_BYTES, Number(to - start));
    if (begin < end) pieces.push(segment.subarray(begin, end));
  }
  return Buffer.concat(pieces);
}
