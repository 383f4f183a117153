/** What must be true before a procedure may touch a data directory; each throws `refused` with the reason. */
import type { FenceMarker } from '../../core/model/fence-marker.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { readFenceMarker } from '../../world/files/fence-marker.ts';
import { readRejoinManifest, type RejoinManifest } from '../../world/files/rejoin-manifest.ts';
import { processesOf } from '../../world/postgres/processes.ts';
import type { ProcedureContext } from './context.ts';

/** The marker, or null where the node is not fenced. */
export async function readMarker(context: ProcedureContext): Promise<FenceMarker | null> {
  const marker = await readFenceMarker(context.paths.fenceMarker);
  if (marker.kind === 'unknown') throw refusal(context, marker.reason);
  return marker.value;
}

/** The rejoin that is under way or was the last one; null where there was none. */
export async function readManifest(context: ProcedureContext): Promise<RejoinManifest | null> {
  const manifest = await readRejoinManifest(context.paths.rejoinManifest);
  if (manifest.kind === 'unknown') throw refusal(context, manifest.reason);
  return manifest.value;
}

/** The fence was proven, and no process of the data directory runs. */
export async function requireFencedAndDown(context: ProcedureContext): Promise<void> {
  const marker = await readMarker(context);
  if (marker?.state !== 'fenced') throw refusal(context, 'the node is not fenced');
  const processes = await processesOf(context.cluster.postgres.dataDirectory);
  if (processes.length > 0)
    throw refusal(context, `PostgreSQL still runs (${processes.length} processes of the data directory)`);
}

/** True from the first change of the data directory until the rejoin is verified. */
export function isHalfMade(manifest: RejoinManifest | null): boolean {
  return manifest !== null && manifest.phase !== 'accounted' && manifest.phase !== 'verified';
}

/** No rejoin stands between its first irreversible step and its end. */
export async function refuseHalfMadeData(context: ProcedureContext): Promise<void> {
  const manifest = await readManifest(context);
  if (isHalfMade(manifest))
    throw refusal(context, `a rejoin stands at ${manifest?.phase ?? ''}: only rejoin can go on`);
}

/** An error that says what is refused and on which node. */
export function refusal(context: ProcedureContext, reason: string): PrimacyError {
  return new PrimacyError('refused', `cannot go on at ${context.node.name}: ${reason}`);
}
