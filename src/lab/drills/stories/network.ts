/** Drills about power and network: the primary's host off, cut off, and the witness gone at a bad moment. */
import type { Drill } from '../drill.ts';

export const networkDrills: readonly (readonly [string, Drill])[] = [
  [
    'power-off',
    {
      summary: "the primary's host loses power, and comes back with a blind start",
      endsOn: 'pg2',
      twoPrimaries: false,
      // What the dead host had not sent is found when it is back; `auto` plays the person who approves its rejoin.
      lab: { policy: 'auto' },
      story: async (stage) => {
        await stage.strike('power-off', 'pg1');
        await stage.takenOver('pg2');
        await stage.mend('power-off', 'pg1');
      },
    },
  ],
  [
    'partition',
    {
      summary: 'the primary is cut off together with the client for 60 s',
      endsOn: 'pg2',
      twoPrimaries: false,
      // Rows acknowledged before the lease ran out are on the lost side; `auto` plays the person who approves its rejoin.
      lab: { policy: 'auto' },
      story: async (stage) => {
        await stage.strike('partition', 'pg1', ['client']);
        await stage.takenOver('pg2');
        await stage.stand(60);
        await stage.mend('partition', 'pg1');
      },
    },
  ],
  [
    'witness-off',
    {
      summary: "the witness's host is off for 15 s: nothing happens to clients",
      endsOn: 'pg1',
      twoPrimaries: false,
      story: async (stage) => {
        await stage.strike('power-off', 'witness');
        await stage.stand(15);
        await stage.onlyWriters('pg1');
        await stage.mend('power-off', 'witness');
      },
    },
  ],
  [
    'witness-and-primary-off',
    {
      summary:
        'the witness is off, then the primary for 15 s: nobody is left to agree, so nobody is promoted',
      endsOn: null,
      twoPrimaries: false,
      lab: { policy: 'auto' },
      story: async (stage) => {
        await stage.strike('power-off', 'witness');
        await stage.stand(2);
        await stage.strike('power-off', 'pg1');
        await stage.stand(15);
        await stage.onlyWriters('pg1');
        await stage.mend('power-off', 'pg1');
        await stage.mend('power-off', 'witness');
      },
    },
  ],
  [
    'witness-off-kill-postgres',
    {
      summary:
        'the witness is off, and the postmaster of the primary is killed: two of three voters are enough',
      endsOn: 'pg2',
      twoPrimaries: false,
      story: async (stage) => {
        await stage.strike('power-off', 'witness');
        await stage.stand(2);
        await stage.strike('kill-postgres', 'pg1');
        await stage.takenOver('pg2');
        await stage.mend('power-off', 'witness');
      },
    },
  ],
];
