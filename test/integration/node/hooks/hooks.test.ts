/** Goal: a user's command is told of its event, in order, and its end is kept. Method: real programs, the real runner, a journal on disk. */
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NodeName } from '../../../../src/core/model/names.ts';
import { HOOK_QUEUE_LIMIT } from '../../../../src/node/hooks/create-hooks.ts';
import { createHookGround, FENCE, PROMOTE, type HookGround } from '../../../support/hook-ground.ts';

let ground: HookGround;
beforeEach(async () => {
  ground = await createHookGround();
});
afterEach(async () => {
  ground.end();
  await ground.remove();
});

test('a command is told by environment and standard input, and both ends of its run are journaled', async () => {
  const tell = await ground.program(
    'tell',
    `env | grep ^PRIMACY_ > ${ground.file('env')}; cat > ${ground.file('input')}; echo told "$@"`,
  );
  const hooks = ground.hooksOf({ fenced: [tell, '$(id)', 'two words'] });
  hooks.ended(FENCE, { killed: true });
  const [end] = await ground.untilEnded(1);
  const [intent] = await ground.journal();
  expect(intent).toMatchObject({
    step: 'fenced',
    event: 'intent',
    detail: { command: [tell, '$(id)', 'two words'] },
  });
  expect(end).toMatchObject({
    procedure: 'hook',
    step: 'fenced',
    event: 'done',
    detail: { result: 'done', exitCode: 0, reason: null, stdout: 'told $(id) two words\n', stderr: '' },
  });
  const document: unknown = JSON.parse(await readFile(ground.file('input'), 'utf8'));
  expect(document).toMatchObject({
    event: 'fenced',
    cluster: 'main',
    node: 'pg1',
    at: expect.stringMatching(/^20\d\d-.*Z$/),
    reason: FENCE.reason,
    epoch: 7,
    timeline: 3,
    newPrimary: 'pg2',
  });
  const environment = await readFile(ground.file('env'), 'utf8');
  for (const line of ['EVENT=fenced', 'NODE=pg1', 'EPOCH=7', 'TIMELINE=3', 'NEW_PRIMARY=pg2', 'DUTY=fence'])
    expect(environment.split('\n')).toContain(`PRIMACY_${line}`);
  expect(ground.logged).toEqual([
    expect.objectContaining({ level: 'info', message: 'hook ended', result: 'done' }),
  ]);
});

test('what has no command, and what is no event, runs nothing', async () => {
  const hooks = ground.hooksOf({
    promoted: [await ground.program('tell', `echo ran >> ${ground.file('ran')}`)],
  });
  hooks.ended(FENCE, {});
  hooks.ended({ kind: 'start', reason: 'down' }, { started: true });
  hooks.ended(PROMOTE, { timeline: 4 });
  expect(await ground.untilEnded(1)).toHaveLength(1);
  expect(await readFile(ground.file('ran'), 'utf8')).toBe('ran\n');
});

test('one that fails, and one that is not there, change nothing for the next', async () => {
  const fail = await ground.program('fail', 'echo no >&2; exit 3');
  const tell = await ground.program('tell', 'true');
  const hooks = ground.hooksOf({ fenced: [fail], rejoined: [ground.file('none')], promoted: [tell] });
  hooks.ended(FENCE, {});
  hooks.ended({ kind: 'join', holder: 'pg2' as NodeName, reason: 'down' }, { how: 'rewind' });
  hooks.ended(PROMOTE, {});
  const ends = await ground.untilEnded(3);
  expect(ends[0]?.detail).toMatchObject({ result: 'failed', exitCode: 3, stderr: 'no\n' });
  expect(ends[1]?.detail).toMatchObject({ result: 'failed', exitCode: 127 });
  expect(ends[2]?.detail).toMatchObject({ result: 'done' });
  expect(hooks.runs().filter((it) => it.count > 0)).toEqual([
    { event: 'promoted', result: 'done', count: 1 },
    { event: 'fenced', result: 'failed', count: 1 },
    { event: 'rejoined', result: 'failed', count: 1 },
  ]);
  expect(hooks.runs()).toHaveLength(12);
});

test('they run in order and one at a time, and what does not fit is dropped and said so', async () => {
  const busy = ground.file('busy');
  const script = `mkdir ${busy} || echo overlap >> ${ground.file('overlap')}; echo $PRIMACY_REASON >> ${ground.file('order')}; rmdir ${busy}`;
  const hooks = ground.hooksOf({ fenced: [await ground.program('slow', script)] });
  const count = HOOK_QUEUE_LIMIT + 3;
  for (let i = 0; i < count; i++) hooks.ended({ ...FENCE, reason: String(i) }, {});
  const ends = await ground.untilEnded(count);
  expect(ends.map((it) => it.detail['result']).filter((it) => it === 'dropped')).toHaveLength(3);
  expect(ends[0]?.detail).toMatchObject({ reason: '16 are waiting already', data: { reason: '16' } });
  const order = (await readFile(ground.file('order'), 'utf8')).trim().split('\n');
  expect(order).toEqual(Array.from({ length: HOOK_QUEUE_LIMIT }, (_, i) => String(i)));
  await expect(readFile(ground.file('overlap'))).rejects.toThrow('ENOENT');
  expect(ground.logged).toContainEqual(expect.objectContaining({ level: 'warn', result: 'dropped' }));
});
