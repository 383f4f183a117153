/** What one agent writes the other reads, and whatever it did not write is refused with a reason. */
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ClusterName, NodeName, SystemIdentifier } from '../../../../src/core/model/names.ts';
import {
  DATAGRAM_LIMIT_BYTES,
  decodeDatagram,
  encodeDatagram,
  type DatagramIdentity,
} from '../../../../src/world/network/datagram-codec.ts';
import { messageOf } from '../../../support/lease-messages.ts';

const PG1 = 'pg1' as NodeName;
const PG2 = 'pg2' as NodeName;
const sender: DatagramIdentity = {
  cluster: 'main' as ClusterName,
  system: '7300000000000000001' as SystemIdentifier,
  self: PG1,
  peers: [PG2],
  secret: 'the secret of this cluster',
};
const receiver: DatagramIdentity = { ...sender, self: PG2, peers: [PG1] };
const SIGHT = { node: 'pg3', role: 'primary', ageMs: 1 };
const session = { start: 'start', counter: 7, echo: 'other', echoCounter: 3 };

/** A datagram with a right signature and any body. */
function signed(body: unknown): Buffer {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const signature = createHmac('sha256', sender.secret).update(bytes).digest();
  return Buffer.concat([Buffer.from('PMCY\u0001', 'latin1'), signature, bytes]);
}

function bodyOf(kind: Parameters<typeof messageOf>[0]): Record<string, unknown> {
  const bytes = encodeDatagram(sender, PG2, session, messageOf(kind, PG1, 'n'));
  return JSON.parse(bytes.subarray(37).toString('utf8')) as Record<string, unknown>;
}

describe('a datagram', () => {
  test.each(['look', 'renew', 'claim', 'transfer', 'answer'] as const)(
    'with a %s comes back whole',
    (kind) => {
      const message = messageOf(kind, PG1, 'n1');
      const bytes = encodeDatagram(sender, PG2, session, message);
      expect(decodeDatagram(receiver, bytes)).toEqual({
        kind: 'datagram',
        datagram: { from: PG1, session, message },
      });
      expect(bytes.length).toBeLessThan(1_400);
    },
  );

  test('without a message is a hello', () => {
    const decoded = decodeDatagram(receiver, encodeDatagram(sender, PG2, session, null));
    expect(decoded).toEqual({ kind: 'datagram', datagram: { from: PG1, session, message: null } });
  });

  test('is taken while one side does not know the system identifier yet', () => {
    const bytes = encodeDatagram({ ...sender, system: null }, PG2, session, null);
    expect(decodeDatagram(receiver, bytes).kind).toBe('datagram');
    expect(
      decodeDatagram({ ...receiver, system: null }, encodeDatagram(sender, PG2, session, null)).kind,
    ).toBe('datagram');
  });

  test('that would be too large is not sent, with its size', () => {
    const message = messageOf('transfer', PG1, 'n');
    const large = { ...message, proof: 'x'.repeat(DATAGRAM_LIMIT_BYTES) } as typeof message;
    expect(() => encodeDatagram(sender, PG2, session, large)).toThrow(
      /^cannot send a transfer to pg2: 9\d{3} bytes, at most 8192$/,
    );
  });

  test('with any single bit changed is refused', () => {
    const bytes = encodeDatagram(sender, PG2, session, messageOf('renew', PG1, 'n'));
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1 << (at % 8);
      expect(decodeDatagram(receiver, changed).kind).toBe('refused');
    }
  });

  test('cut off anywhere is refused', () => {
    const bytes = encodeDatagram(sender, PG2, session, messageOf('renew', PG1, 'n'));
    for (let length = 0; length < bytes.length; length += 1)
      expect(decodeDatagram(receiver, bytes.subarray(0, length)).kind).toBe('refused');
  });
});

describe('a body with a right signature', () => {
  test.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['nothing', 'null'],
    ['no fields', '{}'],
  ])('that is %s is malformed', (_, body) => {
    expect(decodeDatagram(receiver, signed(body))).toEqual({ kind: 'refused', reason: 'malformed' });
  });

  test('without any one of its fields is malformed', () => {
    for (const kind of ['look', 'renew', 'claim', 'transfer', 'answer'] as const) {
      const body = bodyOf(kind);
      for (const { path, without } of eachWithout(body)) {
        // A proof is for the successor alone, so that most transfers have none.
        if (path === 'message.proof' || path.startsWith('message.proof.')) continue;
        // An agent from before there were pauses tells of none.
        if (path === 'message.pause' || path === 'message.view.pause') continue;
        // Nor does one that has heard no primary.
        if (path === 'message.report.remembers') continue;
        expect([kind, path, decodeDatagram(receiver, signed(without))]).toEqual([
          kind,
          path,
          { kind: 'refused', reason: 'malformed' },
        ]);
      }
    }
  });

  test.each([
    ['message.report.node', 'another node', 'pg3'],
    ['message.lease.epoch', 'zero', 0],
    ['message.lease.epoch', 'a fraction', 1.5],
    ['message.lease.epoch', 'more than a number can count', 2 ** 53],
    ['message.lease.holder', 'no name', 'PG 1'],
    ['message.waitMs', 'a negative time', -1],
    ['message.waitMs', 'a text', '2700'],
    ['message.nonce', 'nothing', ''],
    ['message.nonce', 'too much', 'n'.repeat(257)],
    ['message.kind', 'an unknown word', 'grant'],
    ['message.report.server.lsn', 'no position', 'nowhere'],
    ['message.report.server.role', 'an unknown word', 'king'],
    ['message.report.sights', 'too many', Array.from({ length: 65 }, () => SIGHT)],
    ['counter', 'a negative number', -1],
  ])('whose %s is %s is malformed', (path, _, value) => {
    const body = withValue(bodyOf('renew'), path.split('.'), value);
    expect(decodeDatagram(receiver, signed(body))).toEqual({ kind: 'refused', reason: 'malformed' });
  });
});

/** The object once without each of its fields, however deep. */
function eachWithout(it: Record<string, unknown>, prefix = ''): { path: string; without: object }[] {
  return Object.entries(it).flatMap(([key, value]) => {
    const path = `${prefix}${key}`;
    const { [key]: _, ...without } = it;
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    const deeper = isObject ? eachWithout(value as Record<string, unknown>, `${path}.`) : [];
    return [
      { path, without },
      ...deeper.map((inner) => ({ path: inner.path, without: { ...it, [key]: inner.without } })),
    ];
  });
}

function withValue(it: Record<string, unknown>, [key = '', ...rest]: string[], value: unknown): object {
  const inner = rest.length === 0 ? value : withValue(it[key] as Record<string, unknown>, rest, value);
  return { ...it, [key]: inner };
}
