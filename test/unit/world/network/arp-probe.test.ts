/** arping's exit code alone is ambiguous; its words and the hardware address decide. */
import { expect, test } from 'vitest';
import { known } from '../../../../src/core/model/known.ts';
import { readArping } from '../../../../src/world/network/arp-probe.ts';
import type { CommandResult } from '../../../../src/world/remote/runner.ts';

const command = { program: 'arping', arguments: [], timeoutMs: 1 };
const own = new Set(['AA:AA:AA:AA:AA:AA']);
const read = (result: CommandResult) => readArping(command, result, own);
const reply = (mac: string) =>
  `ARPING 10.79.0.100 from 0.0.0.0 eth0\nUnicast reply from 10.79.0.100 [${mac}]  0.6ms\nSent 1 probes (1 broadcast(s))\nReceived 1 response(s)\n`;
const silence =
  'ARPING 10.79.0.100 from 0.0.0.0 eth0\nSent 1 probes (1 broadcast(s))\nReceived 0 response(s)\n';

test('another host answered', () => {
  const result = { kind: 'failed', exitCode: 1, stdout: reply('5E:ef:86:A1:F1:2A'), stderr: '' } as const;
  expect(read(result)).toEqual(known({ answered: true, mac: '5E:EF:86:A1:F1:2A' }));
});

test('an answer of our own interface is no other host', () => {
  const result = { kind: 'failed', exitCode: 1, stdout: reply('aa:aa:aa:aa:aa:aa'), stderr: '' } as const;
  expect(read(result)).toEqual(known({ answered: false, mac: null }));
});

test('nobody answered', () => {
  expect(read({ kind: 'done', stdout: silence, stderr: '' })).toEqual(known({ answered: false, mac: null }));
});

test.each<[string, CommandResult]>([
  [
    'a wrong option, also exit code 1',
    { kind: 'failed', exitCode: 1, stdout: '', stderr: 'arping: invalid argument' },
  ],
  [
    'a missing interface',
    { kind: 'failed', exitCode: 2, stdout: '', stderr: 'arping: Device eth9 not available.' },
  ],
  ['no arping at all', { kind: 'failed', exitCode: 127, stdout: '', stderr: 'ENOENT' }],
  ['a time-out', { kind: 'unknown', reason: 'killed', stdout: silence, stderr: '' }],
  ['empty output', { kind: 'done', stdout: '', stderr: '' }],
])('%s is unknown, never an answer', (_what, result) => {
  expect(read(result).kind).toBe('unknown');
});
