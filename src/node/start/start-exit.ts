/** What a start ends with when it joined, or could not: exit code and sentence. */
import type { NodeName } from '../../core/model/names.ts';
import type { StartDecision } from '../../core/guard/decide-start.ts';
import type { JoinOutcome, JoinRefusal } from './joining.ts';

const EXITS: Readonly<Record<JoinRefusal, 10 | 12 | 13 | 14>> = {
  locked: 10,
  'policy-observes': 12,
  fenced: 10,
  'rejoin-interrupted': 12,
  'vip-here': 10,
  'holder-not-writable': 10,
  replaying: 14,
  'client-transactions': 12,
  'not-accountable': 13,
};

const HOW: Readonly<Record<Extract<JoinOutcome, { kind: 'following' }>['how'], string>> = {
  already: 'it did already',
  reload: 'without a restart',
  start: 'as it was',
  rewind: 'after pg_rewind',
  basebackup: 'by a base backup',
};

/** Codes are those of the start (10 refused, 12 needs a rejoin, 13 needs a person). */
export function exitOfJoin(
  outcome: JoinOutcome,
  holder: NodeName,
): { readonly exitCode: StartDecision['exitCode']; readonly what: string } {
  if (outcome.kind === 'refused')
    return { exitCode: EXITS[outcome.code], what: `it does not follow ${holder}: ${outcome.reason}` };
  const { account, how } = outcome;
  const discarded =
    account === null || account.bytes === 0
      ? ''
      : `; ${account.transactions} transactions were discarded and kept in ${account.bundle}, ${account.clientTransactions} of them clients'`;
  return { exitCode: 0, what: `follows ${holder} as a standby, ${HOW[how]}${discarded}` };
}
