/** Whatever bytes arrive, signed or not, are taken or refused: nothing throws, and nothing unsigned is taken. */
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { test } from 'vitest';
import type { ClusterName, NodeName } from '../../../../src/core/model/names.ts';
import {
  decodeDatagram,
  encodeDatagram,
  type DatagramIdentity,
} from '../../../../src/world/network/datagram-codec.ts';
import { DatagramSession } from '../../../../src/world/network/datagram-session.ts';
import { messageOf } from '../../../support/lease-messages.ts';

const receiver: DatagramIdentity = {
  cluster: 'main' as ClusterName,
  system: null,
  self: 'pg2' as NodeName,
  peers: ['pg1' as NodeName],
  secret: 'the secret of this cluster',
};
const sender: DatagramIdentity = { ...receiver, self: 'pg1' as NodeName, peers: ['pg2' as NodeName] };

function signed(body: Uint8Array): Buffer {
  const signature = createHmac('sha256', receiver.secret).update(body).digest();
  return Buffer.concat([Buffer.from('PMCY\u0001', 'latin1'), signature, body]);
}

test('any bytes are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 10_000 }), (bytes) => {
      return decodeDatagram(receiver, Buffer.from(bytes)).kind === 'refused';
    }),
  );
});

test('any signed bytes and any signed JSON are judged without an exception', () => {
  const bodies = fc.oneof(
    fc.uint8Array({ maxLength: 2_000 }),
    fc.json().map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(bodies, (body) => decodeDatagram(receiver, signed(body)).kind === 'refused'),
    { numRuns: 500 },
  );
});

test('a message in which any one value was replaced by any other is judged without an exception', () => {
  const kinds = fc.constantFrom('look', 'renew', 'claim', 'transfer', 'answer' as const);
  fc.assert(
    fc.property(kinds, fc.nat(), fc.jsonValue(), (kind, which, value) => {
      const header = { start: 's', counter: 1, echo: null, echoCounter: 0 };
      const bytes = encodeDatagram(sender, receiver.self, header, messageOf(kind, sender.self, 'n'));
      const body = JSON.parse(bytes.subarray(37).toString('utf8')) as object;
      const places = placesOf(body);
      const place = places[which % places.length]!;
      place.holder[place.key] = value;
      const decoded = decodeDatagram(receiver, signed(Buffer.from(JSON.stringify(body))));
      return decoded.kind === 'datagram' || decoded.reason !== 'unauthenticated';
    }),
    { numRuns: 500 },
  );
});

test('of datagrams in any order, copied and recorded as often as you like, each is fresh at most once', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(400), { maxLength: 300 }), (order) => {
      const pg1 = new DatagramSession('one', 2);
      const pg2 = new DatagramSession('two', 2);
      // Each learns the other's start from a hello.
      pg2.judge(pg1.next());
      pg1.judge(pg2.nextForUnproven());
      const made = Array.from({ length: 401 }, () => pg1.next());
      const fresh = order.filter((it) => pg2.judge(made[it]!) === 'fresh');
      return new Set(fresh).size === fresh.length;
    }),
  );
});

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

function placesOf(value: object): Place[] {
  const holder = value as Record<string, unknown>;
  return Object.entries(holder).flatMap(([key, inner]) => [
    { holder, key },
    ...(typeof inner === 'object' && inner !== null ? placesOf(inner) : []),
  ]);
}
