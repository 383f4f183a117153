/** The lease inside the kernel: client traffic to the VIP passes only while an nftables element lives whose time-out is the remaining lease. */
import { existsSync } from 'node:fs';
import type { ClusterConfig } from '../../config/schema.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { bootMillis } from '../clock.ts';
import { describeResult, type Command, type Runner } from '../remote/runner.ts';
import { expiryOf, extendText, installText, LIST, REVOKE, TABLE } from './kernel-lease-rules.ts';
import { openNftSession, type NftAnswer, type NftSession } from './nft-session.ts';

export type KernelLeaseState =
  { readonly kind: 'active' } | { readonly kind: 'off'; readonly reason: string };

export interface KernelLease {
  /** `off` where nftables is missing, fails, or is not wanted: the other fences then stand alone. */
  readonly state: () => KernelLeaseState;
  /** Lets client traffic pass until that moment of `bootMillis()`. Returns at once. To be called at each renewal. */
  readonly extend: (untilBootMillis: number) => void;
  /** Ends client traffic to the VIP. Returns at once. To be called also by a standby, at each look: it puts the rules in place. */
  readonly revoke: () => void;
  /** Whether the kernel lets nothing pass after that moment, as it said itself; true also where it was never asked to let anything pass. */
  readonly endsBy: (bootMillis: number) => boolean;
  /** Ends our process and leaves the rules: what was extended runs out by itself. */
  readonly close: () => Promise<void>;
}

/** How late an answer may be before the element is taken away: it was then made with a remainder that was no more true. */
const LATE_LIMIT_MS = 200;
/** Between two attempts while nft fails. */
const RETRY_MS = 2_000;
/** A standby's rules are looked at again so often: somebody may have flushed the whole ruleset. */
const REVOKED_AGAIN_MS = 5_000;

/**
 * Touches nothing before the first `extend` or `revoke`, so that a primary that is adopted loses no client to rules without
 * an element. While `adoptionFile` is absent both do nothing. Keeps one nft process for the renewals, replaced when it dies.
 */
export function createKernelLease(cluster: ClusterConfig, adoptionFile: string): KernelLease {
  if (cluster.fencing.kernelLease === 'off') return notWanted;
  const rules = createRuleWriter(cluster);
  let state: KernelLeaseState = { kind: 'off', reason: 'not used yet' };
  let until = 0;
  let endsAt = 0;
  let busy: Promise<void> | null = null;
  let again = false;
  let failedAt = Number.NEGATIVE_INFINITY;
  let revokedAt = Number.NEGATIVE_INFINITY;

  const work = async (): Promise<void> => {
    do {
      again = false;
      const written = await rules.write(() => until);
      const now = bootMillis();
      if (written.kind === 'failed') {
        state = { kind: 'off', reason: written.reason };
        failedAt = now;
        revokedAt = Number.NEGATIVE_INFINITY;
        break;
      }
      state = { kind: 'active' };
      const { expiry } = written;
      endsAt = expiry === null ? 0 : now + expiry;
      revokedAt = expiry === null ? now : Number.NEGATIVE_INFINITY;
      // nft was stopped or slow: the element was made with a remainder that was no more true.
      if (expiry !== null && now + expiry > until + LATE_LIMIT_MS) again = true;
    } while (again);
    busy = null;
  };
  const ask = (): void => {
    if (!existsSync(adoptionFile)) return;
    if (busy !== null) again = true;
    else if (bootMillis() - failedAt >= RETRY_MS) busy = work();
  };
  return {
    state: () => state,
    extend: (untilBootMillis) => {
      until = untilBootMillis;
      ask();
    },
    revoke: () => {
      until = 0;
      if (bootMillis() - revokedAt >= REVOKED_AGAIN_MS) ask();
    },
    endsBy: (moment) => endsAt <= moment + LATE_LIMIT_MS,
    close: async () => {
      await busy;
      await rules.close();
    },
  };
}

type Written =
  | { readonly kind: 'written'; readonly expiry: number | null }
  | { readonly kind: 'failed'; readonly reason: string };

interface RuleWriter {
  /** Writes the element for what is left until then, or none, and tells what the kernel has: milliseconds until it runs out. */
  readonly write: (until: () => number) => Promise<Written>;
  readonly close: () => Promise<void>;
}

function createRuleWriter(cluster: ClusterConfig): RuleWriter {
  let session: NftSession | null = null;
  let installed = false;
  const exchange = (until: number): Promise<NftAnswer> => {
    if (session?.isOpen() !== true) session = openNftSession();
    const remaining = Math.floor(until - bootMillis());
    const change = remaining > 0 ? extendText(cluster, remaining) : REVOKE;
    return session.ask(installed ? change : `${installText(cluster)}; ${change}`, LIST);
  };
  return {
    write: async (until) => {
      let answer = await exchange(until());
      if (answer.kind === 'failed') {
        // A second time with all rules: they may have been flushed, or nft may have died.
        installed = false;
        answer = await exchange(until());
      }
      if (answer.kind === 'failed') return { kind: 'failed', reason: answer.reason };
      installed = true;
      return { kind: 'written', expiry: expiryOf(answer.text) };
    },
    close: async () => session?.close(),
  };
}

const notWanted: KernelLease = {
  state: () => ({ kind: 'off', reason: 'fencing.kernelLease is off' }),
  extend: () => undefined,
  revoke: () => undefined,
  endsBy: () => true,
  close: () => Promise.resolve(),
};

const NFT_LIMIT_MS = 5_000;

/** Removes our table and nothing else. Throws `command-failed` where it is still there afterwards. */
export async function removeKernelLease(runner: Runner): Promise<void> {
  const nft = (...rest: readonly string[]): Command => ({
    program: 'nft',
    arguments: rest,
    timeoutMs: NFT_LIMIT_MS,
  });
  // Fails where there is no such table, or no nft at all; what counts is what is there afterwards.
  await runner.run(nft('delete', 'table', ...TABLE.split(' ')));
  const tables = await runner.run(nft('list', 'tables'));
  if (tables.kind === 'failed' && tables.exitCode === 127) return;
  if (tables.kind !== 'done' || tables.stdout.split('\n').includes(`table ${TABLE}`))
    throw new PrimacyError(
      'command-failed',
      `cannot remove nftables table ${TABLE}: ${describeResult(nft('list', 'tables'), tables)}`,
    );
}
