/** F6 to F9, F12 to F16, F18 and F19: whether the primary is gone, and whether the others agree that this node may follow it. */
import type { Known } from '../model/known.ts';
import type { FailoverSnapshot, Reach } from './failover-snapshot.ts';
import { fail, judge, pass, type Verdict } from './verdict.ts';

const BACK = 'the primary’s server is back as a standby';

/** F6: by the primary's own address, never by the VIP, which may lead here. */
export function primarySqlDead({ primarySql }: FailoverSnapshot): Verdict {
  const text: Readonly<Record<Reach, string>> = {
    answers: 'the primary answers SQL',
    standby: BACK,
    refused: 'the primary’s port is refused',
    silent: 'the primary’s port is silent',
  };
  return unlessItAnswers(primarySql, text);
}

/**
 * F7: a port that still accepts belongs to a server that lives; one that says that it is in recovery is no primary any more, and its agent
 * may be unheard for long (measured: drill votes-dropped). A silent host may also be this node's own network: F11 to F14.
 */
export function primaryTcpHost({ primaryHost }: FailoverSnapshot): Verdict {
  const text: Readonly<Record<Reach, string>> = {
    answers: 'the primary’s port accepts connections',
    standby: BACK,
    refused: 'the primary’s host answers, its port refuses',
    silent: 'the primary’s host is silent',
  };
  return unlessItAnswers(primaryHost, text);
}

function unlessItAnswers(seen: Known<Reach>, text: Readonly<Record<Reach, string>>): Verdict {
  return judge(seen, (reach) => (reach === 'answers' ? fail(text[reach]) : pass(text[reach])));
}

/** F8: while WAL flows the primary is alive, whatever a probe says. */
export function receiverStopped({ server }: FailoverSnapshot): Verdict {
  return judge(server.receiving, (receiving) =>
    receiving ? fail('the WAL receiver still receives') : pass('the WAL receiver receives nothing'),
  );
}

/** F9: catches a hung primary whose port still accepts; measured on this node's clock alone. */
export function heartbeatStale({ server, limits }: FailoverSnapshot): Verdict {
  return judge(server.heartbeatUnchangedMs, (ms) => {
    const text = `the heartbeat has not changed for ${(ms / 1000).toFixed(1)} s`;
    return ms >= limits.heartbeatStaleMs ? pass(text) : fail(text);
  });
}

/** F12. */
export function witnessReachable({ witness }: FailoverSnapshot): Verdict {
  if (witness === null) return pass('no witness configured');
  return judge(witness, () => pass('the witness answers'));
}

/** F13: a link cut between primary and standby alone must not cause a switch. */
export function witnessAgrees({ witness }: FailoverSnapshot): Verdict {
  if (witness === null) return pass('no witness configured');
  return judge(witness, (it) =>
    it.seesPrimary ? fail('the witness sees the primary') : pass('the witness does not see the primary'),
  );
}

/** F14: of all configured voters, seen or not. */
export function majority({ votersSeen, voters }: FailoverSnapshot): Verdict {
  return judge(votersSeen, (seen) => {
    const text = `${seen} of ${voters} voters seen`;
    return seen > voters / 2 ? pass(text) : fail(text);
  });
}

/** F15: visibility is not exclusive, a granted lease is. */
export function exclusiveGrant({ grantable }: FailoverSnapshot): Verdict {
  return judge(grantable, (now) =>
    now ? pass('a majority grants a new lease') : fail('no majority grants a new lease yet'),
  );
}

/** F16: a second failover must not race the first. */
export function noOtherPrimary({ otherPrimaries, giver }: FailoverSnapshot): Verdict {
  return judge(otherPrimaries, (names) => {
    const others = names.filter((name) => name !== giver);
    return others.length === 0
      ? pass('no other node is seen writable')
      : fail(`${others.join(', ')} is writable`);
  });
}

/** F18: an address that answers serves clients somewhere. */
export function vipFree({ vipAnswered }: FailoverSnapshot): Verdict {
  return judge(vipAnswered, (answered) =>
    answered ? fail('another host answers for the VIP') : pass('nobody answers for the VIP'),
  );
}

/** F19: without it there are two writers as soon as the network heals. */
export function oldPrimaryFenced({ giver, grantable }: FailoverSnapshot): Verdict {
  if (giver !== null) return pass(`${giver} proved its own death`);
  const waited: Known<boolean> = grantable;
  return judge(waited, (now) =>
    now
      ? pass('the voters waited for the old primary to fence itself')
      : fail('the old primary may still write'),
  );
}
