/** Faults of the VIP: a hand that adds or deletes it, and a stranger that has it. */
import { addVip, deleteVip, deleteVipIfThere } from './address.ts';
import { PRIMARY, STANDBY, type Fault } from './fault.ts';
import { plugInStranger, unplugStranger } from './stranger.ts';

export const vipFaults: readonly (readonly [string, Fault])[] = [
  [
    'add-vip',
    {
      summary: 'ip address add of the VIP by hand',
      defaultHost: STANDBY,
      strike: addVip,
      mend: deleteVipIfThere,
    },
  ],
  [
    'delete-vip',
    { summary: 'ip address delete of the VIP by hand', defaultHost: PRIMARY, strike: deleteVip, mend: null },
  ],
  [
    'steal-vip',
    {
      summary: 'a host that is none of the cluster has the VIP too, and announces it; the host that loses it',
      defaultHost: PRIMARY,
      strike: plugInStranger,
      mend: unplugStranger,
    },
  ],
];
