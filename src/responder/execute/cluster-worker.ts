/** The loop of one cluster: woken by a notification, it looks, decides and acts, and looks again while an alert fires and a finding stands. */
import { diagnose } from '../../core/diagnose/diagnose.ts';
import { makePlan } from '../../core/plan/make-plan.ts';
import type { Decision, Plan, Refusal } from '../../core/plan/plan.ts';
import { viewOf, fenceMarkerOf } from '../../core/diagnose/view.ts';
import type { Snapshot } from '../../core/model/observation.ts';
import { firingAlerts } from '../store/alerts.ts';
import { remediationsIn, startRemediation } from '../store/remediations.ts';
import { AgentsTurn } from './agents-turn.ts';
import { closeRemediation } from './close-remediation.ts';
import { clusterName, note, type ClusterContext } from './context.ts';
import type { Look } from './lookout.ts';
import { resumeRemediation } from './resume.ts';
import { runRemediation } from './run-remediation.ts';

/** Looks in a row that no new notification asked for: an hour's worth, then Alertmanager's repeat has to come. */
export const LOOKS_WITHOUT_NEWS_MAX = 240;
/** Remediations in a row that no new notification asked for. */
export const REMEDIATIONS_WITHOUT_NEWS_MAX = 5;
const LOOK_AGAIN_AFTER_MS = 2_000;
const LOOK_AGAIN_AFTER_MAX_MS = 15_000;

/** What one round came to. `settled`: nothing is left that another look could change. */
type Round = 'acted' | 'unsettled' | 'settled';

export class ClusterWorker {
  readonly #context: ClusterContext;
  readonly #stop = new AbortController();
  readonly #agentsTurn = new AgentsTurn();
  #news = Promise.withResolvers<void>();
  #hasNews = false;
  #looks = 0;
  #remediations = 0;
  /** The last refusal or observed plan that was journaled: each is written down once, not at every look. */
  #told = '';

  constructor(context: ClusterContext) {
    this.#context = context;
  }

  /** Something was heard of this cluster. Returns at once. */
  notify(): void {
    this.#hasNews = true;
    this.#news.resolve();
  }

  stop(): void {
    this.#stop.abort();
    this.#news.resolve();
  }

