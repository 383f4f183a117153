/** F1 to F5, F10, F11, F17 and F20 to F22: whether this standby itself is fit, complete enough, and the best there is. */
import type { Known } from '../model/known.ts';
import { formatLsn, lsnDifferenceBytes, parseLsn } from '../model/lsn.ts';
import type { Candidate } from './choose-successor.ts';
import type { FailoverSnapshot, LastPrimary } from './failover-snapshot.ts';
import { branchOf, standingOf, type Branch, type Standing } from './judge-rival.ts';
import { judgeSynchronous, type SynchronousStandby } from './judge-synchronous.ts';
import { allOf, fail, judge, pass, type Verdict } from './verdict.ts';

const HOUR_MS = 3_600_000;

/** F1: people and programs at work must not be overruled. */
export function notPaused({ work }: FailoverSnapshot): Verdict {
  return judge(work, (what) => (what === null ? pass('nothing is under way on this node') : fail(what)));
}

/** F2: failovers that were not made good must not chase one another. */
export function cooldown({ failoverAgesMs, limits }: FailoverSnapshot): Verdict {
  return judge(failoverAgesMs, (ages) => {
    const lately = ages.filter((age) => age < limits.cooldownMs).length;
    if (lately > 0)
      return fail(`a failover within ${limits.cooldownMs / 1000} s was not followed by a verified rejoin`);
    const within = ages.filter((age) => age < HOUR_MS).length;
    return within > limits.perHour
      ? fail(`${within} failovers within an hour were not followed by a verified rejoin`)
      : pass('no recent failover without a verified rejoin');
  });
}

/** F3: a paused, delayed or failing standby must not become primary. */
export function localStandbyOk({ server, limits }: FailoverSnapshot): Verdict {
  const role: Verdict =
    server.role === 'standby'
      ? pass('a standby that answers')
      : server.role === 'unknown'
        ? { state: 'unknown', reason: server.roleReason }
        : fail(`role is ${server.role}: ${server.roleReason}`);
  return allOf([
    role,
    judge(server.replayPaused, (paused) => (paused ? fail('replay is paused') : pass('replays'))),
    judge(server.applyDelayMs, (ms) =>
      ms > 0 ? fail(`recovery_min_apply_delay is ${ms} ms`) : pass('without delay'),
    ),
    judge(server.freeDiskBytes, (bytes) =>
      bytes < limits.minFreeDiskBytes ? fail(`${bytes} bytes of disk are free`) : pass('with free disk'),
    ),
  ]);
}

/** F4: of this cluster and no other, and so was the last primary: what a foreign data directory says of its end is no proof of anything. */
export function sameSystem({ server, configuredSystemIdentifier, lastPrimary }: FailoverSnapshot): Verdict {
  const last: Known<string> = lastPrimary.kind === 'known' ? lastPrimary.value.systemIdentifier : lastPrimary;
  const expected: Known<string> =
    configuredSystemIdentifier === null ? last : { kind: 'known', value: configuredSystemIdentifier };
  return judge(server.systemIdentifier, (own) =>
    judge(expected, (wanted) => {
      if (own !== wanted) return fail(`system identifier ${own}, not ${wanted}`);
      return last.kind === 'known' && last.value !== own
        ? fail(`the last primary had system identifier ${last.value}, not ${own}`)
        : pass(`system identifier ${own}`);
    }),
  );
}

/** F5: on the branch that the last primary wrote, by number and by the history's text: numbers alone lie. */
export function timelineCurrent({ server, lastPrimary }: FailoverSnapshot): Verdict {
  return judge(lastPrimary, (primary) =>
    allOf([
      judge(server.timeline, (own) =>
        judge(primary.timeline, (last) =>
          own === last
            ? pass(`timeline ${own}`)
            : fail(`timeline ${own}, the last primary ${primary.node} was on ${last}`),
        ),
      ),
      judge(server.historyHash, (own) =>
        judge(primary.historyHash, (last) =>
          own === last
            ? pass('the same history')
            : fail(`another history than the last primary ${primary.node}`),
        ),
      ),
    ]),
  );
}

/** F10: what the last primary had, as it said itself, less what is here; and never past a synchronous set that this node is not in. */
export function lossBound(snapshot: FailoverSnapshot): Verdict {
  const { server, lastPrimary, limits, unheardMs } = snapshot;
  return judge(lastPrimary, (primary) =>
    allOf([
      judge(server.receiveLsn, (own) =>
        judge(primary.lsn, (last) => {
          const missing = Math.max(0, lsnDifferenceBytes(last, own));
          const text = `${missing} bytes of WAL missing at ${formatLsn(own)}`;
          return missing <= limits.lossBytes ? pass(text) : fail(`${text}, limit ${limits.lossBytes}`);
        }),
      ),
      judge(server.heartbeat, (own) =>
        judge(primary.heartbeat, (last) => {
          const behind = Math.max(0, last - own);
          const text = `heartbeat ${behind.toFixed(1)} s behind the last one seen`;
          const limit = limits.lossHeartbeatSeconds;
          if (behind > limit) return fail(`${text}, limit ${limit}`);
          // What was written after the last one seen is missing besides (simulation seed 3101267).
          return behind + unheardMs / 1000 <= limit
            ? pass(text)
            : fail(
                `${text}, heard ${(unheardMs / 1000).toFixed(1)} s longer by other voters, limit ${limit} in all`,
              );
        }),
      ),
      heardToTheEnd(snapshot, primary),
      synchronousEnough(snapshot, primary),
    ]),
  );
}

