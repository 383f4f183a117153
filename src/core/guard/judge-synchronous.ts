/** Whether a standby has every commit that its primary acknowledged while commits waited for standbys. */
import type { Known } from '../model/known.ts';
import type { Lsn } from '../model/lsn.ts';
import type { NodeName } from '../model/names.ts';
import {
  isListed,
  parseSynchronousNames,
  sameName,
  type SynchronousNames,
} from '../model/synchronous-names.ts';
import type { SynchronousWord } from '../model/synchronous-word.ts';
import { fail, judge, pass, type Verdict } from './verdict.ts';

/** A standby as it says itself. Null = not known. */
export interface SynchronousStandby {
  readonly node: NodeName;
  /** Application name under which it streams, by which the set names it. */
  readonly streamsAs: string | null;
  /** End of the WAL that it has received, durably. */
  readonly lsn: Lsn | null;
}

export interface SynchronousEvidence {
  /** The last primary. */
  readonly primary: NodeName;
  readonly word: Known<SynchronousWord>;
  readonly self: SynchronousStandby;
  /** Other standbys, heard just now. */
  readonly heard: readonly SynchronousStandby[];
  /** Configured database nodes besides the primary. */
  readonly standbys: number;
}

/**
 * Every acknowledged commit is on `count` standbys of the set, whichever those were at the time. So whoever has the most WAL among all
 * but `count - 1` of them has every such commit. Nothing here rests on which standby was synchronous when the primary was last heard:
 * that may have changed since.
 */
export function judgeSynchronous(evidence: SynchronousEvidence): Verdict {
  const { primary } = evidence;
  return judge(evidence.word, (word) => {
    if (word.names === '') return pass('commits waited for no standby');
    if (word.degraded)
      return fail(`${primary} acknowledged commits without its synchronous standbys: a person must decide`);
    return judge(parseSynchronousNames(word.names), (names) =>
      names === null ? pass('commits waited for no standby') : judgeMember(evidence, names, word),
    );
  });
}

function judgeMember(evidence: SynchronousEvidence, names: SynchronousNames, word: SynchronousWord): Verdict {
  const { self, heard, primary } = evidence;
  if (self.streamsAs === null)
    return { state: 'unknown', reason: 'the application name of this standby is not known' };
  if (!isListed(names, self.streamsAs))
    return fail(`not in the synchronous set of ${primary} (${word.names})`);
  const { lsn } = self;
  if (lsn === null) return { state: 'unknown', reason: 'the end of the received WAL is not known' };
  const members = heard.filter(
    (it) => it.lsn !== null && it.streamsAs !== null && isListed(names, it.streamsAs),
  );
  const ahead = members.find((it) => it.lsn !== null && it.lsn > lsn);
  if (ahead !== undefined)
    return fail(`${ahead.node} of the synchronous set of ${primary} has more WAL than this standby`);
  const seats = seatsOf(names, [self, ...heard], evidence.standbys, word.strangers);
  const needed = Math.max(1, seats - names.count + 1);
  const seen = members.length + 1;
  return seen >= needed
    ? pass(`in the synchronous set of ${primary}, ${seen} of ${seats} seen`)
    : fail(
        `${seen} of ${seats} standbys in the synchronous set of ${primary} seen, ${needed} needed: another may have what is not here`,
      );
}

/** How many standbys the set may have had: unseen ones count as much as seen ones. */
function seatsOf(
  { standbys }: SynchronousNames,
  seen: readonly SynchronousStandby[],
  configured: number,
  strangers: number,
): number {
  const bearers = (name: string): number =>
    seen.filter((it) => it.streamsAs !== null && sameName(it.streamsAs, name)).length;
  const distinct = standbys.filter(
    (name, index) => standbys.findIndex((other) => sameName(other, name)) === index,
  );
  if (standbys.includes('*')) return Math.max(configured, seen.length) + strangers;
  return distinct.reduce((seats, name) => seats + Math.max(1, bearers(name)), 0);
}

export interface GapEvidence extends SynchronousEvidence {
  /** WAL of the dead primary that could not be fetched; null = nobody knows how much. */
  readonly bytes: number | null;
  readonly lossBytes: number;
}

/** Whether a successor may be promoted without WAL that its dead primary had: never without what may have been acknowledged by a set. */
export function judgeGap(evidence: GapEvidence): Verdict {
  const { bytes, lossBytes, primary, word } = evidence;
  if (bytes === 0) return pass('nothing is missing');
  const missing = `${bytes ?? 'an unknown number of'} bytes of the WAL of ${primary} are missing`;
  if (bytes === null || bytes > lossBytes) return fail(`${missing}, limit ${lossBytes}`);
  if (word.kind === 'known' && word.value.names === '') return pass(missing);
  const verdict = judgeSynchronous(evidence);
  return verdict.state === 'pass' ? pass(missing) : { ...verdict, reason: `${missing}, ${verdict.reason}` };
}
