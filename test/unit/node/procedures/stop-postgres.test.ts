/** Which ways of stopping are tried on which processes. */
import { expect, test } from 'vitest';
import { stopWays } from '../../../../src/node/procedures/stop-postgres.ts';

const it = (
  pid: number,
  parentPid: number,
  state = 'S',
): { pid: number; parentPid: number; state: string } => ({
  pid,
  parentPid,
  state,
});

test.each([
  ['a healthy server is asked first', [it(10, 1), it(11, 10), it(12, 10)], ['fast', 'immediate', 'kill']],
  ['orphans have nobody who could be asked', [it(11, 1), it(12, 1)], ['kill']],
  ['a stopped backend would keep a fast stop waiting', [it(10, 1), it(11, 10, 'T')], ['kill']],
  ['a stopped postmaster hears nothing', [it(10, 1, 'T'), it(11, 10)], ['kill']],
])('%s', (_title, processes, expected) => {
  expect(stopWays(processes)).toEqual(expected);
});
