/** Looks whether the fences beside the agent are at work: their stamps on tmpfs and the kernel lease's own word. */
import { existsSync } from 'node:fs';
import type { Paths } from '../config/paths.ts';
import type { ClusterConfig } from '../config/schema.ts';
import { known } from '../core/model/known.ts';
import type { FencingView } from '../metrics/view.ts';
import { bootMillis } from '../world/clock.ts';
import { GUARD_SILENCE_MS, readGuardStamp } from '../world/files/guard-stamps.ts';
import type { KernelLeaseState } from '../world/network/kernel-lease.ts';

/** Synchronous and cheap: two files of fifteen bytes. `kernel` null: there is no kernel lease in this process. */
export function lookAtFencing(
  cluster: ClusterConfig,
  paths: Paths,
  kernel: KernelLeaseState | null,
): FencingView {
  const now = bootMillis();
  return {
    adopted: known(existsSync(paths.adoption)),
    fuse: cluster.fencing.fuse ? readGuardStamp(paths.fuseStamp, now, GUARD_SILENCE_MS.fuse) : null,
    deadMan: readGuardStamp(paths.deadManStamp, now, GUARD_SILENCE_MS.deadMan),
    kernel: cluster.fencing.kernelLease === 'off' ? null : kernel,
  };
}
