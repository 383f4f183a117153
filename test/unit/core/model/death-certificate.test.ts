/** A certificate that is not understood proves nothing. */
import { describe, expect, it } from 'vitest';
import {
  certificateToJson,
  parseDeathCertificate,
  type DeathCertificate,
} from '../../../../src/core/model/death-certificate.ts';
import type { Lsn } from '../../../../src/core/model/lsn.ts';

const json = {
  cluster: 'shop',
  node: 'pg1',
  epoch: 7,
  leaseUuid: 'c0ffee00-0000-4000-8000-000000000007',
  systemIdentifier: '7400000000000000001',
  timeline: 3,
  historyHash: '0123456789abcdef',
  endLsn: '16/B374D848',
  walSegmentBytes: 16_777_216,
  synchronous: { names: 'FIRST 1 (pg2)', degraded: false, strangers: 0 },
};

describe('a death certificate', () => {
  it('is what was written, and fits a datagram', () => {
    const certificate = parseDeathCertificate(json);
    expect(certificate.endLsn).toBe(0x16_b3_74_d8_48n as Lsn);
    const text = JSON.stringify(certificateToJson(certificate));
    expect(parseDeathCertificate(JSON.parse(text))).toEqual(certificate satisfies DeathCertificate);
    expect(text.length).toBeLessThan(2_000);
  });

  it.each([
    ['value', null],
    ['value', 'dead'],
    ['cluster', { ...json, cluster: 'Shop!' }],
    ['node', { ...json, node: undefined }],
    ['epoch', { ...json, epoch: 0 }],
    ['leaseUuid', { ...json, leaseUuid: 'a\nb' }],
    ['systemIdentifier', { ...json, systemIdentifier: 7_400_000_000 }],
    ['timeline', { ...json, timeline: 0 }],
    ['timeline', { ...json, timeline: '3' }],
    ['historyHash', { ...json, historyHash: '0123' }],
    ['endLsn', { ...json, endLsn: '16B374D848' }],
    ['endLsn', { ...json, endLsn: 5 }],
    ['walSegmentBytes', { ...json, walSegmentBytes: 16_777_217 }],
    ['walSegmentBytes', { ...json, walSegmentBytes: 2_147_483_648 }],
    ['synchronous', { ...json, synchronous: 'pg2' }],
    ['synchronous', { ...json, synchronous: { names: 'pg2', degraded: 'no', strangers: 0 } }],
    ['synchronous', { ...json, synchronous: { names: 'pg2', degraded: false, strangers: -1 } }],
  ])('with a wrong %s is refused by name', (field, value) => {
    expect(() => parseDeathCertificate(value)).toThrow(`cannot read death certificate: ${field}`);
  });
});
