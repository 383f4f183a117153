/** The kernel lease as text for nft, and the remaining time that nft prints. The integration test runs it on real rules. */
import { expect, test } from 'vitest';
import { configSchema } from '../../../../src/config/schema.ts';
import { expiryOf, extendText, installText } from '../../../../src/world/network/kernel-lease-rules.ts';

const parse = (vip: string) =>
  configSchema.parse({
    clusters: [
      { name: 'main', vip, interface: 'eth0', vrid: 51, nodes: [{ name: 'pg1', addresses: ['10.0.0.1'] }] },
    ],
  }).clusters[0]!;

test.each([
  ['elements = { 10.0.0.100 timeout 1s600ms expires 1s592ms }', 1_592],
  ['elements = { 10.0.0.100 timeout 2s expires 2s }', 2_000],
  ['elements = { 10.0.0.100 timeout 2s expires 8ms }', 8],
  ['elements = { 10.0.0.100 timeout 1d expires 23h59m59s996ms }', 86_399_996],
  ['flags timeout', null],
  ['', null],
])('nft prints %j: %s ms are left', (text, expected) => {
  expect(expiryOf(text)).toBe(expected);
});

test('rules are one line, so that nft takes them as one transaction', () => {
  expect(installText(parse('10.0.0.100/24'))).not.toContain('\n');
  expect(extendText(parse('10.0.0.100/24'), 1_600)).not.toContain('\n');
});

test('an element is replaced, because its time-out cannot be changed in place', () => {
  expect(extendText(parse('10.0.0.100/24'), 1_600)).toBe(
    'add element inet primacy lease { 10.0.0.100 timeout 1600ms }; delete element inet primacy lease { 10.0.0.100 }; add element inet primacy lease { 10.0.0.100 timeout 1600ms }',
  );
});

test('an IPv6 VIP has rules of its own family', () => {
  const text = installText(parse('fd00::64/64'));
  expect(text).toContain('type ipv6_addr');
  expect(text).not.toMatch(/\bip (daddr|saddr)/);
});
