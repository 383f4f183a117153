/** Drills about the programs around PostgreSQL: agent and keepalived killed, stopped, restarted, misconfigured. Nothing restarts them but the story. */
import type { Drill } from '../drill.ts';
import { AGENT_DOWN_SECONDS, alarm, bounded, harmless } from './shapes.ts';

const NO_AGENT = (host: string) => ({ alerts: [alarm('AgentDown', host, AGENT_DOWN_SECONDS)] });
/** Seconds: 5 of the rule, and what scrape and evaluation take. */
const NO_KEEPALIVED = { alerts: [alarm('KeepalivedDown', 'pg1', 12)] };

export const programDrills: readonly (readonly [string, Drill])[] = [
  [
    'agent-killed',
    bounded(
      "the primary's agent is killed and started again later: without it there is no lease",
      { fault: 'kill-agent', host: 'pg1' },
      NO_AGENT('pg1'),
    ),
  ],
  [
    'agent-restarted',
    {
      summary:
        "the primary's agent is killed and started at once, as systemd does: it goes on with its lease",
      endsOn: 'pg1',
      twoPrimaries: false,
      story: async (stage) => {
        await stage.strike('kill-agent', 'pg1');
        await stage.mend('kill-agent', 'pg1');
        await stage.stand(5);
        await stage.onlyWriters('pg1');
      },
    },
  ],
  [
    'agent-stopped',
    bounded("SIGSTOP to the primary's agent", { fault: 'stop-agent', host: 'pg1' }, NO_AGENT('pg1')),
  ],
  [
    'agent-killed-standby',
    harmless("the standby's agent is dead", { fault: 'kill-agent', host: 'pg2' }, NO_AGENT('pg2')),
  ],
  [
    'agent-stopped-standby',
    harmless("SIGSTOP to the standby's agent", { fault: 'stop-agent', host: 'pg2' }, NO_AGENT('pg2')),
  ],
  [
    'keepalived-killed',
    bounded(
      "kill -9 of the primary's keepalived, started again later",
      { fault: 'kill-keepalived', host: 'pg1' },
      NO_KEEPALIVED,
    ),
  ],
  [
    'keepalived-stopped',
    bounded("SIGSTOP to the primary's keepalived", { fault: 'stop-keepalived', host: 'pg1' }, NO_KEEPALIVED),
  ],
  [
    'keepalived-restarted',
    {
      summary: "the primary's keepalived is restarted",
      endsOn: 'pg1',
      twoPrimaries: false,
      story: (stage) => stage.strike('restart-keepalived', 'pg1'),
    },
  ],
  [
    'keepalived-broken-reload',
    bounded(
      "the primary's keepalived is reloaded with a broken file, which ends it and leaves the VIP",
      { fault: 'break-keepalived', host: 'pg1' },
      NO_KEEPALIVED,
    ),
  ],
  [
    'agent-and-keepalived-killed-cut',
    {
      summary: "the primary's agent and keepalived are killed while it is cut off together with the client",
      endsOn: 'pg2',
      twoPrimaries: false,
      lab: { policy: 'auto' },
      alerts: [alarm('AgentDown', 'pg1', AGENT_DOWN_SECONDS)],
      mayAlert: ['KeepalivedDown'],
      story: async (stage) => {
        await stage.strike('kill-agent', 'pg1');
        await stage.strike('kill-keepalived', 'pg1');
        await stage.strike('partition', 'pg1', ['client']);
        await stage.takenOver('pg2');
        await stage.stand(10);
        await stage.mend('partition', 'pg1');
        await stage.mend('kill-keepalived', 'pg1');
        await stage.mend('kill-agent', 'pg1');
      },
    },
  ],
];
