/** What an agent asks of its child process and how it reads the answer: one JSON document each way. */
import type { Paths } from '../../config/paths.ts';
import type { DivergenceAccount } from '../../core/model/account.ts';
import { parseLsn } from '../../core/model/lsn.ts';
import type { NodeName } from '../../core/model/names.ts';
import { errorText, PrimacyError, type ErrorCode } from '../../core/model/primacy-error.ts';
import type { Identity } from '../identify.ts';
import type { FollowOutcome } from './follow.ts';
import type { JoinOutcome, JoinPolicy } from './joining.ts';

export type ApartTask = { readonly identity: Identity; readonly paths: Paths; readonly holder: NodeName } & (
  { readonly verb: 'join'; readonly policy: JoinPolicy } | { readonly verb: 'follow' }
);

export interface ApartResult {
  readonly join: JoinOutcome;
  readonly follow: FollowOutcome;
}

/** Reads the answer. Throws what the child threw, and `output-invalid` where it is none: then nothing is known of the end. */
export function readAnswer(stdout: string): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(stdout);
  } catch (error) {
    throw new PrimacyError('output-invalid', `cannot read how the join ended: ${errorText(error)}`, {
      retryable: true,
      cause: error,
    });
  }
  const { ok, error } = parsed as { readonly ok?: object; readonly error?: Failure };
  if (error !== undefined) throw new PrimacyError(error.code, error.message, { retryable: error.retryable });
  return withAccount(ok as { readonly account?: WireAccount | null });
}

interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
}

type WireAccount = Omit<DivergenceAccount, 'forkLsn' | 'endLsn'> & {
  readonly forkLsn: string;
  readonly endLsn: string;
};

function withAccount(value: { readonly account?: WireAccount | null }): unknown {
  const { account } = value;
  if (account === undefined || account === null) return value;
  return {
    ...value,
    account: { ...account, forkLsn: parseLsn(account.forkLsn), endLsn: parseLsn(account.endLsn) },
  };
}
