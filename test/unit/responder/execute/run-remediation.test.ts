/** Goal: a remediation ends right from wherever it was interrupted. Method: the real loop and store over fake nodes, cut at every request. */
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import { makePlan } from '../../../../src/core/plan/make-plan.ts';
import type { Plan } from '../../../../src/core/plan/plan.ts';
import { clusterName, type ClusterContext } from '../../../../src/responder/execute/context.ts';
import { resumeRemediation } from '../../../../src/responder/execute/resume.ts';
import { runRemediation } from '../../../../src/responder/execute/run-remediation.ts';
import { ASKS_MAX } from '../../../../src/responder/execute/run-step.ts';
import { takeSnapshot } from '../../../../src/responder/execute/take-snapshot.ts';
import { entriesOf } from '../../../../src/responder/store/journal.ts';
import { latestRemediation, startRemediation } from '../../../../src/responder/store/remediations.ts';
import type { Answer } from '../../../../src/world/remote/node-link.ts';
import type { NodeVerb } from '../../../../src/world/remote/protocol.ts';
import { Crash, FakePair, type Standing } from '../../../support/fake-pair.ts';
import { responderContext } from '../../../support/responder-context.ts';

async function planFor(context: ClusterContext): Promise<Plan> {
  const snapshot = await takeSnapshot(context.cluster, context.link, context.clock);
  const decision = makePlan(snapshot, diagnose(snapshot));
  if (decision.kind !== 'plan') throw new Error(`expected a plan, got ${JSON.stringify(decision)}`);
  return decision;
}

async function remediate(context: ClusterContext) {
  const remediation = await startRemediation(
    context.store,
    await planFor(context),
    context.clock.wallMillis(),
  );
  return runRemediation(context, remediation, null);
}

async function journalOf(context: ClusterContext): Promise<readonly string[]> {
  const latest = await latestRemediation(context.store, clusterName(context));
  const entries = await entriesOf(context.store, latest?.id ?? '');
  return entries.map((entry) => (entry.step === null ? entry.event : `${entry.event} ${entry.step}`));
}

const lost: Answer<NodeVerb> = { kind: 'unknown', reason: 'connection lost' };
const unreachable: Answer<NodeVerb> = { kind: 'failed', code: 'unreachable', message: 'no route' };

describe('a remediation', () => {
  it('fences, accounts, rejoins and verifies, and writes down each intent before its outcome', async () => {
    const pair = new FakePair('split');
    const context = await responderContext(pair);
    expect(await remediate(context)).toEqual({ state: 'done', why: null });
    expect(pair.verbs()).toEqual(['fence', 'account', 'rejoin']);
    expect(await journalOf(context)).toEqual([
      'remediation-started',
      'step-intent fence',
      'step-done fence',
      'step-intent account',
      'step-done account',
      'step-intent rejoin',
      'step-done rejoin',
      'step-intent verify',
      'step-done verify',
      'remediation-ended',
    ]);
  });

  it('binds the rejoin to the digest of its account', async () => {
    const pair = new FakePair('split');
    await remediate(await responderContext(pair));
    expect(pair.asked.at(-1)).toMatchObject({ verb: 'rejoin', accountDigest: 'a'.repeat(64) });
  });

  it('waits for a person where client transactions would be lost', async () => {
    const pair = new FakePair('split');
    pair.clientTransactions = 3;
    const context = await responderContext(pair);
    expect(await remediate(context)).toEqual({
      state: 'waiting-for-approval',
      why: '3 client transactions of pg2 are not on pg1',
    });
    expect(pair.verbs()).toEqual(['fence', 'account']);
  });

  it('rejoins all the same where the policy is auto', async () => {
    const pair = new FakePair('split');
    pair.clientTransactions = 3;
    expect(await remediate(await responderContext(pair, { policy: 'auto' }))).toMatchObject({
      state: 'done',
    });
    expect(pair.verbs()).toEqual(['fence', 'account', 'rejoin']);
  });

  it('takes the VIP from a standby', async () => {
    const pair = new FakePair('standby-with-vip');
    expect(await remediate(await responderContext(pair))).toMatchObject({ state: 'done' });
    expect(pair.verbs()).toEqual(['release-vip']);
  });

  it('gives each remediation a greater number than the one before', async () => {
    const pair = new FakePair('split');
    const context = await responderContext(pair);
    await remediate(context);
    pair.standing = 'split';
    await remediate(context);
    const numbers = pair.asked.map((request) => ('fenceNumber' in request ? request.fenceNumber : 0));
    expect(numbers[3]).toBeGreaterThan(numbers[2] ?? Infinity);
    expect(new Set(numbers).size).toBe(2);
  });
});

