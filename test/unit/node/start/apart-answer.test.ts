/** How the agent reads what its child process printed. */
import { expect, test } from 'vitest';
import { readAnswer } from '../../../../src/node/start/apart-answer.ts';

test('positions of an account are numbers again', () => {
  const answer = { ok: { kind: 'following', account: { forkLsn: '0/10', endLsn: '1/0', bytes: 1 } } };
  expect(readAnswer(JSON.stringify(answer))).toEqual({
    kind: 'following',
    account: { forkLsn: 16n, endLsn: 0x1_0000_0000n, bytes: 1 },
  });
});

test('no answer is no outcome', () => {
  expect(() => readAnswer('')).toThrow('cannot read how the join ended');
});
