/** Drills about the programs around PostgreSQL: agent and keepalived killed, stopped, restarted, misconfigured. Nothing restarts them but the story. */
import type { Drill } from '../drill.ts';

/** A fault that must cost nothing: it stands for 15 s, nobody else writes, and then it is undone. */
function harmless(summary: string, fault: string, host: string): Drill {
  return {
    summary,
    endsOn: 'pg1',
    twoPrimaries: false,
    story: async (stage) => {
      await stage.strike(fault, host);
      await stage.stand(15);
      await stage.onlyWriters('pg1');
      await stage.mend(fault, host);
    },
  };
}

/** A fault of the primary's programs that may cost it its place: it stands for 15 s, and what comes of it is shown, not asked for. */
function bounded(summary: string, fault: string): Drill {
  return {
    summary,
    endsOn: null,
    twoPrimaries: false,
    // The lease may run out while a client writes; `auto` plays the person who approves the rejoin.
    lab: { policy: 'auto' },
    story: async (stage) => {
      await stage.strike(fault, 'pg1');
      await stage.stand(15);
      await stage.mend(fault, 'pg1');
    },
  };
}

export const programDrills: readonly (readonly [string, Drill])[] = [
  [
    'agent-killed',
    bounded(
      "the primary's agent is killed and started 15 s later: without it there is no lease",
      'kill-agent',
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
  ['agent-stopped', bounded("SIGSTOP to the primary's agent for 15 s", 'stop-agent')],
  ['agent-killed-standby', harmless("the standby's agent is dead for 15 s", 'kill-agent', 'pg2')],
  ['agent-stopped-standby', harmless("SIGSTOP to the standby's agent for 15 s", 'stop-agent', 'pg2')],
  [
    'keepalived-killed',
    bounded("kill -9 of the primary's keepalived, started 15 s later", 'kill-keepalived'),
  ],
  ['keepalived-stopped', bounded("SIGSTOP to the primary's keepalived for 15 s", 'stop-keepalived')],
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
      'break-keepalived',
    ),
  ],
  [
    'agent-and-keepalived-killed-cut',
    {
      summary: "the primary's agent and keepalived are killed while it is cut off together with the client",
      endsOn: 'pg2',
      twoPrimaries: false,
      lab: { policy: 'auto' },
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
