/** A proof of death is newer than any word of the dead primary that was heard. */
import { describe, expect, test } from 'vitest';
import { decideFailover } from '../../../../src/core/guard/decide-failover.ts';
import { certificateToJson, type DeathCertificate } from '../../../../src/core/model/death-certificate.ts';
import { known, unknown } from '../../../../src/core/model/known.ts';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import type { ClusterName, NodeName, SystemIdentifier } from '../../../../src/core/model/names.ts';
import { ASYNCHRONOUS } from '../../../../src/core/model/synchronous-word.ts';
import { parseTimelineId } from '../../../../src/core/model/timeline.ts';
import { asCertified } from '../../../../src/node/keeper/as-certified.ts';
import { LAST_PRIMARY, PASSING } from '../../../support/failover-snapshot.ts';

const CERTIFICATE: DeathCertificate = {
  cluster: 'main' as ClusterName,
  node: LAST_PRIMARY.node,
  epoch: 3,
  leaseUuid: 'uuid-3',
  systemIdentifier: '7000000000000000001' as SystemIdentifier,
  timeline: parseTimelineId(2),
  historyHash: '0123456789abcdef',
  endLsn: parseLsn('0/3000100'),
  walSegmentBytes: 16_777_216,
  synchronous: ASYNCHRONOUS,
};
const given = { ...PASSING, giver: 'pg1' as NodeName };
const onDeath = (certificate: Partial<DeathCertificate>, snapshot = given) =>
  decideFailover(
    asCertified(snapshot, certificateToJson({ ...CERTIFICATE, ...certificate })),
    'certain-death',
  );

describe('on certain death', () => {
  test('a standby on the branch that the dead primary certified is promoted', () => {
    expect(onDeath({}).promote).toBe(true);
  });

  test('a standby that knows the dead primary from an earlier branch is not', () => {
    expect(onDeath({ timeline: parseTimelineId(4) }).promote).toBe(false);
    expect(onDeath({ historyHash: 'fedcba9876543210' }).promote).toBe(false);
  });

  test('the certificate stands for a primary that this agent has never seen', () => {
    const unseen = { ...given, lastPrimary: unknown('not seen') };
    expect(onDeath({}, unseen).promote).toBe(true);
    expect(asCertified(unseen, certificateToJson(CERTIFICATE)).lastPrimary).toMatchObject({
      value: { node: 'pg1', lsn: known(parseLsn('0/3000100')), heartbeat: { kind: 'unknown' } },
    });
  });

  test('a proof that cannot be read proves no branch', () => {
    expect(decideFailover(asCertified(given, null), 'certain-death').promote).toBe(false);
  });
});
