/** Goal: what scripts read keeps its shape. Method: each document against a strict schema, in each kind of situation. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FINDING_KINDS } from '../../../../src/core/diagnose/finding.ts';
import { ROLES } from '../../../../src/core/model/role.ts';
import { VRRP_STATES } from '../../../../src/core/model/observation.ts';
import { PLAYBOOKS, REFUSAL_CODES, STEP_KINDS } from '../../../../src/core/plan/plan.ts';
import { ClusterWorker } from '../../../../src/responder/execute/cluster-worker.ts';
import {
  readDiagnosis,
  readJournalDocument,
  readPlan,
  readStatus,
} from '../../../../src/responder/read/documents.ts';
import { CLUSTER_EVENTS, REMEDIATION_EVENTS } from '../../../../src/responder/store/journal-entry.ts';
import { FakePair, type Standing } from '../../../support/fake-pair.ts';
import { responderContext } from '../../../support/responder-context.ts';

const moment = z.iso.datetime({ precision: 3 });
const finding = z.strictObject({
  kind: z.enum(FINDING_KINDS),
  nodes: z.array(z.string()),
  summary: z.string(),
  evidence: z.array(z.string()),
});
const node = z.strictObject({
  name: z.string(),
  kind: z.enum(['database', 'witness']),
  answered: z.boolean(),
  unknown: z.array(z.string()),
  agent: z.boolean().nullable(),
  role: z.enum(ROLES).nullable(),
  roleReason: z.string().nullable(),
  timeline: z.number().nullable(),
  lsn: z.string().nullable(),
  streamingFrom: z.string().nullable(),
  holdsVip: z.boolean().nullable(),
  vrrp: z.enum([...VRRP_STATES, 'down']).nullable(),
  fence: z.strictObject({ state: z.string(), reason: z.string(), since: moment }).nullable(),
  rejoin: z.string().nullable(),
  epoch: z.number().nullable(),
  holdsLease: z.boolean().nullable(),
});
const status = z.strictObject({
  cluster: z.string(),
  vip: z.string(),
  policy: z.enum(['observe', 'approve', 'auto']),
  at: moment,
  healthy: z.boolean(),
  epoch: z.number().nullable(),
  leaseHolder: z.string().nullable(),
  pause: z.strictObject({ until: moment, by: z.string(), reason: z.string() }).nullable(),
  override: z.strictObject({ node: z.string(), until: moment, reason: z.string() }).nullable(),
  suspendedSynchronous: z
    .strictObject({ node: z.string(), names: z.string(), by: z.string().nullable(), since: moment })
    .nullable(),
  nodes: z.array(node),
  findings: z.array(finding),
  alerts: z.array(z.strictObject({ name: z.string(), node: z.string().nullable(), since: z.string() })),
  remediation: z
    .strictObject({
      id: z.string(),
      node: z.string(),
      playbook: z.enum(PLAYBOOKS),
      state: z.string(),
      why: z.string().nullable(),
      startedAt: moment,
      endedAt: moment.nullable(),
    })
    .nullable(),
});
const diagnosis = z.strictObject({ cluster: z.string(), at: moment, findings: z.array(finding) });
const step = z.strictObject({
  kind: z.enum(STEP_KINDS),
  node: z.string(),
  survivor: z.string().optional(),
  reason: z.string().optional(),
});
const plan = z.strictObject({
  cluster: z.string(),
  at: moment,
  policy: z.enum(['observe', 'approve', 'auto']),
  decision: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('plan'),
      cluster: z.string(),
      playbook: z.enum(PLAYBOOKS),
      node: z.string(),
      steps: z.array(step).min(1),
      because: z.array(z.string()),
    }),
    z.strictObject({
      kind: z.literal('refusal'),
      cluster: z.string(),
      code: z.enum(REFUSAL_CODES),
      finding: z.enum(FINDING_KINDS),
      reason: z.string(),
    }),
    z.strictObject({ kind: z.literal('nothing-to-do'), cluster: z.string() }),
  ]),
  digest: z.string().length(64).nullable(),
  steps: z.array(z.string()),
});
const journal = z.strictObject({
  entries: z.array(
    z.strictObject({
      at: moment,
      cluster: z.string().nullable(),
      remediation: z.string().nullable(),
      node: z.string().nullable(),
      event: z.enum([...CLUSTER_EVENTS, ...REMEDIATION_EVENTS]),
      step: z.enum(STEP_KINDS).nullable(),
      detail: z.unknown(),
    }),
  ),
});

/** As it goes over the wire: what JSON cannot carry shows here. */
const wire = (document: unknown): unknown => JSON.parse(JSON.stringify(document));

const standings: readonly Standing[] = ['split', 'standby-with-vip', 'fencing', 'fenced', 'standby'];

describe.each(standings)('while pg2 is %s', (standing) => {
  it('status, diagnosis and plan have their shape', async () => {
    const context = await responderContext(new FakePair(standing));
    status.parse(wire(await readStatus(context)));
    diagnosis.parse(wire(await readDiagnosis(context)));
    plan.parse(wire(await readPlan(context)));
    expect((await readStatus(context)).healthy).toBe(standing === 'standby');
  });
});

it('a node that gives no answer is shown as such, without invented values', async () => {
  const pair = new FakePair('standby');
  pair.mishaps = [{ verb: 'observe', acts: false, answer: { kind: 'unknown', reason: 'no route' } }];
  const document = status.parse(wire(await readStatus(await responderContext(pair))));
  expect(document.nodes[0]).toMatchObject({
    answered: false,
    role: null,
    holdsVip: null,
    unknown: ['no route'],
  });
  expect(document.healthy).toBe(false);
});

it('status names the lease: its epoch, who holds it, and what each node knows of it', async () => {
  const pair = new FakePair('standby');
  pair.leased = true;
  const document = status.parse(wire(await readStatus(await responderContext(pair))));
  expect(document).toMatchObject({ healthy: true, epoch: 3, leaseHolder: 'pg1' });
  expect(document.nodes).toMatchObject([
    { name: 'pg1', epoch: 3, holdsLease: true },
    { name: 'pg2', epoch: 3, holdsLease: false },
  ]);
});

it('the journal has its shape after a whole repair', async () => {
  const pair = new FakePair('split');
  const context = await responderContext(pair);
  const worker = new ClusterWorker(context);
  const running = worker.run();
  worker.notify();
  await expect.poll(() => pair.standing).toBe('standby');
  await expect
    .poll(async () => (await readJournalDocument(context.store, 'main', 100)).entries.at(-1)?.event)
    .toBe('remediation-ended');
  worker.stop();
  await running;
  const document = journal.parse(wire(await readJournalDocument(context.store, null, 1000)));
  expect(document.entries.filter((entry) => entry.event === 'step-done').map((entry) => entry.step)).toEqual([
    'fence',
    'account',
    'rejoin',
    'verify',
  ]);
  const account = document.entries.find((entry) => entry.event === 'step-done' && entry.step === 'account');
  expect(account?.detail).toMatchObject({ forkLsn: '0/4000000', endLsn: '0/4500000' });
});
