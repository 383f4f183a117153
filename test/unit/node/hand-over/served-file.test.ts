/** What a certificate covers of pg_wal: nothing beyond its end, nothing of later timelines, no other file. */
import { describe, expect, it } from 'vitest';
import { parseDeathCertificate } from '../../../../src/core/model/death-certificate.ts';
import { servedFile } from '../../../../src/node/hand-over/served-file.ts';

const certificate = parseDeathCertificate({
  cluster: 'shop',
  node: 'pg1',
  epoch: 7,
  leaseUuid: 'u',
  systemIdentifier: '7400000000000000001',
  timeline: 2,
  historyHash: '0123456789abcdef',
  endLsn: '1/1000150',
  walSegmentBytes: 16_777_216,
});

describe('the WAL service', () => {
  it.each([
    ['/wal/000000020000000100000001?from=0', { name: '000000020000000100000001', from: 0, bytes: 0x150 }],
    ['/wal/000000020000000100000001?from=256', { name: '000000020000000100000001', from: 256, bytes: 0x50 }],
    [
      '/wal/000000020000000100000000?from=0',
      { name: '000000020000000100000000', from: 0, bytes: 16_777_216 },
    ],
    // A segment that began on the parent has no end of its own there.
    [
      '/wal/0000000100000000000000FF?from=0',
      { name: '0000000100000000000000FF', from: 0, bytes: 16_777_216 },
    ],
    ['/history/00000002.history', { name: '00000002.history', from: 0, bytes: 65_536 }],
  ])('gives %s', (path, file) => {
    expect(servedFile(certificate, path)).toEqual(file);
  });

  it.each([
    ['a segment beyond the end', '/wal/000000020000000100000002?from=0'],
    ['bytes beyond the end', '/wal/000000020000000100000001?from=336'],
    ['a later timeline', '/wal/000000030000000100000000?from=0'],
    ['the history of a later timeline', '/history/00000003.history'],
    ['a number that no segment has', '/wal/000000020000000000000100?from=0'],
    ['a segment without a beginning', '/wal/000000020000000100000001'],
    ['another file', '/wal/../../postgresql.conf?from=0'],
    ['a lower-case name', '/wal/00000002000000010000000a?from=0'],
  ])('does not give %s', (_what, path) => {
    expect(servedFile(certificate, path)).toBeNull();
  });
});
