/** What faults of fuse and guard must show. */
import { beforeAll, describe, expect, it } from 'vitest';
import { mendLab } from '../../../src/lab/faults/strike.ts';
import { labStatus } from '../../../src/lab/measure/status.ts';
import { topologyOf } from '../../../src/lab/topology.ts';
import { adoptNodes } from '../../../src/lab/up/adopt.ts';
import { eventually, output, sh } from '../lab.ts';
import { LAB, states, strike, writable } from './fault-lab.ts';

/** Tried in the order in which they stand. */
export function guardFaults(): void {
  // From here on the lab is adopted: what is broken is what protects it.
  describe('faults of the guards', () => {
    const fuses = 'pgrep -f "^/bin/sh /etc/primacy/guard/fuse"';
    const endCommand = (): Promise<string> =>
      output(LAB, 'pg2', "runuser -u postgres -- psql -XAtqc 'show recovery_end_command'");

    beforeAll(async () => {
      await adoptNodes(LAB, topologyOf(LAB, 2));
      await eventually('a guarded pg2', async () => (await sh(LAB, 'pg2', fuses)).kind === 'done');
    });

    it('stop-fuse stops it and its supervisor, mend lets them go on', async () => {
      await strike('stop-fuse', 'pg2');
      expect(await states('pg2', fuses)).toMatch(/^T+$/);
      await mendLab(LAB, 'stop-fuse', 'pg2');
      expect(await states('pg2', fuses)).not.toMatch(/T/);
    });

    it('kill-fuse kills both, mend starts them again', async () => {
      await strike('kill-fuse', 'pg2');
      expect((await sh(LAB, 'pg2', fuses)).kind).toBe('failed');
      await mendLab(LAB, 'kill-fuse', 'pg2');
      await eventually('the fuse', async () => (await sh(LAB, 'pg2', fuses)).kind === 'done');
    });

    it.each([
      ['script-gone', 'test ! -e'],
      ['script-without-x', 'test ! -x'],
      ['script-hangs', 'grep -q sleep'],
    ])('%s spoils the check script, mend puts it back', async (fault, shows) => {
      const script = '/etc/primacy/guard/dead-man';
      const before = await output(LAB, 'pg2', `sha256sum ${script}`);
      await strike(fault, 'pg2');
      expect((await sh(LAB, 'pg2', `${shows} ${script}`)).kind).toBe('done');
      await mendLab(LAB, fault, 'pg2');
      expect(await output(LAB, 'pg2', `sha256sum ${script}`)).toBe(before);
      expect((await sh(LAB, 'pg2', `${script}; test $? -lt 2`)).kind).toBe('done');
    });

    it('remove-guard takes the guard out of PostgreSQL, mend puts it back', async () => {
      expect(await endCommand()).not.toBe('');
      await strike('remove-guard', 'pg2');
      await mendLab(LAB, 'remove-guard', 'pg2');
      await eventually('the guard', async () => (await endCommand()) !== '');
    });

    it('unguard leaves an ordinary standby, without agent, fuse and guard', async () => {
      await strike('unguard', 'pg2');
      expect(await endCommand()).toBe('');
      expect((await sh(LAB, 'pg2', fuses)).kind).toBe('failed');
      expect((await sh(LAB, 'pg2', 'test -e /var/lib/primacy/adoption.json')).kind).toBe('failed');
      const pg2 = (await labStatus(LAB)).hosts.find((host) => host.name === 'pg2');
      expect(pg2).toMatchObject({ role: 'standby', streamingFrom: 'pg1', agent: false });
    });

    it('promote-standby makes a second primary of it', async () => {
      await strike('promote-standby', 'pg2');
      await eventually('two writable hosts', async () => (await writable()) === 'pg1 pg2');
      expect((await labStatus(LAB)).writable).toEqual(['pg1', 'pg2']);
    });

    it('fill-disk leaves no room for WAL, mend makes some', async () => {
      const free = "df --output=avail -BM /var/lib/postgresql | tail -n 1 | tr -dc '0-9'";
      await strike('fill-disk', 'pg2');
      expect(Number(await output(LAB, 'pg2', free))).toBeLessThanOrEqual(1);
      await eventually('only pg1 writable', async () => (await writable()) === 'pg1');
      await mendLab(LAB, 'fill-disk', 'pg2');
      expect(Number(await output(LAB, 'pg2', free))).toBeGreaterThan(10);
    });
  });
}
