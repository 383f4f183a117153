/** `primacy unfence`: a person lifts the fence marker of this node, unless that would let somebody start what must not be started. */
import { LEASE_LOST } from '../../core/guard/decide-duty.ts';
import type { FenceMarker } from '../../core/model/fence-marker.ts';
import type { RemediationId } from '../../core/model/names.ts';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { readAdoption } from '../../world/files/adoption.ts';
import { readFenceMarker } from '../../world/files/fence-marker.ts';
import { readAgent } from '../agent-pid-file.ts';
import { observeLease } from '../observe-lease.ts';
import { orderOfJoin } from '../start/join-order.ts';
import { underNodeLock } from '../start/node-lock.ts';
import type { ProcedureContext } from './context.ts';
import { unfence } from './fence.ts';
import { isHalfMade, readManifest } from './preconditions.ts';

export interface PersonUnfenceReport {
  readonly code:
    | 'lifted'
    | 'not-fenced'
    | 'locked'
    | 'unclear'
    | 'own-marker'
    | 'fence-half-done'
    | 'needs-rejoin'
    | 'failed';
  /** 0 done, 10 refused and nothing changed, 12 needs a rejoin, 20 failed after something was changed. */
  readonly exitCode: 0 | 10 | 12 | 20;
  readonly sentence: string;
  /** What was lifted; null where nothing was. */
  readonly lifted: {
    readonly reason: string;
    readonly remediation: string | null;
    readonly setAt: string;
  } | null;
  /** What happens now; null where nothing was lifted. */
  readonly next: string | null;
}

/** Under the node lock. Never rejects for what can happen at it. */
export async function unfenceByPerson(context: ProcedureContext): Promise<PersonUnfenceReport> {
  try {
    return await underNodeLock(context, 'unfence', (locked) => unfenceLocked(locked));
  } catch (error) {
    const code = error instanceof PrimacyError ? error.code : null;
    if (code === 'locked') return refused(context, 'locked', 10, errorText(error));
    // Every refusal comes before the first change.
    if (code === 'refused') return refused(context, 'unclear', 10, errorText(error));
    return refused(context, 'failed', 20, errorText(error));
  }
}

async function unfenceLocked(context: ProcedureContext): Promise<PersonUnfenceReport> {
  const { node, paths } = context;
  const marker = await readFenceMarker(paths.fenceMarker);
  if (marker.kind === 'unknown') return refused(context, 'unclear', 10, marker.reason);
  if (marker.value === null)
    return {
      code: 'not-fenced',
      exitCode: 0,
      sentence: `${node.name}: no fence marker stands, nothing was changed`,
      lifted: null,
      next: null,
    };
  const obstacle = await obstacleTo(context, marker.value);
  if (obstacle !== null) return obstacle;
  const { fenceNumber } = await orderOfJoin(context);
  const name = `operator-${context.clock.wallMillis()}` as RemediationId;
  await unfence(context, { remediation: name, fenceNumber });
  const { reason, remediation, setAt } = marker.value;
  const lifted = { reason, remediation, setAt: new Date(setAt).toISOString() };
  const next = await whatNext(context);
  const sentence = `${node.name}: the fence marker "${reason}" of ${lifted.setAt} is lifted; ${next}`;
  return { code: 'lifted', exitCode: 0, sentence, lifted, next };
}

async function obstacleTo(
  context: ProcedureContext,
  marker: FenceMarker,
): Promise<PersonUnfenceReport | null> {
  const manifest = await readManifest(context);
  if (isHalfMade(manifest)) {
    const why = `its data directory is half made: a rejoin stands at ${manifest?.phase ?? ''}, only "primacy start" or a rejoin can go on`;
    return refused(context, 'needs-rejoin', 12, why);
  }
  if (marker.state === 'fencing') {
    const why = 'its fence was begun and not proven: "primacy node fence" ends what it began';
    return refused(context, 'fence-half-done', 10, why);
  }
  if (marker.reason !== LEASE_LOST) return null;
  const why = `the node set the marker "${LEASE_LOST}" itself and lifts it once it follows the primary, or holds the lease again`;
  return refused(context, 'own-marker', 10, why);
}

/** In words: who starts the server now, if anybody does. */
async function whatNext({ node, paths }: ProcedureContext): Promise<string> {
  const [adoption, lease] = [await readAdoption(paths.adoption), await observeLease(node.name, paths)];
  const agent = readAgent(paths.agentPidFile);
  const pause = lease.kind === 'known' ? (lease.value?.pause ?? null) : null;
  const isPaused = pause !== null && !pause.ended && Date.parse(pause.until) > Date.now();
  if (adoption.kind !== 'known' || adoption.value === null)
    return 'this node is not adopted, so that nobody starts PostgreSQL by himself: "primacy start" does';
  if (agent.kind !== 'known' || agent.value?.running !== true)
    return 'its agent does not run: start it, or PostgreSQL by "primacy start"';
  if (isPaused)
    return `the cluster is paused until ${pause.until}: until then "primacy start" starts PostgreSQL`;
  return 'its agent brings it back as a standby of the primary, and asks first where that would discard transactions';
}

function refused(
  { node }: ProcedureContext,
  code: PersonUnfenceReport['code'],
  exitCode: 10 | 12 | 20,
  why: string,
): PersonUnfenceReport {
  return { code, exitCode, sentence: `cannot unfence ${node.name}: ${why}`, lifted: null, next: null };
}
