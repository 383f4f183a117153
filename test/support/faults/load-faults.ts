/** What faults that are only load must show. */
import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { mendLab } from '../../../src/lab/faults/strike.ts';
import { eventually, output } from '../lab.ts';
import { LAB, strike } from './fault-lab.ts';

/** Tried in the order in which they stand. */
export function loadFaults(): void {
  describe('load', () => {
    const processes = (pattern: string): Promise<string> =>
      output(LAB, 'client', `pgrep -f -c '${pattern}' || true`);

    it('saturate-cpu keeps every core busy, mend ends it', async () => {
      await strike('saturate-cpu', 'client');
      expect(await processes('[w]hile :; do :; done')).toBe(String(availableParallelism()));
      await mendLab(LAB, 'saturate-cpu', 'client');
      await eventually('no busy loop', async () => (await processes('[w]hile :; do :; done')) === '0');
    });

    it('pgbench writes through the VIP, mend ends it', async () => {
      const rows = (): Promise<string> =>
        output(
          LAB,
          'pg1',
          "runuser -u postgres -- psql -XAtq -d app -c 'select count(*) from pgbench_history'",
        );
      await strike('pgbench', 'client');
      const before = Number(await rows());
      expect(before).toBeGreaterThan(0);
      await eventually('more rows', async () => Number(await rows()) > before);
      await mendLab(LAB, 'pgbench', 'client');
      await eventually('no pgbench', async () => (await processes('bin/[p]gbench')) === '0');
    });
  });
}
