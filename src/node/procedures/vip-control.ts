/** The procedures' hands on the VIP: gate, kernel address list and keepalived of this host. */
import type { Paths } from '../../config/paths.ts';
import type { ClusterConfig } from '../../config/schema.ts';
import type { Known } from '../../core/model/known.ts';
import type { VipObservation } from '../../core/model/observation.ts';
import type { Clock } from '../../world/clock.ts';
import { writeGate } from '../../world/keepalived/gate.ts';
import { keepalivedProcesses, stopKeepalived } from '../../world/keepalived/process.ts';
import { recordKeepalivedStart, startKeepalivedAgain } from '../../world/keepalived/start-again.ts';
import { readVip, removeAddress } from '../../world/network/addresses.ts';
import type { CommandResult, Runner } from '../../world/remote/runner.ts';

export interface VipControl {
  readonly closeGate: () => Promise<void>;
  /** The kernel's word. */
  readonly read: () => Promise<Known<VipObservation>>;
  /** True where keepalived runs and every process of it can act; false where it is stopped by a signal or absent. */
  readonly keepalivedActs: () => boolean;
  /** Ends keepalived after writing down how it was started. */
  readonly stopKeepalived: () => Promise<void>;
  /** Starts it again, where `stopKeepalived` ended it; else does nothing. */
  readonly startKeepalivedAgain: () => Promise<void>;
  readonly removeAddress: (interfaceName: string) => Promise<CommandResult>;
}

/** The real thing, for this host. */
export function hostVipControl(
  cluster: ClusterConfig,
  paths: Paths,
  runner: Runner,
  clock: Clock,
): VipControl {
  const address = cluster.vip.split('/')[0] ?? cluster.vip;
  const limitSeconds = cluster.timings.vipReleaseSeconds;
  return {
    closeGate: () => writeGate(paths.gateFile, false),
    read: () => readVip(address, runner),
    keepalivedActs: () => {
      const processes = keepalivedProcesses();
      return processes.length > 0 && processes.every((it) => it.state !== 'T');
    },
    stopKeepalived: async () => {
      await recordKeepalivedStart(paths.keepalivedStart);
      await stopKeepalived(runner, clock, limitSeconds);
    },
    startKeepalivedAgain: () => startKeepalivedAgain(paths.keepalivedStart, runner, clock, limitSeconds),
    removeAddress: (interfaceName) => removeAddress(runner, cluster.vip, interfaceName),
  };
}
