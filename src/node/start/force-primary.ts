/** Asks this node's agent to overrule the voters, because it alone holds the lease; and waits until it has promoted the server. */
import type { ForceAtStart } from '../../core/guard/start-snapshot.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import { pollUntil } from '../../world/clock.ts';
import { objectOf, textOf } from '../../world/json-fields.ts';
import { askAgent } from '../ask-agent.ts';
import type { OverrideAnswer, OverrideRequest } from '../keeper/take-override.ts';
import type { ProcedureContext } from '../procedures/context.ts';
import { sessionTo } from '../procedures/survivor-session.ts';
import { isInRecovery } from './start-standby.ts';

/** The agent writes its journal and its vote, and a claim that is under way ends first. */
const ANSWER_LIMIT_MS = 5_000;
const STATE_LIMIT_MS = 1_000;
const PROMOTION_POLL_MILLIS = 50;

/** The agent's word. Throws `unreachable` where none answers, `command-failed` with its own words where it failed. */
export function askForOverride(context: ProcedureContext, force: ForceAtStart): Promise<OverrideAnswer> {
  const request: OverrideRequest = force;
  return askAgent<OverrideAnswer>(context.paths.agentSocket, 'POST', '/override', ANSWER_LIMIT_MS, request);
}

/** True once the server is out of recovery; at most two promotion waits and a promotion. */
export async function untilPromoted(context: ProcedureContext): Promise<boolean> {
  const { timings } = context.cluster;
  const session = sessionTo(context, context.local);
  const limitMs = (2 * timings.promotionWaitSeconds + timings.promoteSeconds) * 1_000;
  try {
    const promoted = await pollUntil(context.clock, limitMs, PROMOTION_POLL_MILLIS, async () => {
      const inRecovery = await isInRecovery(session, timings.sqlStatementSeconds * 1_000);
      return inRecovery === false ? true : undefined;
    });
    return promoted === true;
  } finally {
    await session.close();
  }
}

/** What the agent does now instead of a promotion, in its own words. Never rejects. */
export async function whatTheAgentDoes(context: ProcedureContext): Promise<string> {
  try {
    const state = await askAgent<unknown>(context.paths.agentSocket, 'GET', '/state', STATE_LIMIT_MS);
    const duty = objectOf(objectOf(state, 'state')['duty'], 'duty');
    return `${textOf(duty['kind'], 'kind')}: ${String(duty['reason'])}`;
  } catch (error) {
    return errorText(error);
  }
}
