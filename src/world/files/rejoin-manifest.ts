/** How far a rejoin got, on disk: what makes it resumable, and what forbids treating a half-made data directory as a database. */
import { z } from 'zod';
import { known, unknown, type Known } from '../../core/model/known.ts';
import type { EpochMillis, NodeName, RemediationId } from '../../core/model/names.ts';
import type { RejoinProgress } from '../../core/model/observation.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import { writeAtomically } from './atomic-write.ts';
import { readOptional } from './read-optional.ts';

export type RejoinMethod = 'none' | 'rewind' | 'basebackup';

export interface RejoinManifest {
  readonly remediation: RemediationId;
  readonly survivor: NodeName;
  readonly accountDigest: string;
  /** Folder of the salvage bundle with that account. */
  readonly bundle: string;
  readonly startedAt: EpochMillis;
  readonly phase: RejoinProgress['phase'];
  /** Null until decided. */
  readonly how: RejoinMethod | null;
  /** True once a base backup was finished and only has to take the old directory's place. */
  readonly backupComplete: boolean;
  /** Seconds spent so far in making the data directory right, over all attempts. */
  readonly rewindSeconds: number;
  readonly startSeconds: number;
  readonly verifySeconds: number;
  readonly totalSeconds: number;
}

const schema = z.object({
  remediation: z.custom<RemediationId>((value) => typeof value === 'string'),
  survivor: z.custom<NodeName>((value) => typeof value === 'string'),
  accountDigest: z.string(),
  bundle: z.string(),
  startedAt: z.custom<EpochMillis>((value) => Number.isFinite(value)),
  phase: z.enum(['accounted', 'rewinding', 'rewound', 'started', 'verified']),
  how: z.enum(['none', 'rewind', 'basebackup']).nullable(),
  backupComplete: z.boolean(),
  rewindSeconds: z.number(),
  startSeconds: z.number(),
  verifySeconds: z.number(),
  totalSeconds: z.number(),
}) satisfies z.ZodType<RejoinManifest>;

/** The manifest, or null where there is none. */
export async function readRejoinManifest(path: string): Promise<Known<RejoinManifest | null>> {
  try {
    const text = await readOptional(path);
    return known(text === null ? null : schema.parse(JSON.parse(text)));
  } catch (error) {
    return unknown(`cannot read rejoin manifest ${path}: ${errorText(error)}`);
  }
}

/** What an observation tells of it: null where no rejoin is under way. */
export async function readRejoinProgress(path: string): Promise<Known<RejoinProgress | null>> {
  const manifest = await readRejoinManifest(path);
  if (manifest.kind === 'unknown') return manifest;
  if (manifest.value === null || manifest.value.phase === 'verified') return known(null);
  const { phase, survivor, startedAt } = manifest.value;
  return known({ phase, survivor, startedAt });
}

/** Writes the manifest durably. */
export async function writeRejoinManifest(path: string, manifest: RejoinManifest): Promise<void> {
  await writeAtomically(path, `${JSON.stringify(manifest)}\n`);
}
