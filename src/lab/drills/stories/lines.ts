/** Drills about lines that lose frames in one direction, or one kind of traffic alone, and about one of two cables. */
import type { Drill } from '../drill.ts';
import { AGENT_DOWN_SECONDS, alarm, costly, harmless, standing } from './shapes.ts';

const LOST = (host: string) => alarm('AgentDown', host, AGENT_DOWN_SECONDS);

export const lineDrills: readonly (readonly [string, Drill])[] = [
  [
    'primary-deaf',
    costly(
      'the primary hears nobody, and is heard',
      { fault: 'deafen', host: 'pg1' },
      { alerts: [LOST('pg1')] },
    ),
  ],
  [
    'primary-mute',
    costly(
      'nobody hears the primary, and it hears all',
      { fault: 'mute', host: 'pg1' },
      { alerts: [LOST('pg1')] },
    ),
  ],
  [
    'standby-deaf',
    harmless(
      'the standby hears nobody, and is heard',
      { fault: 'deafen', host: 'pg2' },
      { alerts: [LOST('pg2')] },
    ),
  ],
  [
    'standby-mute',
    harmless(
      'nobody hears the standby, and it hears all',
      { fault: 'mute', host: 'pg2' },
      { alerts: [LOST('pg2')] },
    ),
  ],
  [
    'primary-deaf-to-standby',
    harmless('the primary does not hear the standby, which hears it', {
      fault: 'deafen',
      host: 'pg1',
      others: ['pg2'],
    }),
  ],
  [
    'standby-deaf-to-primary',
    harmless('the standby does not hear the primary, which hears it', {
      fault: 'deafen',
      host: 'pg2',
      others: ['pg1'],
    }),
  ],
  [
    'primary-deaf-to-witness',
    harmless('the primary does not hear the witness, which hears it', {
      fault: 'deafen',
      host: 'pg1',
      others: ['witness'],
    }),
  ],
  [
    'witness-deaf-to-primary',
    harmless('the witness does not hear the primary, which hears it', {
      fault: 'deafen',
      host: 'witness',
      others: ['pg1'],
    }),
  ],
  [
    'pair-cut',
    {
      summary: 'primary and standby do not hear one another; both hear the witness',
      endsOn: 'pg1',
      twoPrimaries: false,
      story: async (stage) => {
        await stage.strike('deafen', 'pg1', ['pg2']);
        await stage.strike('deafen', 'pg2', ['pg1']);
        await standing(stage);
        await stage.onlyWriters('pg1');
        await stage.mend('deafen');
      },
    },
  ],
  [
    'vrrp-dropped',
    harmless('VRRP alone is dropped: both keepaliveds are alone, and one gate is open', {
      fault: 'drop-vrrp',
      host: 'pg1',
    }),
  ],
  [
    'votes-dropped',
    costly('what voters say is dropped from and to the primary, and nothing else', {
      fault: 'drop-votes',
      host: 'pg1',
    }),
  ],
  [
    'votes-dropped-late-takeover',
    {
      summary:
        'nobody hears any vote until the server of the primary is back as a standby; then its agent alone is not heard',
      endsOn: 'pg2',
      twoPrimaries: false,
      lab: { policy: 'auto' },
      story: async (stage) => {
        await stage.strike('drop-votes', 'pg1');
        await stage.strike('drop-votes', 'pg2');
        await stage.standby('pg1');
        await stage.mend('drop-votes', 'pg2');
        await stage.takenOver('pg2');
        await standing(stage);
        await stage.mend('drop-votes', 'pg1');
      },
    },
  ],
  [
    'votes-dropped-standby',
    harmless('what voters say is dropped from and to the standby, and nothing else', {
      fault: 'drop-votes',
      host: 'pg2',
    }),
  ],
  [
    'replication-dropped',
    harmless("PostgreSQL's port is dropped between primary and standby, and nothing else", {
      fault: 'drop-replication',
      host: 'pg1',
    }),
  ],
  [
    'heartbeat-line-cut',
    harmless('the cable of the second network, which carries heartbeats alone, is pulled from the primary', {
      fault: 'cut-line',
      host: 'pg1',
    }),
  ],
  [
    'client-line-cut',
    costly(
      'the cable of the first network, with clients, VIP and replication, is pulled from the primary: it hands over',
      { fault: 'cut-client-line', host: 'pg1' },
      { alerts: [LOST('pg1')], mayAlert: ['PostgresNoPrimary', 'VipMissing', 'KeepalivedFault'] },
    ),
  ],
  [
    'client-line-cut-standby',
    harmless(
      'the same cable is pulled from the standby',
      { fault: 'cut-client-line', host: 'pg2' },
      { alerts: [LOST('pg2')] },
    ),
  ],
];
