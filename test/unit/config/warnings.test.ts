/** Goal: a number of voters that buys nothing is told, with its place. Method: configurations with one to five nodes. */
import { expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/load.ts';
import { warningsOf } from '../../../src/config/warnings.ts';

const withNodes = (count: number) =>
  parseConfig(
    [
      'clusters:',
      '  - name: orders',
      '    vip: 192.0.2.100/24',
      '    interface: eth0',
      '    vrid: 51',
      '    nodes:',
      ...Array.from({ length: count }, (_, i) => `      - { name: n${i}, addresses: [192.0.2.${i + 1}] }`),
    ].join('\n'),
    'primacy.yml',
  );

it.each([1, 3, 5])('%d voters are as they should be', (count) => {
  expect(warningsOf(withNodes(count))).toEqual([]);
});

it('two voters are told that nobody can be outvoted', () => {
  expect(warningsOf(withNodes(2))).toEqual([
    'primacy.yml:7:7: clusters[0].nodes: two voters cannot outvote each other: nobody is promoted when the primary falls silent, expected a witness',
  ]);
});

it('four voters are told that three would survive as much', () => {
  expect(warningsOf(withNodes(4))).toEqual([
    'primacy.yml:7:7: clusters[0].nodes: 4 voters survive the loss of 1, as 3 do, and need 3 to agree: expected an odd number',
  ]);
});
