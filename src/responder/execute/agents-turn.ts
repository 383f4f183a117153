/** A node that lost its lease is brought back by its own agent, which is nearer and faster: the responder lets it try first. */
import { fenceMarkerOf, viewOf } from '../../core/diagnose/view.ts';
import type { Plan, Refusal } from '../../core/plan/plan.ts';
import type { Snapshot } from '../../core/model/observation.ts';

/** From the first look in which the node could have been brought back; a rewind of some gigabytes fits in. */
export const AGENTS_TURN_MS = 15_000;
const OWN_REASON = 'lease-lost';

export class AgentsTurn {
  /** When a plan for this marker was first made, by node and marker. */
  readonly #since = new Map<string, number>();

  /**
   * Why the plan has to wait at the moment `now` (monotonic milliseconds); null where it need not. Only for a marker that an agent set
   * because its lease was lost, and only while that agent runs.
   */
  reasonToWait(plan: Plan, snapshot: Snapshot, now: number): Refusal | null {
    if (plan.playbook !== 'fenced-may-rejoin' && plan.playbook !== 'fence-interrupted') return null;
    const look = viewOf(snapshot).answered.find((it) => it.node === plan.node);
    const marker = look === undefined ? null : fenceMarkerOf(look);
    if (look === undefined || marker?.reason !== OWN_REASON) return null;
    if (look.agentRunning.kind === 'unknown' || !look.agentRunning.value) return null;
    const key = `${plan.playbook} ${plan.node} ${marker.setAt}`;
    const since = this.#since.get(key) ?? now;
    this.#since.set(key, since);
    if (now - since >= AGENTS_TURN_MS) return null;
    return {
      kind: 'refusal',
      cluster: plan.cluster,
      code: 'agent-at-work',
      finding: plan.playbook,
      reason: `${plan.node} lost its lease, and its own agent brings it back: it is given ${AGENTS_TURN_MS / 1000} s`,
    };
  }

  /** Nothing is wrong any more: markers of the past are forgotten. */
  forget(): void {
    this.#since.clear();
  }
}
