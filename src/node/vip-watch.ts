/** Asks every few seconds, in the background, whether another host answers for the VIP: keepalived cannot see that by itself. */
import type { ClusterConfig } from '../config/schema.ts';
import { vipAddress } from '../config/vip.ts';
import { known, unknown, type Known } from '../core/model/known.ts';
import type { VipProbe } from '../metrics/view.ts';
import type { Clock } from '../world/clock.ts';
import { probeAddress } from '../world/network/arp-probe.ts';
import type { Runner } from '../world/remote/runner.ts';

export interface VipWatch {
  readonly step: () => Promise<void>;
  /** The last probe's answer with its moment; unknown where the last probe gave none, whatever the one before said. */
  readonly last: () => Known<VipProbe>;
}

/** Makes the watch of one VIP on one interface. */
export function createVipWatch(cluster: ClusterConfig, runner: Runner, clock: Clock): VipWatch {
  let last: Known<VipProbe> = unknown('not probed yet');
  return {
    step: async () => {
      const answer = await probeAddress(runner, cluster.interface, vipAddress(cluster));
      last =
        answer.kind === 'known'
          ? known({ answered: answer.value.answered, endedAt: clock.wallMillis() / 1000 })
          : answer;
    },
    last: () => last,
  };
}
