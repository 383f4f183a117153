/** Decides whether and how this node's server may be started (checks.md section 3): as a standby whenever in doubt. */
import type { NodeName } from '../model/names.ts';
import { LEASE_LOST } from './decide-duty.ts';
import { checkStart, type StartCheck } from './start-checks.ts';
import type { StartSnapshot } from './start-snapshot.ts';
import {
  aheadOfUs,
  dataDefect,
  entitledBy,
  liftsItself,
  relateToPrimary,
  startViewOf,
  type StartView,
} from './start-view.ts';

export const START_CODES = [
  'already-running',
  'server-unclear',
  'not-adopted',
  'vip-here',
  'fenced',
  'rejoin-interrupted',
  'data-directory-wrong',
  'foreign-primary',
  'dual-primary-elsewhere',
  'primary-is-not-holder',
  'ahead-of-primary',
  'primary-elsewhere',
  'was-standby',
  'no-majority',
  'not-all-seen',
  'peer-ahead',
  'no-agent',
  'last-holder',
  'forced',
  'confirmation-wrong',
] as const;
/** Stable words: they are in documents and logs, and never change their meaning. */
export type StartCode = (typeof START_CODES)[number];

/** `fits`: this node's WAL is part of the primary's. `unclear`: only the account can tell. */
export type DataState = 'fits' | 'diverged' | 'unclear';

export type StartAction =
  | { readonly kind: 'report' | 'start-standby' | 'refuse' }
  | { readonly kind: 'join'; readonly holder: NodeName; readonly data: DataState }
  /** Comes up as a standby like every start; the agent then claims the lease and promotes. */
  | { readonly kind: 'start-and-promote'; readonly forced: boolean }
  /** A standby that runs already: the agent is only asked to overrule the voters, and promotes. */
  | { readonly kind: 'force-running' };

export interface StartDecision {
  readonly code: StartCode;
  /** What the command ends with where the action succeeds. */
  readonly exitCode: 0 | 10 | 11 | 12 | 13 | 14 | 20;
  readonly action: StartAction;
  /** One sentence without full stop. */
  readonly reason: string;
  /** U0 to U15, in order. */
  readonly checks: readonly StartCheck[];
}

type Verdict = Omit<StartDecision, 'checks'>;

const REFUSE: StartAction = { kind: 'refuse' };
const STANDBY: StartAction = { kind: 'start-standby' };

/** The whole decision. Nothing that is unknown ever leads to `start-and-promote`. */
export function decideStart(snapshot: StartSnapshot): StartDecision {
  const view = startViewOf(snapshot);
  const verdict =
    judgeSelf(snapshot) ??
    judgeForce(snapshot, view) ??
    judgePrimaries(snapshot, view) ??
    judgeAlone(snapshot, view);
  return { ...verdict, checks: checkStart(snapshot, view) };
}

/** What forbids any start, whatever the others are: U0 to U4. */
function judgeSelf(snapshot: StartSnapshot): Verdict | null {
  const { server, adopted, vipHere, fence, rejoin, data, force } = snapshot;
  if (server.kind === 'unknown') return refuse('server-unclear', 10, server.reason);
  const { role, processes } = server.value;
  if (processes > 0 && role === 'unknown')
    return refuse(
      'server-unclear',
      13,
      `${processes} processes of PostgreSQL run, but their role is unknown`,
    );
  const runs = processes > 0;
  if (runs && (force === null || role === 'primary'))
    return { code: 'already-running', exitCode: 0, action: { kind: 'report' }, reason: `it runs as ${role}` };
  if (adopted.kind === 'unknown') return refuse('not-adopted', 10, adopted.reason);
  if (!adopted.value)
    return refuse('not-adopted', 10, 'it was not adopted: "primacy adopt", or start it as before');
  if (vipHere.kind === 'unknown') return refuse('vip-here', 10, vipHere.reason);
  if (vipHere.value)
    return refuse('vip-here', 10, `the VIP is here${runs ? '' : ' and could not be removed'}`);
  if (fence.kind === 'unknown') return refuse('fenced', 10, fence.reason);
  // A start lifts the marker of a planned stop; of a server that runs nobody would.
  const lifts = (reason: string): boolean => (runs ? reason === LEASE_LOST : liftsItself(reason));
  if (fence.value !== null && !lifts(fence.value.reason))
    return refuse(
      'fenced',
      10,
      `it is fenced (${fence.value.reason}): a rejoin or "primacy unfence" lifts it`,
    );
  if (rejoin.kind === 'unknown') return refuse('rejoin-interrupted', 13, rejoin.reason);
  if (rejoin.value !== null && rejoin.value.phase !== 'accounted' && rejoin.value.phase !== 'verified')
    return refuse(
      'rejoin-interrupted',
      12,
      `a rejoin to ${rejoin.value.survivor} stands at ${rejoin.value.phase}`,
    );
  if (data.kind === 'unknown') return refuse('data-directory-wrong', 13, data.reason);
  const defect = dataDefect(snapshot);
  return defect === null ? null : refuse('data-directory-wrong', 13, defect);
}

