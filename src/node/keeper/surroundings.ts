/** What a promotion also depends on and nobody else looks at: VIP, gateway, disk, keepalived, fuse, clock, other work on this node. */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import type { Paths } from '../../config/paths.ts';
import type { ClusterConfig } from '../../config/schema.ts';
import { vipAddress } from '../../config/vip.ts';
import { known, unknown, type Known } from '../../core/model/known.ts';
import { bootMillis } from '../../world/clock.ts';
import { GUARD_SILENCE_MS, readGuardStamp } from '../../world/files/guard-stamps.ts';
import type { KeepalivedCheck } from '../../world/keepalived/check.ts';
import type { KeepalivedData } from '../../world/keepalived/json.ts';
import { probeAddressQuickly } from '../../world/network/arp-probe.ts';
import { describeResult, type Runner } from '../../world/remote/runner.ts';

/** A value and when it was seen, boot-time milliseconds. */
interface Seen<T> {
  readonly value: Known<T>;
  readonly at: number;
}

const NEVER: Seen<never> = { value: unknown('not looked at yet'), at: Number.NEGATIVE_INFINITY };
const SLOW_FRESH_MS = 60_000;
const FAST_FRESH_MS = 1_500;
/** A step of the wall clock smaller than this is what time servers do. */
const STEP_MS = 500;
const STEP_REMEMBERED_MS = 60_000;
const DISK_LIMIT_MS = 2_000;

export interface SurroundingsParts {
  readonly cluster: ClusterConfig;
  readonly paths: Paths;
  readonly runner: Runner;
  readonly checks: () => readonly KeepalivedCheck[];
  readonly keepalived: () => Promise<Known<KeepalivedData>>;
}

/** Filled by its own steps, read by the keeper. */
export class Surroundings {
  readonly #parts: SurroundingsParts;
  #vip: Seen<boolean> = NEVER;
  #gateway: Seen<boolean> = NEVER;
  #disk: Seen<number> = NEVER;
  #keepalived: Seen<string | null> = NEVER;
  #clockOffset: number | null = null;
  #steppedAt: number | null = null;
  #fuseMissingSince: number | null = null;

  constructor(parts: SurroundingsParts) {
    this.#parts = parts;
  }

  /** Every few seconds. */
  async slowStep(): Promise<void> {
    const at = bootMillis();
    const [disk, keepalived] = await Promise.all([this.#freeDisk(), this.#keepalivedFault()]);
    this.#disk = { value: disk, at };
    this.#keepalived = { value: keepalived, at };
    if (this.#parts.cluster.failover.gateway !== null) await this.#askGateway();
  }

  /** While the holder is silent, so that the answer is no older than the silence; a quarter of a second. */
  async suspiciousStep(): Promise<void> {
    const { cluster, runner } = this.#parts;
    const at = bootMillis();
    const [vip] = await Promise.all([
      probeAddressQuickly(runner, cluster.interface, vipAddress(cluster)),
      cluster.failover.gateway === null ? null : this.#askGateway(),
    ]);
    this.takeVipProbe(vip.kind === 'known' ? known(vip.value.answered) : vip, at);
  }

  /** Also what the background watch of the VIP saw. */
  takeVipProbe(value: Known<boolean>, at: number): void {
    if (at >= this.#vip.at) this.#vip = { value, at };
  }

  /** Cheap, at each look of the keeper. */
  tick(now: number): void {
    const offset = Date.now() - now;
    if (this.#clockOffset !== null && Math.abs(offset - this.#clockOffset) > STEP_MS) this.#steppedAt = now;
    this.#clockOffset = offset;
    const stamp = readGuardStamp(this.#parts.paths.fuseStamp, now, GUARD_SILENCE_MS.fuse);
    const runs = !this.#parts.cluster.fencing.fuse || (stamp.kind === 'known' && stamp.value);
    this.#fuseMissingSince = runs ? null : (this.#fuseMissingSince ?? now);
  }

  /** Since when the fuse gave no sign; null while it runs or is not configured. */
  get fuseMissingSince(): number | null {
    return this.#fuseMissingSince;
  }

  vipAnswered(now: number): Known<boolean> {
    return fresh(this.#vip, now, FAST_FRESH_MS, 'the VIP was not probed lately');
  }

  gatewayAnswers(now: number): Known<boolean> | null {
    if (this.#parts.cluster.failover.gateway === null) return null;
    return fresh(this.#gateway, now, SLOW_FRESH_MS, 'the gateway was not asked lately');
  }

  freeDiskBytes(now: number): Known<number> {
    return fresh(this.#disk, now, SLOW_FRESH_MS, 'the disk was not looked at lately');
  }

  keepalivedFault(now: number): Known<string | null> {
    return fresh(this.#keepalived, now, SLOW_FRESH_MS, 'keepalived was not asked lately');
  }

  clockSteady(now: number): Known<boolean> {
    return known(this.#steppedAt === null || now - this.#steppedAt > STEP_REMEMBERED_MS);
  }

  async #askGateway(): Promise<void> {
    const { cluster, runner } = this.#parts;
    const at = bootMillis();
    const answer = await probeAddressQuickly(runner, cluster.interface, cluster.failover.gateway ?? '');
    this.#gateway = { value: answer.kind === 'known' ? known(answer.value.answered) : answer, at };
  }

  /** By a child, because a hung disk must not hang this process. */
  async #freeDisk(): Promise<Known<number>> {
    const command = {
      program: 'df',
      arguments: ['--output=avail', '-B1', this.#parts.cluster.postgres.dataDirectory],
      timeoutMs: DISK_LIMIT_MS,
    };
    const result = await this.#parts.runner.run(command);
    const bytes = Number(result.stdout.trim().split('\n').at(-1));
    return result.kind === 'done' && Number.isFinite(bytes)
      ? known(bytes)
      : unknown(describeResult(command, result));
  }

  async #keepalivedFault(): Promise<Known<string | null>> {
    const { checks, keepalived } = this.#parts;
    const broken = checks().filter((it) => it.intact.kind === 'unknown' || !it.intact.value);
    const names = broken.map((it) => it.check).join(', ');
    if (broken.length > 0) return known(`what keepalived depends on is not intact: ${names}`);
    const answer = await keepalived();
    return answer.kind === 'known' ? known(null) : answer;
  }
}

/** Who holds the node lock (world/files/node-lock.ts) beside this process: its purpose; null = nobody. */
export function nodeLockHolder(path: string): string | null {
  try {
    const [pid, ...purpose] = readFileSync(path, 'utf8').trim().split(' ');
    if (Number(pid) === process.pid || !(Number(pid) > 0)) return null;
    const holds = readdirSync(`/proc/${pid}/fd`).some(
      (fd) => readlinkOrNull(`/proc/${pid}/fd/${fd}`) === path,
    );
    return holds ? purpose.join(' ') : null;
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    return 'somebody who cannot be seen';
  }
}

function readlinkOrNull(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    // Closed between the two looks.
    return null;
  }
}

function fresh<T>(seen: Seen<T>, now: number, limitMs: number, otherwise: string): Known<T> {
  return now - seen.at <= limitMs ? seen.value : unknown(otherwise);
}
