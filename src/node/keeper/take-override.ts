/** A person's override, as the agent takes it from its socket: read strictly, judged once more, journaled, and then asked of the lease. */
import { whyNoOverride } from '../../core/guard/judge-override.ts';
import { OVERRIDE_SECONDS } from '../../core/lease/override-seconds.ts';
import type { EpochMillis } from '../../core/model/names.ts';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { bootMillis } from '../../world/clock.ts';
import { numberOf, objectOf, textOf } from '../../world/json-fields.ts';
import type { KeeperContext } from './context.ts';
import type { FileReader } from './facts.ts';
import type { Keeper } from './keeper.ts';

export interface OverrideRequest {
  /** Why, in that person's words. */
  readonly reason: string;
  /** How long at most. */
  readonly seconds: number;
  /** The cluster's system identifier, typed by that person. */
  readonly confirm: string;
  /** Who it is, as the asking command knows it. */
  readonly by: string;
}

/** How a request for an override ended. */
export interface OverrideAnswer {
  readonly accepted: boolean;
  /** One sentence without full stop. */
  readonly reason: string;
  /** Of the lease that is held under it; null where it was refused. */
  readonly epoch: number | null;
  /** When it ends at the latest, RFC 3339 by this host's wall clock; null where it was refused. */
  readonly until: string | null;
}

export interface OverrideParts {
  readonly context: Pick<KeeperContext, 'clock' | 'cluster' | 'journal' | 'lease' | 'log' | 'memory'>;
  readonly files: FileReader;
  readonly keeper: Pick<Keeper, 'look'>;
}

/** Throws `usage` where the document is not such a request, or its values are out of bounds. */
export function parseOverrideRequest(document: unknown): OverrideRequest {
  try {
    const it = objectOf(document, 'override');
    const request = {
      reason: textOf(it['reason'], 'reason').trim(),
      seconds: numberOf(it['seconds'], 'seconds'),
      confirm: textOf(it['confirm'], 'confirm'),
      by: textOf(it['by'], 'by'),
    };
    const { least, most } = OVERRIDE_SECONDS;
    if (request.reason === '') throw new Error('reason: expected words');
    if (request.seconds < least || request.seconds > most)
      throw new Error(`seconds: expected ${least} to ${most}`);
    return request;
  } catch (error) {
    throw new PrimacyError('usage', `cannot read the override: ${errorText(error)}`, { cause: error });
  }
}

/**
 * Takes the override, or says why not. The lease is this node's when it is accepted; the keeper then promotes by itself. Throws where the
 * journal cannot be written: nothing was done then.
 */
export async function takeOverride(parts: OverrideParts, request: OverrideRequest): Promise<OverrideAnswer> {
  const { lease, log, memory } = parts.context;
  const { reason, seconds, by } = request;
  const told = `${reason} (by ${by}, for ${seconds} s)`;
  const refuse = async (why: string): Promise<OverrideAnswer> => {
    log.warn({ by, reason, why }, 'override refused');
    await write(parts, 'failed', `${told}: ${why}`);
    return { accepted: false, reason: why, epoch: null, until: null };
  };
  await write(parts, 'intent', told);
  log.warn({ by, reason, seconds }, 'a person overrules the voters');
  const obstacle = await whyNot(parts, request);
  if (obstacle !== null) return refuse(obstacle);
  const held = await lease.override(bootMillis() + seconds * 1000, reason);
  if (held === null)
    return refuse('its own vote could not be written, or it holds a lease meanwhile: look at its log');
  // Nothing is owed for it either: whoever is not there any more has no WAL to give.
  await memory.owe(null);
  memory.hold(held);
  const until = new Date(parts.context.clock.wallMillis() + seconds * 1000).toISOString();
  await write(parts, 'done', `epoch ${held.epoch}, until ${until} at the latest`);
  return { accepted: true, reason: told, epoch: held.epoch, until };
}

/** Everything is looked at now: what was read before may be older than the start that asks for this. */
async function whyNot(
  { context, files, keeper }: OverrideParts,
  { confirm }: OverrideRequest,
): Promise<string | null> {
  await files.step();
  const { snapshot } = keeper.look();
  const { adoption } = files.last();
  if (adoption.kind === 'unknown') return `cannot tell whether adopted: ${adoption.reason}`;
  const own = context.cluster.systemIdentifier ?? adoption.value?.systemIdentifier ?? null;
  if (own !== confirm)
    return `the cluster's system identifier is ${own ?? 'not written down'}, not ${confirm}`;
  return whyNoOverride(snapshot);
}

function write(
  { context }: OverrideParts,
  event: 'intent' | 'done' | 'failed',
  detail: string,
): Promise<void> {
  const at: EpochMillis = context.clock.wallMillis();
  return context.journal.append({
    at,
    remediation: null,
    procedure: 'override',
    step: 'force-primary',
    event,
    detail,
  });
}
