/** A holder that dies before its promotion: its real data directory is proven dead, and what goes to the successor is what it was given. */
import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { certificateToJson, type DeathCertificate } from '../../../../src/core/model/death-certificate.ts';
import { formatLsn, parseLsn, type Lsn } from '../../../../src/core/model/lsn.ts';
import type { ClusterName, NodeName, SystemIdentifier } from '../../../../src/core/model/names.ts';
import type { TimelineId } from '../../../../src/core/model/timeline.ts';
import type { KeeperContext } from '../../../../src/node/keeper/context.ts';
import { KeeperMemory } from '../../../../src/node/keeper/memory.ts';
import { stepDown } from '../../../../src/node/keeper/step-down.ts';
import { bootMillis } from '../../../../src/world/clock.ts';
import { other, PG3, serverReport } from '../../../support/duty-snapshot.ts';
import { killPostmaster, leaseOf } from '../../../support/hand-over.ts';
import {
  createPlayground,
  sql,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';
import { contextOf } from '../../../support/procedure-context.ts';
import { silent } from '../../../support/silent-log.ts';

let playground: Playground;
let server: TestServer;
let memory: KeeperMemory;
/** Every transfer that was asked for. */
let given: { readonly successor: NodeName; readonly proof: unknown }[];

beforeEach(async () => {
  playground = await createPlayground();
  server = await playground.createPrimary('pg1');
  given = [];
});
afterEach(async () => {
  await memory.releaseDeathLock();
  await playground.remove();
});

/** Where the WAL of the primary before ended, so many bytes after this server's. */
async function owedBeyond(bytes: bigint): Promise<DeathCertificate> {
  const [row] = await sql<{ lsn: string; system: string }>(
    server,
    'select pg_current_wal_flush_lsn()::text as lsn, system_identifier::text as system from pg_control_system()',
  );
  return {
    cluster: 'main' as ClusterName,
    node: 'pg2' as NodeName,
    epoch: 6,
    leaseUuid: 'uuid-6',
    systemIdentifier: row?.system as SystemIdentifier,
    timeline: 1 as TimelineId,
    historyHash: 'e3b0c44298fc1c14',
    endLsn: (parseLsn(row?.lsn ?? '') + bytes) as Lsn,
    walSegmentBytes: 16_777_216,
    synchronous: { names: 'ANY 1 (*)', degraded: false, strangers: 0 },
  };
}

/** The holder, which was given the lease with `owed`; pg3 is ready and has received up to `received`. */
async function holder(owed: DeathCertificate, received: Lsn): Promise<KeeperContext> {
  const context = await contextOf(playground.directory, server, [server]);
  memory = await KeeperMemory.load(context.paths, silent);
  await memory.owe(certificateToJson(owed));
  const peer = other(PG3, { server: serverReport('standby', formatLsn(received)) }, bootMillis());
  const lease = {
    held: () => leaseOf(server),
    overrideNow: () => null,
    peers: () => new Map([[PG3, { ...peer, heardAt: Number.MAX_SAFE_INTEGER }]]),
    transfer: (successor: NodeName, proof: unknown) => {
      given.push({ successor, proof });
      return Promise.resolve(true);
    },
    abandon: () => undefined,
  };
  const walServer = { offer: () => undefined, withdraw: () => undefined };
  return { ...context, lease, memory, walServer, own: { lastPrimary: null } } as unknown as KeeperContext;
}

test('gives what the primary before it proved to a standby that has all of that', async () => {
  const owed = await owedBeyond(1_000_000n);
  const context = await holder(owed, owed.endLsn);
  await killPostmaster(server);
  expect(await stepDown(context, 'dead', null)).toMatchObject({ successor: PG3 });
  expect(given).toEqual([{ successor: PG3, proof: certificateToJson(owed) }]);
});

test('gives nothing to a standby that lacks some of it, and would start again here', async () => {
  const owed = await owedBeyond(1_000_000n);
  const context = await holder(owed, (owed.endLsn - 1n) as Lsn);
  await killPostmaster(server);
  // What somebody left half made is not started: this shows that it was tried.
  await writeFile(context.paths.rejoinManifest, 'half');
  await expect(stepDown(context, 'dead', null)).rejects.toThrow('cannot start pg1');
  expect(given).toEqual([]);
});

test('proves its own end once it has all that it owed, with how the commits of that primary waited', async () => {
  const owed = await owedBeyond(0n);
  await sql(server, 'create table later ()');
  const context = await holder(owed, 0n as Lsn);
  await killPostmaster(server);
  await stepDown(context, 'dead', null);
  expect(given).toMatchObject([
    { successor: PG3, proof: { node: 'pg1', epoch: 7, synchronous: owed.synchronous } },
  ]);
});
