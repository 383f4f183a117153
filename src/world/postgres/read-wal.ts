/** Reads WAL files record by record, in bounded memory and bounded time, and lets others run meanwhile. */
import { open, type FileHandle } from 'node:fs/promises';
import { PAGE_BYTES, RecordReader } from '../../core/divergence/read-records.ts';
import { walBytes } from '../../core/divergence/wal-bytes.ts';
import type { WalRecord } from '../../core/divergence/wal-record.ts';
import type { Lsn } from '../../core/model/lsn.ts';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';

export interface ReadWalOptions {
  /** The segment that holds `start`, and those that follow it without a gap; they may be of several timelines. */
  readonly paths: readonly string[];
  /** The first record at or after it is the first one given. */
  readonly start: Lsn;
  readonly segmentBytes: number;
  readonly timeoutMs: number;
}

export interface ReadWal {
  /** Where the last record ends; null where there is none. */
  readonly end: Lsn | null;
  /** Why there is no further one. */
  readonly why: string;
}

/** An agent reads WAL too: so much is read between two chances for its other duties, a few milliseconds' work. */
const CHUNK_BYTES = 32 * PAGE_BYTES;

/**
 * Calls `onRecord` for each record until valid WAL ends, as recovery judges it: by page headers, links, lengths and checksums. Rejects
 * with `command-failed` where a file cannot be read, `output-invalid` where it is of an unknown version of PostgreSQL, `timeout`, and with
 * whatever `onRecord` throws.
 */
export async function readWal(
  { paths, start, segmentBytes, timeoutMs }: ReadWalOptions,
  onRecord: (record: WalRecord) => void,
): Promise<ReadWal> {
  const limit = performance.now() + timeoutMs;
  const reader = new RecordReader({ start, segmentBytes, onRecord });
  const chunk = walBytes(CHUNK_BYTES);
  let address = Number(start) - (Number(start) % PAGE_BYTES);
  for (const path of paths) {
    const file = await orFailed(path, open(path));
    try {
      do {
        if (performance.now() > limit)
          throw new PrimacyError('timeout', `cannot read WAL up to ${path} within ${timeoutMs / 1_000} s`, {
            retryable: true,
          });
        const length = await readPages(file, path, chunk.bytes, address % segmentBytes);
        if (length === 0) return { end: reader.end, why: `${path} is shorter than a segment` };
        const why = reader.push(chunk, length, address);
        if (why !== null) return { end: reader.end, why };
        address += length;
      } while (address % segmentBytes !== 0);
    } finally {
      await file.close();
    }
  }
  return { end: reader.end, why: 'no further file' };
}

/** Whole pages from `offset` on; 0 where there is none. */
async function readPages(file: FileHandle, path: string, into: Uint8Array, offset: number): Promise<number> {
  const { bytesRead } = await orFailed(path, file.read(into, 0, into.length, offset));
  return bytesRead - (bytesRead % PAGE_BYTES);
}

async function orFailed<T>(path: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw new PrimacyError('command-failed', `cannot read WAL file ${path}: ${errorText(error)}`, {
      cause: error,
    });
  }
}