describe('a reply that is lost', () => {
  it.each<NodeVerb>(['fence', 'account', 'rejoin'])(
    'of %s, after the node acted, is answered by looking',
    async (verb) => {
      const pair = new FakePair('split');
      pair.mishaps = [{ verb, acts: true, answer: lost }];
      expect(await remediate(await responderContext(pair))).toMatchObject({ state: 'done' });
      // An account leaves nothing to see: it alone is asked for again.
      expect(pair.verbs().filter((asked) => asked === verb).length).toBe(verb === 'account' ? 2 : 1);
    },
  );

  it.each<NodeVerb>(['fence', 'account', 'rejoin'])(
    'of %s, before the node acted, is asked for again with the same number',
    async (verb) => {
      const pair = new FakePair('split');
      pair.mishaps = [{ verb, acts: false, answer: lost }];
      expect(await remediate(await responderContext(pair))).toMatchObject({ state: 'done' });
      const numbers = pair.asked.map((request) => ('fenceNumber' in request ? request.fenceNumber : null));
      expect(pair.verbs().filter((asked) => asked === verb).length).toBe(2);
      expect(new Set(numbers).size).toBe(1);
    },
  );

  it('is asked for a limited number of times', async () => {
    const pair = new FakePair('split');
    pair.mishaps = Array.from({ length: 2 * ASKS_MAX }, () => ({
      verb: 'fence',
      acts: false,
      answer: unreachable,
    }));
    expect(await remediate(await responderContext(pair))).toMatchObject({ state: 'failed' });
    expect(pair.verbs().length).toBe(ASKS_MAX);
  });
});

describe('a node that says no', () => {
  it('ends the remediation without another word', async () => {
    const pair = new FakePair('split');
    pair.mishaps = [
      { verb: 'fence', acts: false, answer: { kind: 'failed', code: 'superseded', message: 'older number' } },
    ];
    const context = await responderContext(pair);
    expect(await remediate(context)).toMatchObject({
      state: 'failed',
      why: 'cannot fence pg2: older number',
    });
    expect(pair.verbs()).toEqual(['fence']);
    expect((await journalOf(context)).slice(-2)).toEqual(['step-failed fence', 'remediation-ended']);
  });

  it('and claims to be fenced while it is not, makes the remediation stuck', async () => {
    const pair = new FakePair('split');
    const answer: Answer<NodeVerb> = {
      kind: 'done',
      result: {
        vip: { presentBefore: false, keepalivedStopped: false, seconds: 0 },
        postgres: 'fast',
        seconds: 0,
      },
    };
    pair.mishaps = [{ verb: 'fence', acts: false, answer }];
    expect(await remediate(await responderContext(pair))).toMatchObject({ state: 'stuck' });
  });
});

describe('a responder that dies', () => {
  const midpoints = (['fence', 'account', 'rejoin'] as const).flatMap((verb) =>
    [false, true].map((acts) => ({ verb, acts, when: acts ? 'after' : 'before' })),
  );
  it.each(midpoints)('$when $verb takes the remediation up and ends it', async ({ verb, acts }) => {
    const pair = new FakePair('split');
    pair.mishaps = [{ verb, acts, answer: 'crash' }];
    const first = await responderContext(pair);
    await expect(remediate(first)).rejects.toThrow(Crash);
    await resumeRemediation(await responderContext(pair, { store: first.store }));
    const latest = await latestRemediation(first.store, clusterName(first));
    expect(latest?.state).toBe('done');
    expect(pair.standing).toBe('standby');
    const numbers = pair.asked.map((request) => ('fenceNumber' in request ? request.fenceNumber : null));
    expect(new Set(numbers).size).toBe(1);
  });

  it.each(Array.from({ length: 9 }, (_, index) => index))(
    'at its look number %i takes the remediation up and ends it',
    async (index) => {
      const pair = new FakePair('split');
      const first = await responderContext(pair);
      const remediation = await startRemediation(first.store, await planFor(first), first.clock.wallMillis());
      let looks = 0;
      const lookout: ClusterContext['lookout'] = {
        ...first.lookout,
        lookSince: (notBefore) => {
          looks += 1;
          return looks > index ? Promise.reject(new Crash('crash')) : first.lookout.lookSince(notBefore);
        },
        lookAt: (base, name) => {
          looks += 1;
          return looks > index ? Promise.reject(new Crash('crash')) : first.lookout.lookAt(base, name);
        },
      };
      const attempt = runRemediation({ ...first, lookout }, remediation, null);
      const crashed = await attempt.then(
        () => false,
        (error: unknown) => error instanceof Crash,
      );
      const second = await responderContext(pair, { store: first.store });
      if (crashed) await resumeRemediation(second);
      const latest = await latestRemediation(second.store, clusterName(second));
      expect(latest?.state).toBe('done');
      expect(pair.standing).toBe('standby');
      expect(pair.verbs().filter((verb) => verb === 'rejoin').length).toBe(1);
    },
  );

  it('finds nothing to take up where all had ended', async () => {
    const pair = new FakePair('split');
    const first = await responderContext(pair);
    await remediate(first);
    await resumeRemediation(await responderContext(pair, { store: first.store }));
    expect(pair.verbs()).toEqual(['fence', 'account', 'rejoin']);
  });

  it('and finds the node neither before nor after its step, is stuck', async () => {
    const pair = new FakePair('fenced');
    pair.mishaps = [{ verb: 'rejoin', acts: false, answer: 'crash' }];
    const first = await responderContext(pair);
    await expect(remediate(first)).rejects.toThrow(Crash);
    pair.standing = 'split' satisfies Standing;
    await resumeRemediation(await responderContext(pair, { store: first.store }));
    const latest = await latestRemediation(first.store, clusterName(first));
    expect(latest?.state).toBe('stuck');
  });
});
