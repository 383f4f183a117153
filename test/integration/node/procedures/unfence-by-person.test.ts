/** A person lifts a fence marker: real files and journal; each reason not to, and what is said to happen next. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { known } from '../../../../src/core/model/known.ts';
import type {
  EpochMillis,
  FenceNumber,
  NodeName,
  RemediationId,
  SystemIdentifier,
} from '../../../../src/core/model/names.ts';
import type { FenceMarker } from '../../../../src/core/model/fence-marker.ts';
import type { ProcedureContext } from '../../../../src/node/procedures/context.ts';
import { unfenceByPerson } from '../../../../src/node/procedures/unfence-by-person.ts';
import { writeAdoption } from '../../../../src/world/files/adoption.ts';
import { writeAtomically } from '../../../../src/world/files/atomic-write.ts';
import { readFenceMarker, writeFenceMarker } from '../../../../src/world/files/fence-marker.ts';
import { takeNodeLock } from '../../../../src/world/files/node-lock.ts';
import { writeRejoinManifest, type RejoinManifest } from '../../../../src/world/files/rejoin-manifest.ts';
import { createPlayground, type Playground } from '../../../support/postgres-cluster.ts';
import { contextOf } from '../../../support/procedure-context.ts';

const SET_AT = Date.parse('2026-11-21T20:00:00.000Z') as EpochMillis;
const MARKER: FenceMarker = {
  state: 'fenced',
  reason: 'operator',
  remediation: null,
  fenceNumber: 3 as FenceNumber,
  setAt: SET_AT,
};

const MANIFEST: RejoinManifest = {
  remediation: 'r-1' as RemediationId,
  survivor: 'pg2' as NodeName,
  accountDigest: 'digest',
  bundle: '/nowhere',
  startedAt: SET_AT,
  phase: 'rewinding',
  how: 'rewind',
  backupComplete: false,
  rewindSeconds: 0,
  startSeconds: 0,
  verifySeconds: 0,
  totalSeconds: 0,
};

let playground: Playground;
let context: ProcedureContext;

beforeEach(async () => {
  playground = await createPlayground();
  const server = await playground.createPrimary('pg1');
  context = await contextOf(playground.directory, server, [server]);
});
afterEach(() => playground.remove());

const standing = () => readFenceMarker(context.paths.fenceMarker);

test('a marker of people is lifted, and the report says what it was and what comes next', async () => {
  await writeFenceMarker(context.paths.fenceMarker, MARKER);
  const report = await unfenceByPerson(context);
  expect(report).toMatchObject({
    code: 'lifted',
    exitCode: 0,
    lifted: { reason: 'operator', remediation: null, setAt: '2026-11-21T20:00:00.000Z' },
  });
  expect(report.next).toContain('not adopted');
  expect(await standing()).toEqual(known(null));
  expect(await unfenceByPerson(context)).toMatchObject({ code: 'not-fenced', exitCode: 0, lifted: null });
});

test('of an adopted node it says that its agent has to be started', async () => {
  const systemIdentifier = '7412345678901234567' as SystemIdentifier;
  await writeAdoption(context.paths.adoption, { at: SET_AT, node: 'pg1' as NodeName, systemIdentifier });
  await writeFenceMarker(context.paths.fenceMarker, { ...MARKER, reason: 'dual-primary' });
  expect((await unfenceByPerson(context)).next).toContain('its agent does not run');
});

test.each([
  ['a fence that was begun and not proven', { state: 'fencing' }, 'fence-half-done'],
  ["the node's own", { reason: 'lease-lost' }, 'own-marker'],
] as const)('%s is not lifted', async (_what, change, code) => {
  const marker = { ...MARKER, ...change };
  await writeFenceMarker(context.paths.fenceMarker, marker);
  expect(await unfenceByPerson(context)).toMatchObject({ code, exitCode: 10, lifted: null, next: null });
  expect(await standing()).toEqual(known(marker));
});

test('a half made data directory is not given free', async () => {
  await writeFenceMarker(context.paths.fenceMarker, MARKER);
  await writeRejoinManifest(context.paths.rejoinManifest, MANIFEST);
  expect(await unfenceByPerson(context)).toMatchObject({ code: 'needs-rejoin', exitCode: 12 });
  expect(await standing()).toEqual(known(MARKER));
});

test('another procedure on this node is waited for by nobody', async () => {
  await writeFenceMarker(context.paths.fenceMarker, MARKER);
  const lock = takeNodeLock(context.paths.nodeLock, 'rejoin');
  const report = await unfenceByPerson(context);
  lock.release();
  expect(report).toMatchObject({ code: 'locked', exitCode: 10 });
  expect(await standing()).toEqual(known(MARKER));
});

test('a marker that cannot be read is not taken for one that may be lifted', async () => {
  await writeAtomically(context.paths.fenceMarker, '{"state":');
  expect(await unfenceByPerson(context)).toMatchObject({ code: 'unclear', exitCode: 10 });
  expect((await standing()).kind).toBe('unknown');
});
