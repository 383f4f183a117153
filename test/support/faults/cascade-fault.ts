/** What the fault that points one standby at another must show: it needs a lab with two standbys. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDown } from '../../../src/lab/down.ts';
import { breakLab } from '../../../src/lab/faults/strike.ts';
import { labStatus } from '../../../src/lab/measure/status.ts';
import { eventually, startLab } from '../lab.ts';
import { proven } from './fault-lab.ts';

const LAB = 'test-cascade';

/** Agents only watch: one with a guard points the standby back at the primary. */
export function cascadeFault(): void {
  describe('a fault between two standbys', () => {
    beforeAll(async () => {
      await startLab(LAB, { nodes: 3, policy: 'observe', adopt: false });
    });
    afterAll(() => labDown(LAB));

    const upstreams = async (): Promise<readonly unknown[]> => {
      const { hosts } = await labStatus(LAB);
      return ['pg2', 'pg3'].map((name) => hosts.find((host) => host.name === name)?.streamingFrom);
    };

    it('cascade makes a standby follow the one that is named', async () => {
      proven.add('cascade');
      await eventually('two standbys of pg1', async () => (await upstreams()).join(' ') === 'pg1 pg1');
      await breakLab(LAB, 'cascade', 'pg3', ['pg2']);
      await eventually('pg3 behind pg2', async () => (await upstreams()).join(' ') === 'pg1 pg2');
      expect(await upstreams()).toEqual(['pg1', 'pg2']);
    });

    it('cascade asks for the upstream where none is named', async () => {
      await expect(breakLab(LAB, 'cascade', 'pg3', [])).rejects.toThrow(
        /name its upstream, such as --with pg2/,
      );
    });
  });
}
