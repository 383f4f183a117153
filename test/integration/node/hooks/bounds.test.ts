/** Goal: a user's command is bounded in time and output, ends with the agent, and holds up nothing. Method: real programs that misbehave. */
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeNodeLock } from '../../../../src/world/files/node-lock.ts';
import {
  createHookGround,
  FENCE,
  isRunning,
  PROMOTE,
  type HookGround,
} from '../../../support/hook-ground.ts';

let ground: HookGround;
beforeEach(async () => {
  ground = await createHookGround();
});
afterEach(async () => {
  ground.end();
  await ground.remove();
});

test('one that hangs is killed with its children at its limit, and the next one runs', async () => {
  const hang = await ground.program(
    'hang',
    `echo begun; sleep 600 & echo $! > ${ground.file('child')}; sleep 600`,
  );
  const tell = await ground.program('tell', 'echo told');
  const hooks = ground.hooksOf({ fenced: [hang], promoted: [tell] }, { timeoutSeconds: 0.5 });
  const began = performance.now();
  hooks.ended(FENCE, {});
  hooks.ended(PROMOTE, {});
  // Whoever tells it has gone on long before anything ran.
  expect(performance.now() - began).toBeLessThan(100);
  const [first, second] = await ground.untilEnded(2);
  expect(first).toMatchObject({
    step: 'fenced',
    event: 'failed',
    detail: {
      result: 'timed_out',
      exitCode: null,
      reason: 'no end within 500 ms, killed',
      stdout: 'begun\n',
    },
  });
  expect(second).toMatchObject({ step: 'promoted', event: 'done', detail: { stdout: 'told\n' } });
  const child = Number(await readFile(ground.file('child'), 'utf8'));
  expect(await isRunning(child)).toBe(false);
});

test('of much output the end is kept', async () => {
  const chatter = await ground.program(
    'chatter',
    'i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done',
  );
  ground.hooksOf({ fenced: [chatter] }).ended(FENCE, {});
  const [end] = await ground.untilEnded(1);
  const stdout = String(end?.detail['stdout']);
  expect(stdout).toMatch(/line 19998\nline 19999\n$/);
  expect(stdout.length).toBeLessThanOrEqual(2_000);
});

test('an agent that ends kills what runs, drops what waits, and begins nothing new', async () => {
  const hang = await ground.program('hang', `echo $$ > ${ground.file('pid')}; sleep 600`);
  const hooks = ground.hooksOf({ fenced: [hang] });
  hooks.ended(FENCE, {});
  hooks.ended(FENCE, {});
  const pid = await ground.untilRead('pid', /\n$/);
  ground.end();
  hooks.ended(FENCE, {});
  const ends = await ground.untilEnded(3);
  expect(ends.map((it) => it.detail['result'])).toEqual(
    expect.arrayContaining(['dropped', 'dropped', 'failed']),
  );
  expect(await isRunning(Number(pid))).toBe(false);
});

test('a command inherits no lock, also where it was begun while one was held', async () => {
  const lock = takeNodeLock(ground.file('lock'), 'test');
  const look = await ground.program(
    'look',
    `ls -l /proc/$$/fd > ${ground.file('listing')}; mv ${ground.file('listing')} ${ground.file('fds')}; sleep 600`,
  );
  ground.hooksOf({ fenced: [look] }).ended(FENCE, {});
  const listing = await ground.untilRead('fds', /\n$/);
  lock.release();
  expect(listing).toContain(ground.file('look'));
  expect(listing).not.toContain(ground.file('lock'));
  takeNodeLock(ground.file('lock'), 'test again').release();
});

test('a journal that hangs holds up no command', async () => {
  const tell = await ground.program('tell', `echo ran >> ${ground.file('ran')}`);
  const hooks = ground.hooksOf(
    { fenced: [tell] },
    { journal: { append: () => new Promise(() => undefined) } },
  );
  hooks.ended(FENCE, {});
  hooks.ended(FENCE, {});
  expect(await ground.untilRead('ran', /^ran\nran\n$/)).toBeDefined();
});

test('a journal that cannot be written is told in the log, and holds up no command', async () => {
  const tell = await ground.program('tell', `echo ran >> ${ground.file('ran')}`);
  const hooks = ground.hooksOf(
    { fenced: [tell] },
    { journal: { append: () => Promise.reject(new Error('full')) } },
  );
  hooks.ended(FENCE, {});
  hooks.ended(FENCE, {});
  expect(await ground.untilRead('ran', /^ran\nran\n$/)).toBeDefined();
  expect(ground.logged).toContainEqual({
    level: 'error',
    message: 'cannot write the journal',
    error: 'full',
  });
});
