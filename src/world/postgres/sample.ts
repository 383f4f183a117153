/** Asks a server for one sample: one round trip when all is set up, and less is asked for rather than nothing learnt. */
import { errorText } from '../../core/model/primacy-error.ts';
import { capabilityQuery, sampleQuery, type Capabilities } from './sample-query.ts';
import { readSampleRow, type PostgresSample, type SampleRow } from './sample-row.ts';
import type { SessionFailure } from './session-failure.ts';
import type { PostgresSession } from './session.ts';

export type SampleOutcome =
  | { readonly kind: 'sample'; readonly sample: PostgresSample }
  | { readonly kind: 'failed'; readonly failure: SessionFailure };

export interface Sampler {
  /** One fresh look, within `limitMs`; never rejects. One at a time. */
  readonly sample: (limitMs: number) => Promise<SampleOutcome>;
}

/** Settings of a sampling session. A lock on sr_delay costs a quarter of a second and then only the heartbeat. */
export function samplingSettings(statementSeconds: number): Readonly<Record<string, string | number>> {
  return {
    statement_timeout: Math.ceil(statementSeconds * 1000),
    lock_timeout: Math.min(250, Math.ceil(statementSeconds * 500)),
    idle_in_transaction_session_timeout: 0,
    default_transaction_read_only: 'on',
    jit: 'off',
  };
}

const MISSING = new Set(['42501', '42883', '42P01']);
const COMPLETE_RECHECK_MS = 60_000;
const INCOMPLETE_RECHECK_MS = 1_000;
/** A locked sr_delay is left alone for so long: every attempt waits for the lock and fills the server's log. */
const LOCKED_PAUSE_MS = 5_000;
const LOCK_NOT_AVAILABLE = '55P03';

/** What may be read where nobody has set anything up. */
const NOTHING: Capabilities = { files: false, heartbeat: false, epochs: false };

/** Makes a sampler over one session. It remembers what the role may read, never what it read. */
export function createSampler(session: PostgresSession): Sampler {
  let capabilities: Capabilities | null = null;
  let checkedAt = 0;
  let lockedUntil = 0;

  const refreshCapabilities = async (limitMs: number): Promise<SessionFailure | null> => {
    const complete = capabilities?.files === true && capabilities.heartbeat && capabilities.epochs;
    const age = performance.now() - checkedAt;
    if (capabilities !== null && age < (complete ? COMPLETE_RECHECK_MS : INCOMPLETE_RECHECK_MS)) return null;
    const outcome = await session.query<Capabilities>(capabilityQuery, limitMs);
    if (outcome.kind === 'failed') return outcome.failure;
    capabilities = outcome.rows[0] ?? NOTHING;
    checkedAt = performance.now();
    return null;
  };

  const ask = async (what: Capabilities, limitMs: number): Promise<SampleOutcome> => {
    const outcome = await session.query<SampleRow>(sampleQuery(what), limitMs);
    if (outcome.kind === 'failed') return outcome;
    const row = outcome.rows[0];
    if (row === undefined) return invalid('the sample query gave no row');
    try {
      return { kind: 'sample', sample: readSampleRow(row) };
    } catch (error) {
      return invalid(errorText(error));
    }
  };

  return {
    sample: async (limitMs) => {
      const end = performance.now() + limitMs;
      const left = (): number => Math.max(1, end - performance.now());
      const failure = await refreshCapabilities(left());
      if (failure !== null) return { kind: 'failed', failure };
      const able = capabilities ?? NOTHING;
      // A lock on one of the tables costs what both tell.
      const wanted = performance.now() >= lockedUntil ? able : { ...NOTHING, files: able.files };
      const first = await ask(wanted, left());
      if (first.kind === 'sample' || first.failure.kind !== 'rejected') return first;
      // The server lives and refused this statement: a lock on sr_delay, a dropped table, a recovery conflict. Ask for less.
      const missing = MISSING.has(first.failure.sqlState ?? '');
      if (missing) capabilities = null;
      if (first.failure.sqlState === LOCK_NOT_AVAILABLE) lockedUntil = performance.now() + LOCKED_PAUSE_MS;
      return ask({ ...NOTHING, files: wanted.files && !missing }, left());
    },
  };
}

function invalid(detail: string): SampleOutcome {
  return { kind: 'failed', failure: { kind: 'rejected', sqlState: null, detail } };
}