/**
 * A standby that was cut off knows only what the primary had before; the others heard it longer. Where commits wait for standbys not a
 * second of that is allowed: it is time enough for a primary to be restarted, and to acknowledge them without any.
 */
function heardToTheEnd({ unheardMs, limits }: FailoverSnapshot, { node, synchronous }: LastPrimary): Verdict {
  const waited = synchronous.kind === 'unknown' || synchronous.value.names !== '';
  const limitSeconds = waited ? UNHEARD_WHILE_SYNCHRONOUS_SECONDS : limits.lossHeartbeatSeconds;
  const text = `other voters heard ${node} ${(unheardMs / 1000).toFixed(1)} s longer than this node`;
  return unheardMs <= limitSeconds * 1000 ? pass(text) : fail(`${text}, limit ${limitSeconds}`);
}

/** Voters hear a holder a renewal interval apart, and not every datagram comes. */
const UNHEARD_WHILE_SYNCHRONOUS_SECONDS = 1;

function synchronousEnough(
  { self, server, rivals, databases }: FailoverSnapshot,
  { node, synchronous }: LastPrimary,
): Verdict {
  const known = <T>(it: Known<T>): T | null => (it.kind === 'known' ? it.value : null);
  const asStandby = (it: Candidate): SynchronousStandby => ({
    node: it.node,
    streamsAs: it.server?.streamsAs ?? null,
    lsn: it.server === null || it.server.lsn === null ? null : parseLsn(it.server.lsn),
  });
  return judgeSynchronous({
    primary: node,
    word: synchronous,
    self: { node: self, streamsAs: known(server.streamsAs), lsn: known(server.receiveLsn) },
    // Whoever cannot be heard may have what is not here, and so may all of them.
    heard: (known(rivals) ?? []).filter((it) => it.node !== node).map(asStandby),
    standbys: databases - 1,
  });
}

/** F11: an isolated standby must never promote. */
export function ownNetworkOk({ gatewayAnswers }: FailoverSnapshot): Verdict {
  if (gatewayAnswers === null) return pass('no gateway configured');
  return judge(gatewayAnswers, (answers) =>
    answers ? pass('the gateway answers') : fail('the gateway does not answer'),
  );
}

/** F17: the least loss, then priority, then name; among those that are on one history. */
export function bestCandidate({ self, priority, server, rivals, lastPrimary }: FailoverSnapshot): Verdict {
  return judge(server.receiveLsn, (own) =>
    judge(rivals, (others) => {
      const me = { node: self, priority, server: { lsn: formatLsn(own), dataEpoch: server.dataEpoch } };
      const last = lastPrimary.kind === 'known' ? lastPrimary.value : null;
      const [mine, wanted] = [seenBranch(server), last === null ? null : seenBranch(last)];
      const found = (standing: Standing): Candidate | undefined =>
        others.find((it) => standingOf(it, me, mine, wanted) === standing);
      const better = found('better');
      if (better !== undefined)
        return fail(`${better.node} is the better candidate (${better.server?.lsn ?? 'unknown position'})`);
      const other = found('cannot-compare');
      return other === undefined
        ? pass('no reachable standby is better')
        : {
            state: 'unknown',
            reason: `${other.node} is on another history, and positions of two do not compare`,
          };
    }),
  );
}

function seenBranch({ timeline, historyHash }: Pick<LastPrimary, 'timeline' | 'historyHash'>): Branch | null {
  return timeline.kind === 'unknown' || historyHash.kind === 'unknown'
    ? null
    : branchOf(timeline.value, historyHash.value);
}

/** F20: promoted into an outage is no rescue. */
export function canServe({ server }: FailoverSnapshot): Verdict {
  return judge(server.cannotServe, (why) => (why === null ? pass('configured to serve') : fail(why)));
}

/** F21: PostgreSQL promoted without a VIP serves nobody. */
export function keepalivedReady({ keepalivedFault }: FailoverSnapshot): Verdict {
  return judge(keepalivedFault, (fault) => (fault === null ? pass('keepalived is ready') : fail(fault)));
}

/** F22: only warns, no criterion depends on the wall clock. */
export function localClockSane({ clockSteady }: FailoverSnapshot): Verdict {
  return judge(clockSteady, (steady) =>
    steady ? pass('no step of the clock was seen') : fail('the clock was stepped'),
  );
}
