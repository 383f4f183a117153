/** What the keeper reads from files in the background, because a hung disk must not hold up its looks. */
import type { Paths } from '../../config/paths.ts';
import { bootMillis } from '../../world/clock.ts';
import { readAdoption } from '../../world/files/adoption.ts';
import { readFenceMarker } from '../../world/files/fence-marker.ts';
import { unknown } from '../../core/model/known.ts';
import type { Facts } from './snapshot.ts';
import { nodeLockHolder } from './surroundings.ts';

type FileFacts = Pick<Facts, 'adoption' | 'adoptedSince' | 'marker' | 'busy'>;

/** An answer of the disk older than this is none. */
const STALE_MS = 3_000;

export interface FileReader {
  /** Reads all once; never rejects. */
  readonly step: () => Promise<void>;
  readonly last: () => FileFacts;
}

export function createFileReader(paths: Paths): FileReader {
  let last: FileFacts = {
    adoption: unknown('not read yet'),
    adoptedSince: null,
    marker: unknown('not read yet'),
    busy: null,
  };
  let readAt = Number.NEGATIVE_INFINITY;
  return {
    step: async () => {
      const [adoption, marker] = await Promise.all([
        readAdoption(paths.adoption),
        readFenceMarker(paths.fenceMarker),
      ]);
      const before = last.adoption;
      const wasNot = before.kind === 'known' && before.value === null;
      const is = adoption.kind === 'known' && adoption.value !== null;
      const adoptedSince = !is ? null : wasNot ? bootMillis() : last.adoptedSince;
      last = { adoption, adoptedSince, marker, busy: nodeLockHolder(paths.nodeLock) };
      readAt = bootMillis();
    },
    last: () => {
      if (bootMillis() - readAt <= STALE_MS) return last;
      const stale = unknown('the disk has not answered lately');
      return { ...last, adoption: stale, marker: stale };
    },
  };
}
