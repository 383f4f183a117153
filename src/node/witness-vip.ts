/** A witness has never a right to the VIP: takes it away where it finds it, as a standby's guard does, journaled, and looks again. */
import type { ClusterConfig, NodeConfig } from '../config/schema.ts';
import { vipAddress } from '../config/vip.ts';
import { errorText } from '../core/model/primacy-error.ts';
import { pollUntil, type Clock } from '../world/clock.ts';
import type { NodeJournal } from '../world/files/node-journal.ts';
import { readVip } from '../world/network/addresses.ts';
import type { Runner } from '../world/remote/runner.ts';
import type { LeaseService } from './lease/lease-service.ts';
import type { Log } from './log.ts';

export interface WitnessVipParts {
  readonly cluster: ClusterConfig;
  readonly node: NodeConfig;
  readonly runner: Runner;
  readonly clock: Clock;
  readonly journal: NodeJournal;
  readonly lease: Pick<LeaseService, 'memory'>;
  readonly log: Log;
}

const IP_LIMIT_MS = 2_000;
/** Whoever puts it back, such as a keepalived of its own, has done so by then. */
const STAYS_GONE_MS = 300;
const POLL_MS = 20;
/** After an attempt that failed: somebody puts it back, and people have the alert. */
const AGAIN_MS = 10_000;

/**
 * The step, to be made every second. Before the cluster's first lease an agent only observes. What cannot be read is left alone, and a
 * failed attempt is repeated every ten seconds.
 */
export function createWitnessVip(parts: WitnessVipParts): () => Promise<void> {
  const { cluster, node, runner, clock, lease, log } = parts;
  const address = vipAddress(cluster);
  let notBefore = Number.NEGATIVE_INFINITY;
  return async () => {
    if (lease.memory().lease === null || clock.monotonicMillis() < notBefore) return;
    const seen = await readVip(address, runner);
    if (seen.kind === 'unknown' || !seen.value.present) return;
    const where = seen.value.interface ?? cluster.interface;
    await write(parts, 'intent', `${cluster.vip} on ${where}`);
    // Whatever its prefix length is: a person may have added it as a host's.
    const result = await runner.run({
      program: 'ip',
      arguments: ['address', 'flush', 'dev', where, 'to', `${address}/${address.includes(':') ? 128 : 32}`],
      timeoutMs: IP_LIMIT_MS,
    });
    const back = await pollUntil(clock, STAYS_GONE_MS, POLL_MS, async () => {
      const now = await readVip(address, runner);
      return now.kind === 'unknown' || now.value.present ? true : undefined;
    });
    if (back === undefined) {
      log.warn({ vip: cluster.vip, interface: where }, 'VIP taken away: a witness never has a right to it');
      await write(parts, 'done', `${cluster.vip} is gone from ${where}`);
      return;
    }
    notBefore = clock.monotonicMillis() + AGAIN_MS;
    const why = result.kind === 'failed' ? result.stderr.trim() : 'it is there again';
    log.error({ vip: cluster.vip, interface: where, why }, `cannot take the VIP from ${node.name}`);
    await write(parts, 'failed', `cannot prove ${cluster.vip} gone from ${where}: ${why}`);
  };
}

/** A full disk is no reason to keep an address that clients follow. */
async function write(
  { clock, journal, log }: WitnessVipParts,
  event: 'intent' | 'done' | 'failed',
  detail: string,
): Promise<void> {
  const entry = {
    at: clock.wallMillis(),
    remediation: null,
    procedure: 'release-vip',
    step: 'witness',
    event,
    detail,
  };
  await journal
    .append(entry)
    .catch((error: unknown) => log.error({ error: errorText(error) }, 'cannot write to the journal'));
}
