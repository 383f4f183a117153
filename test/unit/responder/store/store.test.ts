/** Goal: the store keeps what it is given and refuses what must not be. Method: the real store in memory. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../../src/core/model/names.ts';
import { known } from '../../../../src/core/model/known.ts';
import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import { makePlan } from '../../../../src/core/plan/make-plan.ts';
import type { Plan } from '../../../../src/core/plan/plan.ts';
import { firingAlerts } from '../../../../src/responder/store/alerts.ts';
import { appendEntry, entriesOf, readJournal } from '../../../../src/responder/store/journal.ts';
import {
  planDigest,
  remediationsIn,
  setRemediationState,
  startRemediation,
} from '../../../../src/responder/store/remediations.ts';
import { openStore, type Store } from '../../../../src/responder/store/store.ts';
import { parseNotification } from '../../../../src/responder/webhook/notification.ts';
import { persistNotification } from '../../../../src/responder/webhook/persist.ts';
import { marker, seen, snapshotOf, splitPair, promotedPostgres } from '../../../support/snapshot.ts';
import { webhookBody, type BodyOptions } from '../../../support/webhook-body.ts';

const NOW = 1_790_000_000_000 as EpochMillis;

let store: Store;

beforeEach(async () => {
  store = await openStore(':memory:');
});

function planOf(snapshot = splitPair()): Plan {
  const decision = makePlan(snapshot, diagnose(snapshot));
  if (decision.kind !== 'plan') throw new Error('no plan');
  return decision;
}

async function receive(options: BodyOptions) {
  const body = webhookBody(options);
  const parsed = parseNotification(body);
  if (parsed.kind !== 'parsed') throw new Error(parsed.problem);
  return persistNotification(store, parsed.notification, body, new Set(['main']), NOW);
}

describe('a remediation', () => {
  it('gets a number that grows, also after a clock that went back', async () => {
    const first = await startRemediation(store, planOf(), NOW);
    await setRemediationState(store, first.id, 'done', null, NOW);
    const second = await startRemediation(store, planOf(), (NOW - 3_600_000) as EpochMillis);
    expect(second.fenceNumber).toBe(first.fenceNumber + 1);
  });

  it('gets a greater number than those of a store that was lost', async () => {
    const first = await startRemediation(store, planOf(), NOW);
    const fresh = await openStore(':memory:');
    const later = await startRemediation(fresh, planOf(), (NOW + 2_000) as EpochMillis);
    expect(later.fenceNumber).toBeGreaterThan(first.fenceNumber);
  });

  it('is alone in its cluster while it runs', async () => {
    await startRemediation(store, planOf(), NOW);
    await expect(startRemediation(store, planOf(), NOW)).rejects.toThrow(/unique/i);
  });

  it('comes back with its plan', async () => {
    const started = await startRemediation(store, planOf(), NOW);
    expect(await remediationsIn(store, started.cluster, ['running'])).toEqual([started]);
  });

  it('has a digest of what it does, not of how it was worded', () => {
    const plan = planOf();
    expect(planDigest({ ...plan, because: ['other words'] })).toBe(planDigest(plan));
    const other = snapshotOf({
      pg1: seen('pg1', promotedPostgres(), { fence: known(marker({ state: 'fencing' })) }),
    });
    expect(planDigest(planOf(other))).not.toBe(planDigest(plan));
  });
});

describe('the journal', () => {
  it('refuses an entry out of order', async () => {
    const { id, cluster } = await startRemediation(store, planOf(), NOW);
    const entry = {
      at: NOW,
      cluster,
      remediation: id,
      node: 'pg2',
      event: 'step-done',
      step: 'fence',
      detail: '',
    } as const;
    await expect(appendEntry(store, entry)).rejects.toThrow(/step-done may not follow remediation-started/);
    expect((await entriesOf(store, id)).length).toBe(1);
  });

  it('cannot be changed or shortened', async () => {
    await startRemediation(store, planOf(), NOW);
    await expect(store.updateTable('journal').set({ event: 'x' }).execute()).rejects.toThrow(/only grows/);
    await expect(store.deleteFrom('journal').execute()).rejects.toThrow(/only grows/);
  });

  it('gives the newest entries, oldest first, of one cluster', async () => {
    for (const detail of ['one', 'two', 'three'])
      for (const cluster of ['main', 'other'])
        await appendEntry(store, {
          at: NOW,
          cluster,
          remediation: null,
          node: null,
          event: 'plan-refused',
          step: null,
          detail,
        });
    expect((await readJournal(store, 'main', 2)).map((entry) => entry.detail)).toEqual(['two', 'three']);
    expect((await readJournal(store, null, 100)).length).toBe(6);
  });

  it('is written by many at once without a loss', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => receive({ cluster: 'main', fingerprint: `a${index}` })),
    );
    expect((await readJournal(store, 'main', 100)).length).toBe(20);
  });
});

describe('an alert', () => {
  it('fires until it is resolved', async () => {
    await receive({ cluster: 'main' });
    expect((await firingAlerts(store, 'main')).map((alert) => alert.name)).toEqual(['PostgresDualPrimary']);
    await receive({ cluster: 'main', status: 'resolved' });
    expect(await firingAlerts(store, 'main')).toEqual([]);
  });

  it('fires again when it starts again', async () => {
    await receive({ cluster: 'main' });
    await receive({ cluster: 'main', status: 'resolved' });
    await receive({ cluster: 'main', startsAt: '2026-11-21T10:00:00.000Z' });
    expect((await firingAlerts(store, 'main')).length).toBe(1);
  });

  it('that was resolved before its late firing arrives does not fire', async () => {
    await receive({ cluster: 'main', status: 'resolved' });
    await receive({ cluster: 'main' });
    expect(await firingAlerts(store, 'main')).toEqual([]);
  });

  it('is new once', async () => {
    expect(await receive({ cluster: 'main' })).toMatchObject({ newAlerts: 1, clusters: ['main'] });
    expect(await receive({ cluster: 'main' })).toMatchObject({ newAlerts: 0, clusters: ['main'] });
  });

  it.each([['other'], [null]])('of cluster %s is recorded as unknown and wakes nobody', async (cluster) => {
    expect(await receive({ cluster })).toMatchObject({
      newAlerts: 1,
      clusters: [],
      unknownClusters: [cluster],
    });
    expect(await firingAlerts(store, null)).toMatchObject([{ cluster, clusterKnown: false }]);
  });
});
