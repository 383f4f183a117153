/** Goal: a node that is busy, with our own request or with its agent, is neither given up nor undone. Method: fake nodes that say "locked". */
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import { makePlan } from '../../../../src/core/plan/make-plan.ts';
import {
  runRemediation,
  type RemediationOutcome,
} from '../../../../src/responder/execute/run-remediation.ts';
import { takeSnapshot } from '../../../../src/responder/execute/take-snapshot.ts';
import { startRemediation } from '../../../../src/responder/store/remediations.ts';
import type { Answer } from '../../../../src/world/remote/node-link.ts';
import type { NodeVerb } from '../../../../src/world/remote/protocol.ts';
import { FakePair } from '../../../support/fake-pair.ts';
import { responderContext } from '../../../support/responder-context.ts';

const BUSY: Answer<NodeVerb> = { kind: 'failed', code: 'locked', message: 'busy' };

/** Plans by a look at the pair, then lets what the test arranged happen to the requests. */
async function remediate(pair: FakePair): Promise<RemediationOutcome> {
  const context = await responderContext(pair);
  const snapshot = await takeSnapshot(context.cluster, context.link, context.clock);
  const plan = makePlan(snapshot, diagnose(snapshot));
  if (plan.kind !== 'plan') throw new Error(`expected a plan, got ${JSON.stringify(plan)}`);
  const remediation = await startRemediation(context.store, plan, context.clock.wallMillis());
  return runRemediation(context, remediation, null);
}

describe('a node', () => {
  it('is waited for while it is busy with an earlier request', async () => {
    const pair = new FakePair('split');
    pair.mishaps = [
      { verb: 'rejoin', acts: false, answer: BUSY },
      { verb: 'rejoin', acts: false, answer: BUSY },
    ];
    expect(await remediate(pair)).toMatchObject({ state: 'done' });
  });

  it('is not fenced again where its own agent fenced it meanwhile', async () => {
    const pair = new FakePair('split');
    pair.mishaps = [{ verb: 'fence', acts: true, answer: BUSY }];
    expect(await remediate(pair)).toMatchObject({ state: 'done' });
    expect(pair.verbs()).toEqual(['fence', 'account', 'rejoin']);
  });

  it.each(['fence', 'account'] as const)(
    'is left alone where its own agent brought it back while it was asked for its %s',
    async (verb) => {
      const pair = new FakePair('split');
      pair.mishaps = [{ verb, acts: false, answer: BUSY }];
      pair.whenAsked = () => {
        if (pair.verbs().at(-1) === verb) pair.standing = 'standby';
      };
      expect(await remediate(pair)).toMatchObject({ state: 'failed' });
      expect(pair.verbs().at(-1)).toBe(verb);
      expect(pair.standing).toBe('standby');
    },
  );
});