/** A person may overrule the voters (U14), but not a primary that was seen: then nothing is done, also not what a plain start would do. */
function judgeForce(snapshot: StartSnapshot, view: StartView): Verdict | null {
  const { force, data, server, agentActs } = snapshot;
  if (force === null || data.kind === 'unknown') return null;
  const own = data.value.control.systemIdentifier;
  if (force.confirm !== own || force.reason.trim() === '')
    return refuse(
      'confirmation-wrong',
      10,
      `--confirm has to be the system identifier ${own}, and --reason must say why`,
    );
  const [primary, second] = view.primaries;
  // Two of them, or one of another cluster, are refused with a code of their own.
  if (view.foreign.length > 0 || second !== undefined) return null;
  if (primary !== undefined)
    return refuse(
      'primary-elsewhere',
      10,
      `${primary.node} is primary, and --force-primary never makes a second one`,
    );
  if (!agentActs)
    return refuse('no-agent', 10, 'no agent runs here that could hold the lease: start it first');
  const runs = server.kind === 'known' && server.value.processes > 0;
  return {
    code: 'forced',
    exitCode: 0,
    action: runs ? { kind: 'force-running' } : { kind: 'start-and-promote', forced: true },
    reason: `forced by a person: ${force.reason}`,
  };
}

/** Somebody else is primary: U7 to U9. Null where nobody is. */
function judgePrimaries(snapshot: StartSnapshot, view: StartView): Verdict | null {
  const { primaries, foreign, newest, majority } = view;
  if (foreign.length > 0)
    return {
      code: 'foreign-primary',
      exitCode: 13,
      action: REFUSE,
      reason: `${foreign.join(' and ')} is primary of another cluster`,
    };
  const [primary] = primaries;
  if (primary === undefined) return null;
  const names = primaries.map((it) => it.node).join(' and ');
  if (primaries.length > 1)
    return { code: 'dual-primary-elsewhere', exitCode: 11, action: REFUSE, reason: `${names} are primary` };
  const relation = relateToPrimary(snapshot, primary.server);
  const entitled = entitledBy(newest);
  if (majority && entitled !== null && entitled !== primary.node)
    return {
      code: relation === 'ahead' ? 'ahead-of-primary' : 'primary-is-not-holder',
      exitCode: 13,
      action: REFUSE,
      reason: `${names} is primary, but the newest lease is ${entitled}'s: a person decides which side stays`,
    };
  // Without the voters' word only what discards nothing may be done.
  if (!majority && relation !== 'contained')
    return standby(
      'no-majority',
      14,
      `${names} is primary, but no majority of the voters confirms its lease`,
    );
  const data: DataState = relation === 'contained' ? 'fits' : relation === 'unclear' ? 'unclear' : 'diverged';
  return {
    code: 'primary-elsewhere',
    exitCode: 0,
    action: { kind: 'join', holder: primary.node, data },
    reason: `${names} is primary`,
  };
}

/** Nobody is seen to be primary: U10 to U13. */
function judgeAlone(snapshot: StartSnapshot, view: StartView): Verdict {
  const { self, agentActs } = snapshot;
  const entitled = entitledBy(view.newest);
  if (snapshot.ownVote.kind === 'unknown')
    return standby('no-majority', 14, `its own vote cannot be read: ${snapshot.ownVote.reason}`);
  if (entitled !== self)
    return standby('was-standby', 0, `the newest lease is ${entitled ?? 'nobody'}'s, nobody is primary yet`);
  if (!view.majority)
    return standby('no-majority', 14, `${view.answered.length} of ${snapshot.voters.length} voters answer`);
  const unclear = [...view.unclearVoters, ...view.unclearServers];
  if (unclear.length > 0)
    return standby('not-all-seen', 14, `what ${[...new Set(unclear)].join(' and ')} is was not seen`);
  const ahead = aheadOfUs(snapshot);
  if (ahead !== null) return standby('peer-ahead', 14, ahead);
  if (!agentActs)
    return standby('no-agent', 0, 'no agent runs here that could claim the lease: start it to promote');
  return {
    code: 'last-holder',
    exitCode: 0,
    action: { kind: 'start-and-promote', forced: false },
    reason: `the newest lease is ${self}'s, and nobody else is primary`,
  };
}

function standby(code: StartCode, exitCode: 0 | 14, reason: string): Verdict {
  return { code, exitCode, action: STANDBY, reason };
}

function refuse(code: StartCode, exitCode: StartDecision['exitCode'], reason: string): Verdict {
  return { code, exitCode, action: REFUSE, reason };
}
