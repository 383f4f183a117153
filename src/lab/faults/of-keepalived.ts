/** Faults of keepalived, of VRRP and of the VIP. */
import { poweredInit } from '../hosts/enter.ts';
import { dropVrrp, passVrrp } from '../hosts/network.ts';
import { startKeepalived } from '../up/services.ts';
import { addVip, deleteVip, deleteVipIfThere } from './address.ts';
import { PRIMARY, STANDBY, type Fault } from './fault.ts';
import { breakKeepalived, mendKeepalived, restartKeepalived } from './keepalived.ts';
import { signalKeepalived } from './signals.ts';

export const keepalivedFaults: readonly (readonly [string, Fault])[] = [
  [
    'kill-keepalived',
    {
      summary: 'SIGKILL to all processes of keepalived: the VIP stays where it is',
      defaultHost: PRIMARY,
      strike: (target) => signalKeepalived(target, 'KILL'),
      mend: async (target) =>
        startKeepalived(await poweredInit(target.state.name, target.host.name), target.config),
    },
  ],
  [
    'stop-keepalived',
    {
      summary: 'SIGSTOP to all processes of keepalived',
      defaultHost: PRIMARY,
      strike: (target) => signalKeepalived(target, 'STOP'),
      mend: (target) => signalKeepalived(target, 'CONT'),
    },
  ],
  [
    'restart-keepalived',
    {
      summary: 'SIGTERM to keepalived, and a start after its end',
      defaultHost: PRIMARY,
      strike: restartKeepalived,
      mend: null,
    },
  ],
  [
    'break-keepalived',
    {
      summary: 'a mistake in keepalived.conf and a reload, which ends keepalived and leaves the VIP',
      defaultHost: PRIMARY,
      strike: breakKeepalived,
      mend: mendKeepalived,
    },
  ],
  [
    'drop-vrrp',
    {
      summary: 'the switch drops VRRP from and to the host, in silence',
      defaultHost: PRIMARY,
      strike: (target) => dropVrrp(target.state.name, target.host.name),
      mend: (target) => passVrrp(target.state.name, target.host.name),
    },
  ],
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
];