  /** Takes up what an earlier process left, then serves until `stop`. Rejects only on our own bugs and a broken store. */
  async run(): Promise<void> {
    await resumeRemediation(this.#context);
    if ((await firingAlerts(this.#context.store, this.#context.cluster.name)).length > 0) this.notify();
    while (!this.#stop.signal.aborted) {
      if (!this.#hasNews) await this.#news.promise;
      if (this.#stop.signal.aborted) return;
      this.#takeNews();
      await this.#workUntilSettled();
    }
  }

  #takeNews(): void {
    this.#hasNews = false;
    this.#news = Promise.withResolvers<void>();
    this.#looks = 0;
    this.#remediations = 0;
  }

  async #workUntilSettled(): Promise<void> {
    const { clock, store, cluster } = this.#context;
    while (!this.#stop.signal.aborted) {
      const round = await this.#round();
      if (this.#hasNews) {
        this.#takeNews();
        continue;
      }
      if (round === 'settled') return;
      if (round === 'unsettled' && (await firingAlerts(store, cluster.name)).length === 0) return;
      this.#looks += 1;
      if (this.#looks >= LOOKS_WITHOUT_NEWS_MAX) {
        await note(this.#context, {
          event: 'look-again-ended',
          detail: `no change in ${LOOKS_WITHOUT_NEWS_MAX} looks: the next notification starts anew`,
        });
        return;
      }
      if (round === 'acted') continue;
      await this.#waitForNews(
        Math.min(LOOK_AGAIN_AFTER_MS * 1.2 ** (this.#looks - 1), LOOK_AGAIN_AFTER_MAX_MS),
        clock,
      );
    }
  }

  /** Waits, but not past a notification. */
  async #waitForNews(milliseconds: number, clock: ClusterContext['clock']): Promise<void> {
    const waiting = new AbortController();
    const pause = clock.wait(milliseconds, waiting.signal).catch((error: unknown) => {
      if (!waiting.signal.aborted) throw error;
    });
    await Promise.race([pause, this.#news.promise]);
    waiting.abort();
    await pause;
  }

  async #round(): Promise<Round> {
    const context = this.#context;
    const look = await context.lookout.lookSince(context.clock.monotonicMillis());
    const { snapshot } = look;
    const findings = diagnose(snapshot);
    const decision = makePlan(snapshot, findings);
    await dropLiftedWaits(context, snapshot);
    context.log.info(
      { cluster: context.cluster.name, findings: findings.map((it) => it.kind), decision: decision.kind },
      'looked',
    );
    switch (decision.kind) {
      case 'nothing-to-do':
        this.#told = '';
        this.#agentsTurn.forget();
        return 'settled';
      case 'refusal':
        return await this.#refuse(decision);
      case 'plan':
        return await this.#carryOut(decision, look);
    }
  }

  async #refuse(refusal: Refusal): Promise<Round> {
    await this.#tellOnce(`refused ${refusal.code} ${refusal.reason}`, 'plan-refused', refusal);
    return 'unsettled';
  }

  async #carryOut(plan: Plan, look: Look): Promise<Round> {
    const context = this.#context;
    if (context.policy === 'observe') {
      await this.#tellOnce(`observed ${JSON.stringify(plan.steps)}`, 'plan-observed', plan);
      return 'unsettled';
    }
    if (await waitsForPerson(context, plan)) return 'settled';
    const wait = this.#agentsTurn.reasonToWait(plan, look.snapshot, context.clock.monotonicMillis());
    if (wait !== null) return await this.#refuse(wait);
    if (this.#remediations >= REMEDIATIONS_WITHOUT_NEWS_MAX) {
      await this.#tellOnce('remediations', 'look-again-ended', {
        why: `${REMEDIATIONS_WITHOUT_NEWS_MAX} remediations in a row did not settle it`,
      });
      return 'settled';
    }
    this.#remediations += 1;
    const remediation = await startRemediation(context.store, plan, context.clock.wallMillis());
    const outcome = await runRemediation(context, remediation, look);
    // A remediation that ended badly is followed by a pause, so that the same fault is not run into at full speed.
    return outcome.state === 'done' ? 'acted' : 'unsettled';
  }

  async #tellOnce(
    key: string,
    event: 'plan-refused' | 'plan-observed' | 'look-again-ended',
    detail: Decision | { readonly why: string },
  ): Promise<void> {
    if (this.#told === key) return;
    this.#told = key;
    await note(this.#context, { event, detail });
  }
}

/** True while a remediation of that node waits for approval: rejoining it again would only ask the same question. */
async function waitsForPerson(context: ClusterContext, plan: Plan): Promise<boolean> {
  if (context.policy === 'auto' || plan.playbook !== 'fenced-may-rejoin') return false;
  const waiting = await remediationsIn(context.store, clusterName(context), ['waiting-for-approval']);
  return waiting.some((it) => it.node === plan.node);
}

/** A wait is over when its marker is gone: somebody rejoined or unfenced the node by hand. */
async function dropLiftedWaits(context: ClusterContext, snapshot: Snapshot): Promise<void> {
  const waiting = await remediationsIn(context.store, clusterName(context), ['waiting-for-approval']);
  const view = viewOf(snapshot);
  for (const remediation of waiting) {
    const node = view.answered.find((it) => it.node === remediation.node);
    if (node === undefined || node.fence.kind === 'unknown' || fenceMarkerOf(node) !== null) continue;
    const why = `the fence of ${remediation.node} was lifted by somebody else`;
    await closeRemediation(context, remediation, 'remediation-ended', 'superseded', why);
  }
}
