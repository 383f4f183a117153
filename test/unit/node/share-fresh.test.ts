/** Sharing never hands out an answer older than the question, and never piles up work. */
import { expect, test } from 'vitest';
import { shareFresh } from '../../../src/node/share-fresh.ts';

/** Work that ends when it is told to; numbers tell the rounds apart. */
function manualWork() {
  const ends: ((fail?: boolean) => void)[] = [];
  const work = () => {
    const round = ends.length;
    return new Promise<number>((resolve, reject) => {
      ends.push((fail) => (fail === true ? reject(new Error(`round ${round}`)) : resolve(round)));
    });
  };
  return { work, ends };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('whoever asks while work runs gets the next round, shared by all who ask meanwhile', async () => {
  const { work, ends } = manualWork();
  const ask = shareFresh(work);
  const first = ask();
  const [second, third] = [ask(), ask()];
  expect(ends).toHaveLength(1);
  ends[0]?.();
  expect(await first).toBe(0);
  await settle();
  expect(ends).toHaveLength(2);
  ends[1]?.();
  expect(await Promise.all([second, third])).toEqual([1, 1]);
});

test('a round that fails does not stop the next', async () => {
  const { work, ends } = manualWork();
  const ask = shareFresh(work);
  const first = ask();
  const second = ask();
  ends[0]?.(true);
  await expect(first).rejects.toThrow('round 0');
  await settle();
  ends[1]?.();
  expect(await second).toBe(1);
});
