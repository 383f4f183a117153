/** A suspended synchronous setting, as status shows it: whose it was, since when, and what will be restored. */
import { expect, it } from 'vitest';
import { describeStatus } from '../../../../src/cli/ask/describe-status.ts';
import { known, unknown } from '../../../../src/core/model/known.ts';
import { statusOf } from '../../../../src/responder/read/status.ts';
import { suspendedSeen } from '../../../../src/responder/read/suspended.ts';
import { encodeResult } from '../../../../src/world/remote/protocol.ts';
import { observationSchema } from '../../../../src/world/remote/observation-schema.ts';
import { primaryPostgres, seen, snapshotOf, standbyPostgres } from '../../../support/snapshot.ts';

const at = snapshotOf({}).at;
const suspendedSynchronous = known({ names: 'FIRST 1 (pg1, pg3)', by: 'pg2', at });
const since = new Date(at).toISOString();
const shown = { node: 'pg2', names: 'FIRST 1 (pg1, pg3)', by: 'pg2', since };

function statusText(by: string | null): string {
  const suspended = known({ names: 'FIRST 1 (pg1, pg3)', by, at });
  const snapshot = snapshotOf({ pg2: seen('pg2', primaryPostgres({ suspendedSynchronous: suspended })) });
  const parts = {
    vip: '10.0.0.100/24',
    policy: 'auto',
    nodes: [],
    findings: [],
    alerts: [],
    remediation: null,
  };
  return describeStatus([statusOf({ ...parts, snapshot })]).join('\n');
}

it('is that of the primary; a copy that a standby has means nothing', () => {
  const primary = seen('pg2', primaryPostgres({ suspendedSynchronous }));
  const copy = seen('pg1', standbyPostgres({ suspendedSynchronous }));
  expect(suspendedSeen(snapshotOf({ pg1: copy, pg2: primary }))).toEqual(shown);
  expect(suspendedSeen(snapshotOf({ pg1: copy, pg2: seen('pg2', primaryPostgres()) }))).toBeNull();
});

it('is not claimed where nobody knows, and then what is not known is said', () => {
  const primary = seen('pg2', primaryPostgres({ suspendedSynchronous: unknown('it cannot be read') }));
  expect(suspendedSeen(snapshotOf({ pg2: primary, pg1: 'no route' }))).toBeNull();
  const node = { name: 'pg2', kind: 'database' as const, addresses: [], priority: 1 };
  const ssh = { user: 'root', port: 22, hostKey: null };
  const parts = { vip: '10.0.0.100/24', policy: 'auto', findings: [], alerts: [], remediation: null };
  const status = statusOf({ ...parts, nodes: [{ ...node, ssh }], snapshot: snapshotOf({ pg2: primary }) });
  expect(status.nodes[0]?.unknown).toContain('suspended synchronous replication: it cannot be read');
});

it('is a sentence for people', () => {
  expect(statusText('pg2')).toContain(
    `pg2 commits without a synchronous standby, suspended by the agent of pg2 since ${since}: "FIRST 1 (pg1, pg3)" is restored when enough of them stream.`,
  );
  expect(statusText(null)).toContain(`suspended since ${since}`);
});

it('crosses the wire, and a node that does not tell is unknown', () => {
  const line = encodeResult(seen('pg2', primaryPostgres({ suspendedSynchronous })));
  const { result } = JSON.parse(line) as { result: { postgres: Record<string, unknown> } };
  expect(observationSchema.parse(result).postgres?.suspendedSynchronous).toEqual(suspendedSynchronous);
  delete result.postgres['suspendedSynchronous'];
  expect(observationSchema.parse(result).postgres?.suspendedSynchronous.kind).toBe('unknown');
});
