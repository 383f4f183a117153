/** What the agent of a dead primary proves to its successor: nothing of its data directory runs, and its WAL ends here. */
import { formatLsn, parseLsn, type Lsn } from './lsn.ts';
import type { ClusterName, NodeName, SystemIdentifier } from './names.ts';
import { errorText, PrimacyError } from './primacy-error.ts';
import { parseSynchronousWord, type SynchronousWord } from './synchronous-word.ts';
import { parseTimelineId, type TimelineId } from './timeline.ts';

export interface DeathCertificate {
  readonly cluster: ClusterName;
  /** The dead primary. */
  readonly node: NodeName;
  /** The lease under which it was primary. */
  readonly epoch: number;
  readonly leaseUuid: string;
  readonly systemIdentifier: SystemIdentifier;
  readonly timeline: TimelineId;
  /** sha256 of the history file's full text, first 16 hex digits, as in a node's report; timeline 1: of the empty text. */
  readonly historyHash: string;
  /** End of the last valid record: a successor that has replayed up to here has everything that was acknowledged. */
  readonly endLsn: Lsn;
  readonly walSegmentBytes: number;
  /** How its commits waited for standbys when it was last seen; null = not known. */
  readonly synchronous: SynchronousWord | null;
}

/** The certificate as a JSON value, far below 2 KB: it travels in one datagram. */
export function certificateToJson(it: DeathCertificate): Readonly<Record<string, unknown>> {
  return { ...it, endLsn: formatLsn(it.endLsn) };
}

/**
 * Reads a certificate that another node sent. By hand, because the agent must not carry a schema library. Throws `output-invalid`,
 * naming the field: a certificate that is not understood proves nothing.
 */
export function parseDeathCertificate(value: unknown): DeathCertificate {
  if (typeof value !== 'object' || value === null) throw wrong('value', value);
  const fields = value as Readonly<Record<string, unknown>>;
  const text = (name: string, pattern: RegExp): string => {
    const found = fields[name];
    if (typeof found !== 'string' || !pattern.test(found)) throw wrong(name, found);
    return found;
  };
  const whole = (name: string, valid: (number: number) => boolean): number => {
    const found = fields[name];
    if (!Number.isSafeInteger(found) || !valid(found as number)) throw wrong(name, found);
    return found as number;
  };
  return {
    cluster: text('cluster', NAME) as ClusterName,
    node: text('node', NAME) as NodeName,
    epoch: whole('epoch', (it) => it > 0),
    leaseUuid: text('leaseUuid', /^[A-Za-z0-9-]{1,64}$/),
    systemIdentifier: text('systemIdentifier', /^\d{10,20}$/) as SystemIdentifier,
    timeline: parsed('timeline', () => parseTimelineId(whole('timeline', () => true))),
    historyHash: text('historyHash', /^[0-9a-f]{16}$/),
    endLsn: parsed('endLsn', () => parseLsn(text('endLsn', /^.{3,17}$/))),
    walSegmentBytes: whole('walSegmentBytes', isSegmentSize),
    synchronous: parseSynchronousWord(fields['synchronous'] ?? null, () =>
      wrong('synchronous', fields['synchronous']),
    ),
  };
}

const NAME = /^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$/;

/** PostgreSQL allows powers of two from 1 MB to 1 GB (`initdb --wal-segsize`). */
function isSegmentSize(bytes: number): boolean {
  return bytes >= 1_048_576 && bytes <= 1_073_741_824 && (bytes & (bytes - 1)) === 0;
}

function parsed<T>(field: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new PrimacyError('output-invalid', `cannot read death certificate: ${field}: ${errorText(error)}`, {
      cause: error,
    });
  }
}

function wrong(field: string, value: unknown): PrimacyError {
  return new PrimacyError(
    'output-invalid',
    `cannot read death certificate: ${field} is ${JSON.stringify(value)?.slice(0, 100) ?? 'missing'}`,
  );
}
