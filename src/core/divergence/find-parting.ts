/** Where two servers' WAL of one timeline parts, from the comparison of its segments. */
import type { Lsn } from '../model/lsn.ts';

/** What the comparison of one segment shows: the first position that differs, or that the other side no longer has the file. */
export type SegmentVerdict =
  { readonly kind: 'equal' } | { readonly kind: 'missing' } | { readonly kind: 'parted'; readonly at: Lsn };

export type Parting =
  | { readonly kind: 'none' }
  | { readonly kind: 'parted'; readonly at: Lsn }
  /** What would tell is gone: it may have parted in that segment. */
  | { readonly kind: 'unseen'; readonly file: string };

/**
 * Compares from the oldest segment on and stops at the first that differs. WAL that has parted can look equal again for whole segments, where
 * both sides load the same rows, because a record names only the position of its predecessor: the newest equal segment proves nothing.
 */
export async function findParting<Part extends { readonly file: string }>(
  parts: readonly Part[],
  compare: (part: Part) => Promise<SegmentVerdict>,
): Promise<Parting> {
  let unseen: string | null = null;
  for (const part of parts) {
    const verdict = await compare(part);
    if (verdict.kind === 'missing') unseen = part.file;
    else if (verdict.kind === 'equal') unseen = null;
    else return unseen === null ? verdict : { kind: 'unseen', file: unseen };
  }
  return unseen === null ? { kind: 'none' } : { kind: 'unseen', file: unseen };
}
