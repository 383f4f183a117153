/** A reload takes the whole new configuration or nothing of it. */
import { expect, test, vi } from 'vitest';
import { Reloader, type ReloadParts } from '../../../src/node/reload.ts';

interface Settings {
  readonly lease: number;
}

function reloader(changes: Partial<ReloadParts<Settings>> = {}) {
  const begun: Settings[] = [];
  const said: string[] = [];
  const note = (_fields: unknown, message: string): void => {
    said.push(message);
  };
  const reload = new Reloader<Settings>({
    current: { lease: 1.6 },
    state: { successful: true, succeededAt: 10 },
    read: () => Promise.resolve({ lease: 2 }),
    judge: () => null,
    begin: (settings) => begun.push(settings),
    now: () => 20,
    log: { info: note, warn: note, error: note },
    ...changes,
  });
  return { reload, begun, said };
}

test('a right one is begun with, after whoever asked has the answer', async () => {
  const { reload, begun } = reloader();
  expect(await reload.ask()).toMatchObject({ code: 'reloading' });
  expect(begun).toEqual([]);
  await vi.waitFor(() => expect(begun).toEqual([{ lease: 2 }]));
  expect(reload.state()).toEqual({ successful: true, succeededAt: 20 });
  expect(await reload.ask()).toMatchObject({ code: 'busy' });
});

test('a wrong one changes nothing, says what is wrong, and shows in the state until a right one comes', async () => {
  let text = 'primacy.yml:8:21: clusters[0].timings.leaseSeconds: expected a number, found "long"';
  const read = (): Promise<Settings> =>
    text === '' ? Promise.resolve({ lease: 1.6 }) : Promise.reject(new Error(text));
  const { reload, begun } = reloader({ read });
  expect(await reload.ask()).toEqual({ code: 'refused', reason: text });
  expect(reload.state()).toEqual({ successful: false, succeededAt: 10 });
  text = '';
  expect(await reload.ask()).toMatchObject({ code: 'unchanged' });
  expect(reload.state()).toEqual({ successful: true, succeededAt: 20 });
  expect(begun).toEqual([]);
});

test('one that a running agent must not take is refused', async () => {
  const { reload, begun } = reloader({ judge: () => 'its kind is "witness"' });
  expect(await reload.ask()).toEqual({ code: 'refused', reason: 'cannot reload: its kind is "witness"' });
  expect(reload.state().successful).toBe(false);
  expect(begun).toEqual([]);
});

test('two at the same time read once', async () => {
  const read = vi.fn<() => Promise<Settings>>(() => Promise.resolve({ lease: 1.6 }));
  const { reload } = reloader({ read });
  const answers = await Promise.all([reload.ask(), reload.ask()]);
  expect(answers.map(({ code }) => code)).toEqual(['unchanged', 'busy']);
  expect(read).toHaveBeenCalledTimes(1);
});
