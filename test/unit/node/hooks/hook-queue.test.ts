/** Goal: one at a time, in order, and never more waiting than the limit. Method: jobs that end when the test says so. */
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createHookQueue } from '../../../../src/node/hooks/hook-queue.ts';

function ground(limit: number) {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const queue = createHookQueue<number>(limit, (job) => {
    begun.push(job);
    return new Promise((resolve) => ends.push(resolve));
  });
  const endOne = async (): Promise<void> => {
    ends.shift()?.();
    await turn();
  };
  return { begun, queue, endOne };
}

it('begins after its caller has gone on, and the next one when the one before has ended', async () => {
  const { begun, queue, endOne } = ground(5);
  expect([1, 2, 3].map((job) => queue.offer(job))).toEqual([true, true, true]);
  expect(begun).toEqual([]);
  await turn();
  expect(begun).toEqual([1]);
  await endOne();
  expect(begun).toEqual([1, 2]);
  await endOne();
  await endOne();
  expect(begun).toEqual([1, 2, 3]);
});

it('takes no more than its limit, and takes again when there is room', async () => {
  const { begun, queue, endOne } = ground(2);
  queue.offer(0);
  await turn();
  expect([1, 2, 3].map((job) => queue.offer(job))).toEqual([true, true, false]);
  await endOne();
  expect(queue.offer(4)).toBe(true);
  await endOne();
  await endOne();
  await endOne();
  expect(begun).toEqual([0, 1, 2, 4]);
});

it('begins again after it was empty', async () => {
  const { begun, queue, endOne } = ground(2);
  for (const job of [1, 2]) {
    queue.offer(job);
    await turn();
    await endOne();
  }
  expect(begun).toEqual([1, 2]);
});

it('gives back what has not begun', async () => {
  const { begun, queue, endOne } = ground(5);
  queue.offer(1);
  await turn();
  queue.offer(2);
  queue.offer(3);
  expect(queue.clear()).toEqual([2, 3]);
  await endOne();
  expect(begun).toEqual([1]);
});
