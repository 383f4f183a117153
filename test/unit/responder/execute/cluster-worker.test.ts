/** Goal: a worker acts on what it sees, tries again within limits, and rests when all is settled. Method: fake nodes, one notification. */
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  ClusterWorker,
  REMEDIATIONS_WITHOUT_NEWS_MAX,
} from '../../../../src/responder/execute/cluster-worker.ts';
import { clusterName, type ClusterContext } from '../../../../src/responder/execute/context.ts';
import { remediationsIn } from '../../../../src/responder/store/remediations.ts';
import { readJournal } from '../../../../src/responder/store/journal.ts';
import { parseNotification } from '../../../../src/responder/webhook/notification.ts';
import { persistNotification } from '../../../../src/responder/webhook/persist.ts';
import { AGENTS_TURN_MS } from '../../../../src/responder/execute/agents-turn.ts';
import { FakePair } from '../../../support/fake-pair.ts';
import { responderContext } from '../../../support/responder-context.ts';
import { webhookBody } from '../../../support/webhook-body.ts';

/** Starts a worker; the test's end stops it. */
function start(context: ClusterContext): ClusterWorker {
  const worker = new ClusterWorker(context);
  const running = worker.run();
  onTestFinished(async () => {
    worker.stop();
    await running;
  });
  return worker;
}

/** Counts the looks that the worker asks for. */
function countLooks(context: ClusterContext): {
  readonly counted: ClusterContext;
  readonly looks: () => number;
} {
  let looks = 0;
  const lookout: ClusterContext['lookout'] = {
    ...context.lookout,
    lookSince: (notBefore) => {
      looks += 1;
      return context.lookout.lookSince(notBefore);
    },
  };
  return { counted: { ...context, lookout }, looks: () => looks };
}

async function fire(context: ClusterContext, status: 'firing' | 'resolved' = 'firing'): Promise<void> {
  const body = webhookBody({ cluster: 'main', status });
  const parsed = parseNotification(body);
  if (parsed.kind !== 'parsed') throw new Error(parsed.problem);
  await persistNotification(
    context.store,
    parsed.notification,
    body,
    new Set(['main']),
    context.clock.wallMillis(),
  );
}

async function events(context: ClusterContext): Promise<readonly string[]> {
  return (await readJournal(context.store, 'main', 1000)).map((entry) => entry.event);
}

const until = (context: ClusterContext, event: string) =>
  expect.poll(() => events(context), { timeout: 4000 }).toContain(event);

