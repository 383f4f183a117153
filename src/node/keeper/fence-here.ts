/** Fences this node by its own agent because its lease has ended: VIP's sockets, VIP, PostgreSQL, as fast as the machine can. */
import { vipAddress } from '../../config/vip.ts';
import { killPostgres } from '../../world/postgres/kill.ts';
import { deferredSteps } from '../hand-over/deferred-steps.ts';
import { takeVipAway } from '../procedures/take-vip-away.ts';
import type { Done, KeeperContext } from './context.ts';
import { markLeaseLost } from './lease-lost.ts';

const RESET_LIMIT_MS = 100;

/**
 * Clients are told first, by a reset of their connections: with the address gone nothing would reach them any more. Then the gate and the
 * VIP beside the kill, which is one: without a lease there is no time for an orderly end. The marker is written durably, but nothing waits
 * for its disk. `writable` false: only the VIP is wrong here, and a server in recovery is harmless.
 *
 * Throws `postcondition-missing` where a process outlives SIGKILL or the VIP stays; the next look fences again.
 */
export async function fenceHere(context: KeeperContext, writable: boolean): Promise<Done> {
  const { cluster, clock, kernelLease, runner } = context;
  const { step, write } = deferredSteps(context, 'fence');
  kernelLease.revoke();
  await step('reset-sockets', () =>
    runner.run({
      program: 'ss',
      arguments: ['-K', '-tn', 'src', vipAddress(cluster)],
      timeoutMs: RESET_LIMIT_MS,
    }),
  );
  const marker = writable ? markLeaseLost(context, 'fencing') : Promise.resolve();
  const [vip, kill, marked] = await Promise.allSettled([
    takeVipAway(context, step),
    writable
      ? step('kill-postgres', () =>
          killPostgres(cluster.postgres.dataDirectory, clock, cluster.timings.stopKillSeconds, false),
        )
      : Promise.resolve(),
    marker,
  ]);
  void write();
  for (const it of [kill, vip, marked]) if (it.status === 'rejected') throw it.reason;
  if (writable) await markLeaseLost(context, 'fenced');
  return { vip: vip.status === 'fulfilled' ? vip.value : null, killed: writable };
}
