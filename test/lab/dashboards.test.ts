/** Every query of the dashboards, asked of a real Prometheus while things happen that the dashboards are there to show. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drills } from '../../src/lab/drills/catalogue.ts';
import { runIncident } from '../../src/lab/drills/incident.ts';
import { IN_FULL } from '../../src/lab/drills/stage-options.ts';
import { labDown } from '../../src/lab/down.ts';
import { breakLab, mendLab } from '../../src/lab/faults/strike.ts';
import type { ProductLab } from '../../src/lab/state.ts';
import { eventually, output, startLab } from '../support/lab.ts';
import { changes, queryRange } from '../support/lab-prometheus.ts';
import { fillVariables, readDashboardQueries } from '../support/rules/dashboard-queries.ts';

const NAME = 'dashboards';
const folder = join(import.meta.dirname, '../../dashboards');
const texts = await Promise.all(
  ['fleet', 'cluster'].map((name) => readFile(join(folder, `${name}.json`), 'utf8')),
);
const queries = texts.flatMap(readDashboardQueries);

let lab: ProductLab;
const range = { from: 0, to: 0 };

/** A fuse that dies, a planned stop, a split brain, a VIP that moves, a primary that is cut off together with its client, and a witness whose agent dies: every state has a reason to change. */
beforeAll(async () => {
  await labDown(NAME);
  lab = await startLab(NAME, { policy: 'auto' });
  range.from = Date.now();
  await breakLab(NAME, 'kill-fuse', 'pg2', []);
  await eventually('a dead fuse in the metrics', () =>
    isSeen('primacy_fence_guard_alive{guard="fuse"} == 0'),
  );
  await mendLab(NAME, 'kill-fuse', 'pg2');
  // A fence of the responder or of an agent may be shorter than a scrape; a planned stop stands until it is ended.
  await output(NAME, 'pg2', 'primacy stop');
  await eventually('a marked node in the metrics', () => isSeen('primacy_fence_active == 1'));
  await output(NAME, 'pg2', 'primacy start');
  await happen('dual-primary');
  await mendLab(NAME, 'unguard', 'pg2');
  await breakLab(NAME, 'delete-vip', 'pg1', []);
  await eventually('a move of the VIP in the metrics', () =>
    isSeen('increase(primacy_vrrp_became_master_total[10s]) > 0'),
  );
  // The client writes on the side that loses.
  await happen('partition');
  await breakLab(NAME, 'kill-agent', 'witness', []);
  await eventually("an alert about the witness's agent", () => isSeen('ALERTS{alertname="AgentDown"} == 1'));
  range.to = Date.now();
});

async function happen(name: string): Promise<void> {
  const drill = drills.get(name);
  if (drill === undefined) throw new Error(`cannot run drill ${name}: there is none of that name`);
  const { why } = await runIncident(lab, drill, { ...IN_FULL, standSeconds: 8 });
  if (why !== null) throw new Error(`cannot show the dashboards: drill ${name} ended badly: ${why}`);
}

async function isSeen(expr: string): Promise<boolean> {
  const now = Date.now();
  return (await queryRange(lab.prometheus, expr, now - 1_000, now)).length > 0;
}

afterAll(async () => {
  await labDown(NAME);
});

test.each(queries)('$panel changes while something happens', async ({ expr }) => {
  const series = await queryRange(lab.prometheus, fillVariables(expr), range.from, range.to);
  expect(series.length).toBeGreaterThan(0);
  expect(changes(series, range.from, range.to)).toBe(true);
});
