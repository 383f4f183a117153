/** U0 to U15 as a table for people: what each check saw, in words, beside the decision that rests on the same view. */
import { majorityOf } from '../lease/lease.ts';
import type { Known } from '../model/known.ts';
import type { StartSnapshot } from './start-snapshot.ts';
import { dataDefect, entitledBy, liftsItself, relateToPrimary, type StartView } from './start-view.ts';

export const START_CHECKS = [
  ['U0', 'not_running'],
  ['U1', 'vip_absent'],
  ['U2', 'not_fenced'],
  ['U3', 'no_rejoin_under_way'],
  ['U4', 'data_directory_sane'],
  ['U5', 'no_other_start'],
  ['U6', 'voters_answer'],
  ['U7', 'not_two_primaries'],
  ['U8', 'no_primary_elsewhere'],
  ['U9', 'history_fits'],
  ['U10', 'all_voters_seen'],
  ['U11', 'no_newer_epoch'],
  ['U12', 'majority'],
  ['U13', 'was_primary'],
  ['U14', 'override'],
  ['U15', 'verified'],
] as const;
export type StartCheckId = (typeof START_CHECKS)[number][0];

export interface StartCheck {
  readonly id: StartCheckId;
  readonly code: (typeof START_CHECKS)[number][1];
  readonly state: 'pass' | 'fail' | 'unknown';
  /** What was seen, without full stop. */
  readonly reason: string;
}

type Judged = Pick<StartCheck, 'state' | 'reason'>;

const pass = (reason: string): Judged => ({ state: 'pass', reason });
const fail = (reason: string): Judged => ({ state: 'fail', reason });
const notSeen = (reason: string): Judged => ({ state: 'unknown', reason });
/** The check of a known value, or `unknown` with its reason. */
function on<T>(it: Known<T>, judge: (value: T) => Judged): Judged {
  return it.kind === 'known' ? judge(it.value) : notSeen(it.reason);
}
const when = (holds: boolean, yes: string, no: string): Judged => (holds ? pass(yes) : fail(no));

/** All sixteen, in order. U15 is judged after the start, by whoever started. */
export function checkStart(snapshot: StartSnapshot, view: StartView): readonly StartCheck[] {
  const judged: Readonly<Record<StartCheckId, Judged>> = {
    ...checksOfSelf(snapshot),
    ...checksOfPeers(snapshot, view),
    U14:
      snapshot.force === null
        ? pass('nobody overrules the voters')
        : pass(`overruled by a person: ${snapshot.force.reason}`),
    U15: notSeen('not started yet'),
  };
  return START_CHECKS.map(([id, code]) => ({ id, code, ...judged[id] }));
}

function checksOfSelf(
  snapshot: StartSnapshot,
): Readonly<Record<'U0' | 'U1' | 'U2' | 'U3' | 'U4' | 'U5', Judged>> {
  const { server, vipHere, fence, rejoin, data, otherStarts } = snapshot;
  const defect = dataDefect(snapshot);
  return {
    U0: on(server, (it) => when(it.processes === 0, 'it does not run', `it runs as ${it.role}`)),
    U1: on(vipHere, (it) => when(!it, 'the VIP is not here', 'the VIP is here')),
    U2: on(fence, (it) => {
      if (it === null) return pass('no fence marker');
      return when(liftsItself(it.reason), `${it.reason}, which ends with a start`, `fenced: ${it.reason}`);
    }),
    U3: on(rejoin, (it) => {
      const whole = it === null || it.phase === 'accounted' || it.phase === 'verified';
      return when(whole, 'no rejoin stands half done', `a rejoin stands at ${it?.phase ?? ''}`);
    }),
    U4: on(data, (it) =>
      when(defect === null, `${it.control.state}, timeline ${it.timeline}`, defect ?? 'it is not sane'),
    ),
    U5: on(otherStarts, (it) =>
      when(it.length === 0, 'nothing else starts it', `also started by ${it.join(', ')}`),
    ),
  };
}

function checksOfPeers(
  snapshot: StartSnapshot,
  view: StartView,
): Readonly<Record<'U6' | 'U7' | 'U8' | 'U9' | 'U10' | 'U11' | 'U12' | 'U13', Judged>> {
  const { voters, self, ownVote } = snapshot;
  const { answered, silent, unclearVoters, unclearServers, primaries, newest } = view;
  const counted = `${answered.length} of ${voters.length} voters answer`;
  const unseen = [...new Set([...unclearVoters, ...unclearServers])].join(', ');
  const names = primaries.map((it) => it.node).join(' and ');
  const entitled = entitledBy(newest);
  const seenOf = (judged: Judged): Judged =>
    judged.state === 'pass' && unseen !== '' ? notSeen(`what ${unseen} is was not seen`) : judged;
  return {
    U6: unclearVoters.length > 0 ? notSeen(`no word of ${unclearVoters.join(', ')}`) : pass(counted),
    U7: seenOf(when(primaries.length < 2, 'no two primaries elsewhere', `${names} are primary`)),
    U8: seenOf(when(primaries.length === 0, 'no primary elsewhere', `${names} is primary`)),
    U9: checkHistory(snapshot, view),
    U10: unclearVoters.length > 0 ? notSeen(counted) : when(silent.length === 0, counted, counted),
    U11: on(ownVote, () =>
      when(
        entitled === null || entitled === self,
        `nobody who answers knows a lease newer than its own`,
        `the newest lease is ${entitled ?? 'nobody'}'s`,
      ),
    ),
    U12: when(view.majority, counted, `${counted}, ${majorityOf(voters)} are needed`),
    U13: on(ownVote, () =>
      when(entitled === self, 'it held the newest lease', 'it did not hold the newest lease'),
    ),
  };
}

function checkHistory(snapshot: StartSnapshot, view: StartView): Judged {
  const [primary] = view.primaries;
  if (primary === undefined) return pass('there is no primary to compare with');
  const relation = relateToPrimary(snapshot, primary.server);
  switch (relation) {
    case 'contained':
      return pass(`all its WAL is part of ${primary.node}'s`);
    case 'forked':
      return fail(`it has WAL that ${primary.node} has not`);
    case 'ahead':
      return fail(`it has all of ${primary.node}'s WAL and more`);
    case 'unclear':
      return notSeen(`how its WAL stands to ${primary.node}'s is not known before it is counted`);
  }
}