describe('a worker', () => {
  it('repairs a split brain when it is told', async () => {
    const pair = new FakePair('split');
    const context = await responderContext(pair);
    await fire(context);
    start(context).notify();
    await until(context, 'remediation-ended');
    expect(pair.standing).toBe('standby');
  });

  it('looks at start, because an alert may have fired while nobody listened', async () => {
    const pair = new FakePair('split');
    const context = await responderContext(pair);
    await fire(context);
    start(context);
    await until(context, 'remediation-ended');
    expect(pair.verbs()).toEqual(['fence', 'account', 'rejoin']);
  });

  it('only writes the plan down where the policy is observe', async () => {
    const pair = new FakePair('split');
    const context = await responderContext(pair, { policy: 'observe' });
    await fire(context);
    start(context);
    await until(context, 'plan-observed');
    expect(pair.verbs()).toEqual([]);
  });

  it('does nothing where an alert fires and nothing is wrong', async () => {
    const pair = new FakePair('standby');
    const context = await responderContext(pair);
    await fire(context);
    const { counted, looks } = countLooks(context);
    start(counted);
    await expect.poll(looks).toBe(1);
    expect(pair.verbs()).toEqual([]);
  });

  it('tries a fence again that did not reach its node, without a new notification', async () => {
    const pair = new FakePair('split');
    pair.mishaps = Array.from({ length: 7 }, () => ({
      verb: 'fence',
      acts: false,
      answer: { kind: 'failed', code: 'unreachable', message: 'no route' },
    }));
    const context = await responderContext(pair);
    await fire(context);
    start(context);
    await expect.poll(() => pair.standing).toBe('standby');
  });

  it('gives up after a limited number of remediations', async () => {
    const pair = new FakePair('split');
    pair.mishaps = Array.from({ length: 100 }, () => ({
      verb: 'fence',
      acts: false,
      answer: { kind: 'failed', code: 'command-failed', message: 'no' },
    }));
    const context = await responderContext(pair);
    await fire(context);
    start(context);
    await until(context, 'look-again-ended');
    expect(pair.verbs().length).toBe(REMEDIATIONS_WITHOUT_NEWS_MAX);
  });

  it('asks a person once, and not again at every notification', async () => {
    const pair = new FakePair('split');
    pair.clientTransactions = 1;
    const context = await responderContext(pair);
    await fire(context);
    const { counted, looks } = countLooks(context);
    const worker = start(counted);
    await until(context, 'remediation-waiting');
    const before = looks();
    worker.notify();
    await expect.poll(looks).toBeGreaterThan(before);
    // The round after that look has ended when another notification brings another look.
    const then = looks();
    worker.notify();
    await expect.poll(looks).toBeGreaterThan(then);
    expect(pair.verbs()).toEqual(['fence', 'account']);
  });

  it('ends the wait when somebody brought the node back', async () => {
    const pair = new FakePair('split');
    pair.clientTransactions = 1;
    const context = await responderContext(pair);
    await fire(context);
    const worker = start(context);
    await until(context, 'remediation-waiting');
    pair.standing = 'standby';
    worker.notify();
    await until(context, 'remediation-ended');
    const waiting = await remediationsIn(context.store, clusterName(context), ['waiting-for-approval']);
    expect(waiting).toEqual([]);
  });

  it('completes a fence that was interrupted on the node', async () => {
    const pair = new FakePair('fencing');
    const context = await responderContext(pair);
    await fire(context);
    start(context);
    await expect.poll(() => pair.standing).toBe('standby');
    expect(pair.verbs()).toEqual(['fence', 'account', 'rejoin']);
  });

  it('goes on with a running step when the alert resolves', async () => {
    const pair = new FakePair('split');
    const context = await responderContext(pair);
    await fire(context);
    const worker = start(context);
    await until(context, 'step-intent');
    await fire(context, 'resolved');
    worker.notify();
    await until(context, 'remediation-ended');
    expect(pair.standing).toBe('standby');
  });

  describe('with a node that lost its lease', () => {
    const fenced = (changes: Partial<Pick<FakePair, 'agentRuns' | 'fenceReason'>> = {}): FakePair =>
      Object.assign(new FakePair('fenced'), { leased: true, fenceReason: 'lease-lost', ...changes });
    const firstOrderAfter = async (pair: FakePair): Promise<number> => {
      const context = await responderContext(pair);
      await fire(context);
      const begun = context.clock.monotonicMillis();
      start(context);
      await until(context, 'remediation-started');
      const [started] = (await readJournal(context.store, 'main', 1000)).filter(
        (entry) => entry.event === 'remediation-started',
      );
      return (started?.at ?? 0) - 1_790_000_000_000 - begun;
    };

    it('lets its own agent try first, and then does it', async () => {
      expect(await firstOrderAfter(fenced())).toBeGreaterThanOrEqual(AGENTS_TURN_MS - 1);
    });

    it.each([
      ['whose agent is dead', { agentRuns: false }],
      ['that somebody else fenced', { fenceReason: 'dual-primary' }],
    ])('brings back at once one %s', async (_which, changes) => {
      expect(await firstOrderAfter(fenced(changes))).toBeLessThan(AGENTS_TURN_MS / 2);
    });

    it('says that it waits, and asks for nothing where the agent is quick', async () => {
      const pair = fenced();
      const context = await responderContext(pair);
      const lookout: ClusterContext['lookout'] = {
        ...context.lookout,
        lookSince: (notBefore) => {
          if (looks() === 3) pair.standing = 'standby';
          return context.lookout.lookSince(notBefore);
        },
      };
      const { counted, looks } = countLooks({ ...context, lookout });
      await fire(context);
      start(counted);
      await expect.poll(looks).toBe(3);
      const refused = (await readJournal(context.store, 'main', 1000)).filter(
        (entry) => entry.event === 'plan-refused',
      );
      expect(refused.map((entry) => entry.detail)).toMatchObject([
        { code: 'agent-at-work', finding: 'fenced-may-rejoin' },
      ]);
      expect(pair.verbs()).toEqual([]);
    });
  });
});
