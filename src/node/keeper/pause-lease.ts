/** A pause and its end, as the agent takes them from its socket: read strictly, judged, journaled, and asked of the lease. */
import {
  whyNoPause,
  whyNoResume,
  type PauseObstacle,
  type PauseRefusal,
} from '../../core/guard/judge-pause.ts';
import { LEAVING_AGENT } from '../../core/lease/leave.ts';
import { PAUSE_SECONDS, type PauseWords } from '../../core/lease/pause.ts';
import type { EpochMillis } from '../../core/model/names.ts';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { bootMillis } from '../../world/clock.ts';
import { numberOf, objectOf, textOf } from '../../world/json-fields.ts';
import type { KeeperContext } from './context.ts';
import type { Keeper } from './keeper.ts';
import { shortenKernelLease } from './shorten-kernel-lease.ts';

export interface PauseRequest {
  /** Why, in that person's words. */
  readonly reason: string;
  readonly seconds: number;
  /** Who it is, as the asking command knows it. */
  readonly by: string;
}

export interface ResumeRequest {
  readonly by: string;
}

export interface PauseAnswer {
  /**
   * `suspended`: no majority has the pause in writing yet. Promotion is suspended wherever it is known, and this primary goes on only
   * while it is renewed. `not-told`: it ended here, and the voters were not told; they wait until its time.
   */
  readonly code: 'paused' | 'suspended' | 'resumed' | 'not-told' | PauseRefusal;
  /** One sentence without full stop. */
  readonly reason: string;
  /** When it ends by itself, RFC 3339 by this host's wall clock; null where nothing is paused by this node. */
  readonly until: string | null;
}

export interface PauseParts {
  readonly context: Pick<KeeperContext, 'clock' | 'journal' | 'lease' | 'log' | 'kernelLease' | 'node'>;
  readonly keeper: Pick<Keeper, 'look'>;
}

/** A few renewals: a majority that is there has answered by then. */
const MAJORITY_LIMIT_MS = 2_000;

/** Throws `usage` where the document is not such a request, or its values are out of bounds. */
export function parsePauseRequest(document: unknown): PauseRequest {
  return parse(document, 'pause', (it) => {
    const { least, most } = PAUSE_SECONDS;
    const seconds = numberOf(it['seconds'], 'seconds');
    if (seconds < least || seconds > most) throw new Error(`seconds: expected ${least} to ${most}`);
    const by = textOf(it['by'], 'by');
    if (by === LEAVING_AGENT) throw new Error('by: expected a person, not the agent');
    return { reason: textOf(it['reason'], 'reason'), by, seconds };
  });
}

/** Throws `usage` where the document is not such a request. */
export function parseResumeRequest(document: unknown): ResumeRequest {
  return parse(document, 'resume', (it) => ({ by: textOf(it['by'], 'by') }));
}

function parse<T>(document: unknown, what: string, read: (it: Readonly<Record<string, unknown>>) => T): T {
  try {
    return read(objectOf(document, what));
  } catch (error) {
    throw new PrimacyError('usage', `cannot read the ${what}: ${errorText(error)}`, { cause: error });
  }
}

/** Throws where the journal cannot be written: nothing was done then. */
export async function pauseLease(parts: PauseParts, request: PauseRequest): Promise<PauseAnswer> {
  const { context, keeper } = parts;
  const { reason, by, seconds } = request;
  const { lease, clock, log, node } = context;
  const words: PauseWords = {
    reason,
    by,
    until: new Date(clock.wallMillis() + seconds * 1_000).toISOString(),
  };
  const told = `until ${words.until} by ${by}: ${reason}`;
  await write(parts, 'pause', 'intent', told);
  const obstacle = whyNoPause(keeper.look().snapshot);
  if (obstacle !== null) return refuse(parts, 'pause', obstacle);
  const held = await lease.pause(bootMillis() + seconds * 1_000, words, MAJORITY_LIMIT_MS);
  if (held === null)
    return refuse(parts, 'pause', { code: 'not-holder', reason: `${node.name} lost the lease meanwhile` });
  const { until } = held.words;
  if (until !== words.until)
    return refuse(
      parts,
      'pause',
      { code: 'paused-longer', reason: `it is paused until ${until} already` },
      until,
    );
  keeper.look();
  log.warn({ ...words, counts: held.counts }, 'paused');
  await write(parts, 'pause', 'done', told);
  if (held.counts) return { code: 'paused', reason: `paused ${told}`, until };
  const missing = 'no majority of the voters has it in writing yet';
  return {
    code: 'suspended',
    reason: `${missing}, so that it only keeps those who have from being promoted`,
    until,
  };
}

/**
 * Ends the pause of the lease that this node holds. Everything that fences it reads the short deadline before any voter is told; what the
 * kernel has is waited for a while only. Throws where the journal cannot be written: nothing was done then.
 */
export async function resumeLease(parts: PauseParts, { by }: ResumeRequest): Promise<PauseAnswer> {
  const { context, keeper } = parts;
  const { lease, log, node } = context;
  await write(parts, 'resume', 'intent', `by ${by}`);
  const obstacle = whyNoResume(keeper.look().snapshot);
  if (obstacle !== null) return refuse(parts, 'resume', obstacle);
  let left = false;
  const ended = await lease.endPause(async () => {
    left = true;
    keeper.look();
    await shortenKernelLease(context);
  });
  if (!left) {
    const why = `less than a majority of the voters renews the lease of ${node.name}: it would be stopped with the pause`;
    return refuse(parts, 'resume', { code: 'no-majority', reason: why });
  }
  if (!ended) {
    const reason = `the lease of ${node.name} ended meanwhile; the voters wait until the end of the pause`;
    await write(parts, 'resume', 'failed', reason);
    return { code: 'not-told', reason, until: null };
  }
  log.info({ by }, 'resumed');
  await write(parts, 'resume', 'done', `by ${by}`);
  return {
    code: 'resumed',
    reason: 'the pause has ended, a standby that is ready may be promoted again',
    until: null,
  };
}

async function refuse(
  parts: PauseParts,
  what: 'pause' | 'resume',
  { code, reason }: PauseObstacle,
  until: string | null = null,
): Promise<PauseAnswer> {
  await write(parts, what, 'failed', reason);
  return { code, reason, until };
}

function write(
  { context }: PauseParts,
  procedure: 'pause' | 'resume',
  event: 'intent' | 'done' | 'failed',
  detail: string,
): Promise<void> {
  const at: EpochMillis = context.clock.wallMillis();
  return context.journal.append({ at, remediation: null, procedure, step: procedure, event, detail });
}
