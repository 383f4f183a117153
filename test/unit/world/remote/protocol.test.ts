/** Requests and replies cross the wire unchanged; anything else is refused before it can do something. */
import { describe, expect, it } from 'vitest';
import type { FenceNumber, NodeName, RemediationId } from '../../../../src/core/model/names.ts';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import {
  decodeReply,
  decodeRequest,
  encodeFailure,
  encodeRequest,
  encodeResult,
  type NodeRequest,
} from '../../../../src/world/remote/protocol.ts';

const order = { remediation: 'r-1' as RemediationId, fenceNumber: 7 as FenceNumber };
const requests: readonly NodeRequest[] = [
  { verb: 'observe' },
  { verb: 'release-vip', reason: 'vip-on-standby', ...order },
  { verb: 'fence', reason: 'dual-primary', ...order },
  { verb: 'unfence', ...order },
  { verb: 'account', survivor: 'pg2' as NodeName, ...order },
  { verb: 'rejoin', survivor: 'pg2' as NodeName, accountDigest: 'a'.repeat(64), ...order },
];

const line = (verb: string, value: unknown): string =>
  `${verb} ${Buffer.from(JSON.stringify(value)).toString('base64url')}`;

describe('a request', () => {
  it.each(requests)('$verb arrives as it was sent', (request) => {
    expect(decodeRequest(encodeRequest(request))).toEqual(request);
  });

  it.each(requests)('$verb has no character that a shell treats specially', (request) => {
    expect(encodeRequest(request)).toMatch(/^[A-Za-z0-9 _-]+$/);
  });

  const fence = { verb: 'fence', reason: 'dual-primary', ...order };
  it.each([
    ['an empty line', ''],
    ['a shell', 'bash -c id'],
    ['a request with something behind it', `${encodeRequest({ verb: 'observe' })} x`],
    ['two lines', `${encodeRequest({ verb: 'observe' })}\n`],
    ['something that is not JSON', 'observe aGVsbG8'],
    ['an unknown verb', line('erase', { verb: 'erase' })],
    ['a verb that differs from its body', line('observe', fence)],
    ['an unknown field', line('observe', { verb: 'observe', more: 1 })],
    ['a reason with a blank', line('fence', { ...fence, reason: 'a b' })],
    ['a reason with a shell in it', line('fence', { ...fence, reason: '$(id)' })],
    ['a negative fence number', line('fence', { ...fence, fenceNumber: -1 })],
    ['a fence number with a fraction', line('fence', { ...fence, fenceNumber: 1.5 })],
    ['a fence number as text', line('fence', { ...fence, fenceNumber: '7' })],
    ['no fence number', line('fence', { verb: 'fence', reason: 'x', remediation: 'r-1' })],
    ['a remediation that is a path', line('fence', { ...fence, remediation: '../x' })],
    ['a rejoin without a digest', line('rejoin', { verb: 'rejoin', survivor: 'pg2', ...order })],
    ['8 KiB and more', line('fence', { ...fence, reason: 'x'.repeat(9_000) })],
  ])('is refused where it is %s', (_what, text) => {
    expect(() => decodeRequest(text)).toThrow(/^cannot read request/);
  });
});

describe('a reply', () => {
  it('brings LSNs as text over the wire and as numbers to the reader', () => {
    const account = {
      node: 'pg1',
      survivor: 'pg2',
      systemIdentifier: '7300000000000000001',
      loserTimeline: 1,
      survivorTimeline: 2,
      forkLsn: parseLsn('0/3000060'),
      endLsn: parseLsn('16/B374D848'),
      bytes: 12,
      transactions: 3,
      clientTransactions: 1,
      bundle: '/var/lib/primacy/salvage/1',
      digest: 'd',
    };
    const text = encodeResult(account);
    expect(text).toContain('"endLsn":"16/B374D848"');
    expect(decodeReply('account', text)).toEqual({ ok: true, result: account });
  });

  it('that says why something was not done is handed on', () => {
    expect(
      decodeReply('fence', encodeFailure('superseded', 'cannot fence pg1: number 7 is older than 9')),
    ).toEqual({
      ok: false,
      code: 'superseded',
      message: 'cannot fence pg1: number 7 is older than 9',
    });
  });

  it.each([
    '',
    'motd\n{"ok":true}',
    '{"ok":true}',
    '{"ok":true,"result":{"wasFenced":"yes"}}',
    '{"ok":false}',
    'null',
  ])('is refused where it is %j', (text) => {
    expect(() => decodeReply('unfence', text)).toThrow(/^cannot read reply to unfence/);
  });
});
