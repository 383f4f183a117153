/** The list of commands. Each is loaded only when it is called, so that a short call stays short. */
import type { Command } from 'commander';

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Adds options, arguments and action to the command. */
  readonly load: () => Promise<{ readonly configure: (command: Command) => void }>;
}

export const commands: readonly CommandEntry[] = [
  {
    name: 'agent',
    summary: 'exporter, heartbeat and VIP gate of one node',
    load: () => import('./agent.ts'),
  },
  {
    name: 'reload',
    summary: 'the agent of this host takes a changed primacy.yml, where it is right',
    load: () => import('./reload.ts'),
  },
  {
    name: 'start',
    summary: 'starts PostgreSQL here as what it may be: a standby, or the primary under its lease',
    load: () => import('./start.ts'),
  },
  {
    name: 'stop',
    summary: 'stops PostgreSQL here in order, and keeps it stopped',
    load: () => import('./stop.ts'),
  },
  {
    name: 'restart',
    summary: 'stops PostgreSQL here in order and starts it again',
    load: () => import('./restart.ts'),
  },
  {
    name: 'switchover',
    summary: 'makes a standby primary as planned, without loss',
    load: () => import('./switchover.ts'),
  },
  {
    name: 'pause',
    summary: 'suspends promotion and fencing while people are at work, for a limited time',
    load: () => import('./pause.ts'),
  },
  {
    name: 'resume',
    summary: 'ends a pause before its time',
    load: () => import('./resume.ts'),
  },
  {
    name: 'unfence',
    summary: 'lifts the fence marker of this node, and says what happens next',
    load: () => import('./unfence.ts'),
  },
  {
    name: 'salvage',
    summary: 'what a discarded history held: list, show, rows, replay',
    load: () => import('./salvage.ts'),
  },
  {
    name: 'setup',
    summary: 'tables, role and grants in PostgreSQL, once, on the primary',
    load: () => import('./setup.ts'),
  },
  {
    name: 'adopt',
    summary: 'hands this database node over: from then on it is promoted, fenced and started by the lease',
    load: () => import('./adopt.ts'),
  },
  {
    name: 'unadopt',
    summary: 'takes all of that back and leaves an ordinary server',
    load: () => import('./unadopt.ts'),
  },
  {
    name: 'config',
    summary: 'prints the configuration of keepalived, prometheus, alertmanager, systemd or ssh',
    load: () => import('./config.ts'),
  },
  {
    name: 'demo',
    summary: 'a real split brain on this machine, found and repaired',
    load: () => import('./demo.ts'),
  },
  { name: 'lab', summary: 'a real cluster on this machine, and its faults', load: () => import('./lab.ts') },
  {
    name: 'node',
    summary: 'procedures of one node: observe, release-vip, fence, unfence, account, rejoin',
    load: () => import('./node.ts'),
  },
  {
    name: 'responder',
    summary: 'webhook receiver, repair and pages, on the monitoring host',
    load: () => import('./responder.ts'),
  },
  {
    name: 'status',
    summary: 'what the responder sees of each node at this moment',
    load: () => import('./status.ts'),
  },
  { name: 'diagnose', summary: 'what is wrong, and what that rests on', load: () => import('./diagnose.ts') },
  {
    name: 'plan',
    summary: 'the dry run: what the responder would do now, or why nothing',
    load: () => import('./plan.ts'),
  },
  {
    name: 'journal',
    summary: 'what the responder heard, meant, did and saw',
    load: () => import('./journal.ts'),
  },
];
