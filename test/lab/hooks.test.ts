/** Hooks in a cluster that fails over: each event runs the user's command once, on the right node, with what it is told of it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { labDown } from '../../src/lab/down.ts';
import { changeCluster, labConfiguration, reloadAgent } from '../../src/lab/drills/upkeep.ts';
import { breakLab, mendLab } from '../../src/lab/faults/strike.ts';
import { healthProblem } from '../../src/lab/measure/health.ts';
import { labStatus } from '../../src/lab/measure/status.ts';
import { eventually, output, sh, startLab } from '../support/lab.ts';

const NAME = 'hooks';
const HOOK = '/etc/primacy/hook';
const LOG = '/var/log/hooks.jsonl';
const PAIR = ['pg1', 'pg2'] as const;

interface Told {
  readonly event: string;
  readonly node: string;
  readonly duty: string;
  readonly epoch: number;
  readonly timeline: number;
  readonly newPrimary: string | null;
}

/** What the hook was told on a host, oldest first. */
const toldOn = async (host: string): Promise<readonly Told[]> =>
  (await output(NAME, host, `cat ${LOG}`))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Told);
const events = async (): Promise<Readonly<Record<string, readonly string[]>>> => ({
  pg1: (await toldOn('pg1')).map(({ event }) => event),
  pg2: (await toldOn('pg2')).map(({ event }) => event),
});
/** All that has to come has come: nothing is left to wait for but what must not come. */
const untilTold = async (pg1: readonly string[], pg2: readonly string[]): Promise<void> => {
  await eventually(
    `${pg1.join()} on pg1 and ${pg2.join()} on pg2`,
    async () => {
      const { pg1: one = [], pg2: two = [] } = await events();
      return one.length >= pg1.length && two.length >= pg2.length;
    },
    60_000,
  );
  await eventually('a whole cluster', async () => healthProblem(await labStatus(NAME)) === null, 60_000);
  expect(await events()).toEqual({ pg1, pg2 });
};

beforeAll(async () => {
  const { nodes } = await startLab(NAME, { policy: 'auto' });
  for (const host of PAIR)
    await output(
      NAME,
      host,
      `printf '#!/bin/sh\\n[ "$PRIMACY_EVENT" = "$1" ] || echo wrong >> ${LOG}\\ncat >> ${LOG}\\n' > ${HOOK} && chmod 755 ${HOOK} && : > ${LOG}`,
    );
  await changeCluster(NAME, nodes, await labConfiguration(NAME), (cluster) => ({
    ...cluster,
    hooks: {
      promoted: [HOOK, 'promoted'],
      fenced: [HOOK, 'fenced'],
      rejoined: [HOOK, 'rejoined'],
      switchedOver: [HOOK, 'switchedOver'],
      timeoutSeconds: 10,
    },
  }));
  for (const host of ['witness', 'pg2', 'pg1']) await reloadAgent(NAME, host);
});
afterAll(() => labDown(NAME));

test('a switchover runs switchedOver and rejoined on the one that made way, promoted on the other', async () => {
  await eventually(
    'a switchover',
    async () => (await sh(NAME, 'pg1', 'primacy switchover')).kind === 'done',
    60_000,
  );
  await untilTold(['switchedOver', 'rejoined'], ['promoted']);
  const [promoted] = await toldOn('pg2');
  expect(promoted).toMatchObject({ node: 'pg2', duty: 'succeed', timeline: 2, newPrimary: 'pg2' });
  expect(await toldOn('pg1')).toMatchObject([
    { node: 'pg1', duty: 'step-down', timeline: 1, newPrimary: 'pg2' },
    { node: 'pg1', timeline: 2, newPrimary: 'pg2', epoch: promoted?.epoch },
  ]);
});

test('a primary that is cut off is fenced, its successor promoted, and it rejoins when it is back', async () => {
  await breakLab(NAME, 'partition', 'pg2', []);
  await untilPromoted();
  await mendLab(NAME, 'partition', 'pg2');
  await untilTold(['switchedOver', 'rejoined', 'promoted'], ['promoted', 'fenced', 'rejoined']);
  const promoted = (await toldOn('pg1')).at(-1);
  expect(promoted).toMatchObject({ duty: 'take-over', timeline: 3, newPrimary: 'pg1' });
  expect((await toldOn('pg2')).slice(1)).toMatchObject([
    { event: 'fenced', duty: 'fence', timeline: 2 },
    { event: 'rejoined', timeline: 3, newPrimary: 'pg1', epoch: promoted?.epoch },
  ]);
});

test('each run is counted as done, on the node that it ran on', async () => {
  const runs = await output(
    NAME,
    'pg1',
    'curl -s http://127.0.0.1:10187/metrics | grep ^primacy_hook_runs_total',
  );
  for (const event of ['switchedOver', 'rejoined', 'promoted'])
    expect(runs).toContain(`primacy_hook_runs_total{event="${event}",result="done"} 1`);
  expect(runs).not.toMatch(/result="(failed|timed_out|dropped)"\} [1-9]/);
});

async function untilPromoted(): Promise<void> {
  await eventually('pg1 promoted', async () => (await toldOn('pg1')).at(-1)?.event === 'promoted', 30_000);
}
