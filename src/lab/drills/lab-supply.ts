/** Gives each drill a lab: the one of the drill before it, where that is whole and of the same kind, else a new one. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { paths } from '../../config/paths.ts';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { pollUntil, systemClock } from '../../world/clock.ts';
import { readFailovers } from '../../world/files/failovers.ts';
import { labDown } from '../down.ts';
import { forgetStrikes } from '../faults/strike.ts';
import { downOnSignal } from '../interruption.ts';
import type { LabAccount } from '../measure/account.ts';
import { activeAlerts } from '../measure/alerts.ts';
import { readBeats, writableNow } from '../measure/beats.ts';
import { healthOf } from '../measure/light-health.ts';
import { hostDirectory, productLab, type ProductLab } from '../state.ts';
import { databaseHosts, topologyOf } from '../topology.ts';
import { DEFAULT_OPTIONS, type LabOptions, type Progress } from '../up/building.ts';
import { labUp } from '../up/up.ts';
import type { Drill } from './drill.ts';
import { switchOverFrom } from './switch-over.ts';

/** Every story begins with this host as the primary. */
const FIRST_PRIMARY = 'pg1';
/** What the probe and the client recorded is read again and again: a lab that lives long makes every look slow. */
const DRILLS_PER_LAB = 8;
const READY_LIMIT_MS = 30_000;
const INTERVAL_MS = 200;

interface Berth {
  readonly lab: ProductLab;
  readonly kind: string;
  readonly forget: () => void;
  used: number;
  /** The account at the end of the last drill; null in a new lab. */
  account: LabAccount | null;
}

export class LabSupply {
  readonly #progress: Progress;
  #berth: Berth | null = null;

  constructor(progress: Progress) {
    this.#progress = progress;
  }

  /** A whole lab of the drill's kind whose primary is pg1. Throws where it cannot be built. */
  async labFor(drill: Drill): Promise<{ readonly lab: ProductLab; readonly before: LabAccount | null }> {
    const kind = kindOf(drill);
    const berth = this.#berth;
    if (berth !== null) {
      if (berth.kind === kind && berth.used < DRILLS_PER_LAB && (await this.#madeReady(berth.lab))) {
        berth.used += 1;
        return { lab: berth.lab, before: berth.account };
      }
      await this.release();
    }
    const fresh = await this.#build(drill, kind);
    return { lab: fresh.lab, before: null };
  }

  /** What the last drill left; the next drill's account begins there. */
  usedUpTo(account: LabAccount): void {
    if (this.#berth !== null) this.#berth.account = account;
  }

  /** The lab of the last drill; null where it was given up or never built. */
  name(): string | null {
    return this.#berth?.lab.name ?? null;
  }

  /** Takes the lab down; after it, the next drill gets a new one. */
  async release(): Promise<void> {
    const name = this.#berth?.lab.name;
    this.keep();
    if (name !== undefined) await labDown(name);
  }

  /** Leaves the lab as it is, for somebody to look at. Its name, or null where there was none. */
  keep(): string | null {
    const berth = this.#berth;
    this.#berth = null;
    berth?.forget();
    return berth?.lab.name ?? null;
  }

  async #build(drill: Drill, kind: string): Promise<Berth> {
    const name = `drill-${randomBytes(4).toString('hex')}`;
    const forget = downOnSignal(name);
    const options: LabOptions = { ...DEFAULT_OPTIONS, ...drill.lab, name };
    try {
      const lab = productLab(await labUp(options, this.#progress));
      this.#berth = { lab, kind, forget, used: 1, account: null };
      return this.#berth;
    } catch (error) {
      forget();
      await labDown(name);
      throw error;
    }
  }

  /** A lab that does not come to order is given up, not a reason to fail: nothing was asked of the drill yet. */
  async #madeReady(lab: ProductLab): Promise<boolean> {
    try {
      await whole(lab);
      await forgetStrikes(lab.name);
      const [primary = ''] = writableNow(await readBeats(lab.name), Date.now());
      if (primary !== FIRST_PRIMARY) await switchOverFrom(lab.name, primary, FIRST_PRIMARY);
      await whole(lab);
      return true;
    } catch (error) {
      this.#progress(`a new lab: ${errorText(error)}`);
      return false;
    }
  }
}

/** Labs that were built alike. */
export function kindOf(drill: Drill): string {
  return JSON.stringify({ ...DEFAULT_OPTIONS, ...drill.lab });
}

/** One primary with the VIP, standbys that stream, no alert that fires or is about to, and every failover made good. */
async function whole(lab: ProductLab): Promise<void> {
  let problem: string | null = null;
  const seen = await pollUntil(systemClock, READY_LIMIT_MS, INTERVAL_MS, async () => {
    const active = await activeAlerts(lab.prometheus);
    problem =
      (await healthOf(lab, topologyOf(lab.name, lab.nodes, lab.witness))) ??
      (active.length > 0 ? `${active.join(', ')} is active` : null) ??
      (await unfinishedFailover(lab));
    return problem === null ? true : undefined;
  });
  if (seen === undefined)
    throw new PrimacyError(
      'timeout',
      `lab ${lab.name} is not whole after ${READY_LIMIT_MS / 1_000} s: ${problem ?? ''}`,
    );
}

/** A node whose last failover no standby has followed yet would refuse the next one (F2), which is no matter of the next drill. */
async function unfinishedFailover(lab: ProductLab): Promise<string | null> {
  for (const { name } of databaseHosts(topologyOf(lab.name, lab.nodes, lab.witness))) {
    const path = join(hostDirectory(lab.name, name), paths.failovers.replace('/var/', ''));
    const failovers = await readFailovers(path);
    if (failovers.kind === 'unknown') return failovers.reason;
    if (failovers.value.some((it) => !it.rejoined)) return `a failover of ${name} is not made good yet`;
  }
  return null;
}
