/** What faults of keepalived, of VRRP and of the VIP must show. */
import { beforeEach, describe, expect, it } from 'vitest';
import { mendLab } from '../../../src/lab/faults/strike.ts';
import { labStatus } from '../../../src/lab/measure/status.ts';
import { readLabState } from '../../../src/lab/state.ts';
import { eventually, output, sh } from '../lab.ts';
import { LAB, states, strike, vipOn } from './fault-lab.ts';

/** Tried in the order in which they stand. */
export function keepalivedFaults(): void {
  describe('faults of keepalived and the VIP', () => {
    // The faults of PostgreSQL above closed the gate for a moment; and one failure must not make those after it fail.
    beforeEach(async () => {
      await mendLab(LAB, undefined, undefined);
      await eventually('the VIP on pg1', () => vipOn('pg1'));
    });

    it('stop-keepalived leaves the VIP where it is', async () => {
      await strike('stop-keepalived', 'pg1');
      expect(await states('pg1', 'pgrep -x keepalived')).toMatch(/^T+$/);
      expect(await vipOn('pg1')).toBe(true);
      await mendLab(LAB, 'stop-keepalived', 'pg1');
      expect(await states('pg1', 'pgrep -x keepalived')).not.toMatch(/T/);
    });

    it('kill-keepalived leaves no process and the VIP where it is, mend starts it again', async () => {
      await strike('kill-keepalived', 'pg1');
      expect((await sh(LAB, 'pg1', 'pgrep -x keepalived')).kind).toBe('failed');
      expect(await vipOn('pg1')).toBe(true);
      await mendLab(LAB, 'kill-keepalived', 'pg1');
      await eventually('VRRP MASTER again', async () => {
        const { hosts } = await labStatus(LAB);
        return hosts.some((host) => host.name === 'pg1' && host.vrrp === 'MASTER' && host.holdsVip === true);
      });
    });

    it('restart-keepalived starts another one', async () => {
      const before = await output(LAB, 'pg1', 'pgrep -o -x keepalived');
      await strike('restart-keepalived', 'pg1');
      await eventually(
        'another process',
        async () => (await sh(LAB, 'pg1', `pgrep -o -x keepalived | grep -vx ${before}`)).kind === 'done',
      );
      await eventually('the VIP on pg1', () => vipOn('pg1'));
      expect(await vipOn('pg2')).toBe(false);
    });

    it('break-keepalived ends it and leaves the VIP, mend puts file and process back', async () => {
      await strike('break-keepalived', 'pg1');
      expect((await sh(LAB, 'pg1', 'pgrep -x keepalived')).kind).toBe('failed');
      expect(await vipOn('pg1')).toBe(true);
      await mendLab(LAB, 'break-keepalived', 'pg1');
      expect(await output(LAB, 'pg1', 'keepalived -t -f /etc/keepalived/keepalived.conf; echo $?')).toBe('0');
      await eventually(
        'keepalived',
        async () => (await sh(LAB, 'pg1', 'pgrep -x keepalived')).kind === 'done',
      );
    });

    it('steal-vip makes a stranger answer for the VIP, mend ends it', async () => {
      const { vip } = await readLabState(LAB);
      const answers = async (): Promise<boolean> =>
        (await sh(LAB, 'pg1', `arping -D -q -c 2 -w 2 -I eth0 ${vip}`)).kind === 'failed';
      const known = (): Promise<string> =>
        output(LAB, 'client', `ip neighbour show ${vip} | sed 's/.*lladdr \\([^ ]*\\).*/\\1/'`);
      expect(await answers()).toBe(false);
      const before = await known();
      await strike('steal-vip');
      expect(await answers()).toBe(true);
      await eventually('the stranger in the ARP cache of the client', async () => (await known()) !== before);
      await mendLab(LAB, 'steal-vip', undefined);
      expect(await answers()).toBe(false);
      await eventually('the primary in the ARP cache of the client', async () => (await known()) === before);
    });

    it('delete-vip takes the address away; keepalived puts it back', async () => {
      const elections = async (): Promise<number> =>
        Number(await output(LAB, 'pg1', "grep -c 'Entering MASTER STATE' /var/log/keepalived.log"));
      const before = await elections();
      await strike('delete-vip', 'pg1');
      await eventually('another election', async () => (await elections()) > before);
      await eventually('the VIP on pg1', () => vipOn('pg1'));
      expect(await vipOn('pg2')).toBe(false);
    });

    it('add-vip gives the address to the standby too, mend takes it away', async () => {
      await strike('add-vip');
      expect([await vipOn('pg1'), await vipOn('pg2')]).toEqual([true, true]);
      await mendLab(LAB, 'add-vip', undefined);
      expect([await vipOn('pg1'), await vipOn('pg2')]).toEqual([true, false]);
    });
  });
}
