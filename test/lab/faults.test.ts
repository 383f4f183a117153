/** Each fault does what its name says and nothing else, and what can be undone is undone. The responder only watches. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { labDown } from '../../src/lab/down.ts';
import { faults } from '../../src/lab/faults/catalogue.ts';
import { breakLab, mendLab } from '../../src/lab/faults/strike.ts';
import { holdsAddress } from '../../src/lab/measure/addresses.ts';
import { readBeats, writableNow } from '../../src/lab/measure/beats.ts';
import { hostInit } from '../../src/lab/hosts/processes.ts';
import { labStatus } from '../../src/lab/measure/status.ts';
import type { LabState } from '../../src/lab/state.ts';
import { eventually, output, sh, startLab } from '../support/lab.ts';

const LAB = 'test-faults';
const proven = new Set<string>();
let lab: LabState;

async function strike(fault: string, host?: string, others: readonly string[] = []): Promise<void> {
  proven.add(fault);
  await breakLab(LAB, fault, host, others);
}

/** States of processes by name, such as `S` or `T` (stopped), one letter each. */
async function states(host: string, pattern: string): Promise<string> {
  const line = `for p in $(${pattern}); do sed 's/.*) \\(.\\).*/\\1/' /proc/$p/stat; done | tr -d '\\n'`;
  return output(LAB, host, line);
}

const writable = async (): Promise<string> => writableNow(await readBeats(LAB), Date.now()).join(' ');
const vipOn = (host: string): Promise<boolean> => holdsAddress(LAB, host, lab.vip);
const reaches = async (from: string, to: string): Promise<boolean> =>
  (await sh(LAB, from, `ping -c 1 -W 1 ${to}`)).kind === 'done';

beforeAll(async () => {
  lab = await startLab(LAB, { policy: 'observe' });
});
afterAll(() => labDown(LAB));

describe('faults of PostgreSQL', () => {
  it('stop-postgres stops every process of the data directory, mend lets them go on', async () => {
    await strike('stop-postgres', 'pg1');
    expect(await states('pg1', 'pgrep -x postgres')).toMatch(/^T+$/);
    await eventually('nobody writable', async () => (await writable()) === '');
    await mendLab(LAB, 'stop-postgres', 'pg1');
    await eventually('pg1 writable', async () => (await writable()) === 'pg1');
  });

  it('stop-postmaster stops the postmaster alone', async () => {
    await strike('stop-postmaster', 'pg1');
    expect(await states('pg1', 'pgrep -o -x postgres')).toBe('T');
    expect(await states('pg1', 'pgrep -x postgres')).toMatch(/[SDR]/);
    await mendLab(LAB, undefined, undefined);
    expect(await states('pg1', 'pgrep -o -x postgres')).not.toBe('T');
  });

  it('kill-postgres kills the postmaster with signal 9, mend starts it again', async () => {
    const before = await output(LAB, 'pg1', 'head -n 1 /var/lib/postgresql/15/main/postmaster.pid');
    await strike('kill-postgres', 'pg1');
    expect((await sh(LAB, 'pg1', `kill -0 ${before}`)).kind).toBe('failed');
    await eventually('no orphan', async () => (await sh(LAB, 'pg1', 'pgrep -x postgres')).kind === 'failed');
    await mendLab(LAB, 'kill-postgres', 'pg1');
    await eventually('pg1 writable', async () => (await writable()) === 'pg1');
  });
});

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

  it('drop-vrrp drops advertisements and nothing else', async () => {
    // keepalived itself counts nothing while it is held in FAULT, so the kernel of pg2 counts what arrives.
    await output(
      LAB,
      'pg2',
      `nft 'add table inet seen; add chain inet seen arriving { type filter hook input priority 0; }; add rule inet seen arriving ip protocol 112 counter'`,
    );
    const received = async (): Promise<number> =>
      Number(/packets (\d+)/.exec(await output(LAB, 'pg2', 'nft list chain inet seen arriving'))?.[1]);
    const first = await received();
    await eventually('advertisements arrive', async () => (await received()) > first);
    await strike('drop-vrrp', 'pg1');
    const dropped = await received();
    expect(await reaches('pg2', 'pg1')).toBe(true);
    await output(LAB, 'pg2', 'sleep 0.5');
    expect(await received()).toBeLessThanOrEqual(dropped + 1);
    await mendLab(LAB, 'drop-vrrp', 'pg1');
    await eventually('advertisements arrive again', async () => (await received()) > dropped + 1);
    await output(LAB, 'pg2', 'nft delete table inet seen');
  });
});

describe('faults of the agent', () => {
  const answers = async (): Promise<boolean> =>
    (await sh(LAB, 'pg2', 'curl -s -f -m 1 -o /dev/null http://127.0.0.1:10187/-/healthy')).kind === 'done';

  it('stop-agent stops it, mend lets it go on', async () => {
    expect(await answers()).toBe(true);
    await strike('stop-agent', 'pg2');
    expect(await answers()).toBe(false);
    await mendLab(LAB, 'stop-agent', 'pg2');
    await eventually('the agent answers', answers);
  });

  it('kill-agent kills it, mend starts it again', async () => {
    await strike('kill-agent', 'pg2');
    expect(await answers()).toBe(false);
    await mendLab(LAB, 'kill-agent', 'pg2');
    await eventually('the agent answers', answers);
  });
});

describe('faults of the network and of power', () => {
  it('partition cuts a host, and those named with it, from all others on both networks', async () => {
    await strike('partition', 'pg2', ['witness']);
    expect(await reaches('pg2', 'witness')).toBe(true);
    expect(await reaches('pg1', 'mon')).toBe(true);
    expect(await reaches('pg2', 'pg1')).toBe(false);
    expect(await reaches('witness', 'mon')).toBe(false);
    const second = (await labStatus(LAB)).hosts
      .find((host) => host.name === 'pg1')
      ?.address.replace(/\.(\d+)\.11$/, (_all, net: string) => `.${Number(net) + 1}.11`);
    expect(await reaches('pg2', second ?? '')).toBe(false);
    await mendLab(LAB, 'partition', undefined);
    expect(await reaches('pg2', 'pg1')).toBe(true);
    expect(await reaches('pg2', second ?? '')).toBe(true);
  });

  it('power-off ends everything on a host, power-on starts it blindly', async () => {
    await strike('power-off', 'pg2');
    expect(await hostInit(LAB, 'pg2')).toBeNull();
    const off = (await labStatus(LAB)).hosts.find((host) => host.name === 'pg2');
    expect(off).toMatchObject({ powered: false, role: 'down', vrrp: 'down', holdsVip: false, agent: false });
    await strike('power-on', 'pg2');
    await eventually('pg2 streams again', async () => {
      const { hosts } = await labStatus(LAB);
      return hosts.some((host) => host.name === 'pg2' && host.streamingFrom === 'pg1' && host.agent === true);
    });
  });

  it('promote-standby makes a second primary', async () => {
    await strike('promote-standby');
    await eventually('two writable hosts', async () => (await writable()) === 'pg1 pg2');
    expect((await labStatus(LAB)).writable).toEqual(['pg1', 'pg2']);
  });
});

describe('the list of faults', () => {
  it('has no fault that no test above has made', () => {
    expect([...faults.keys()].filter((fault) => !proven.has(fault))).toEqual([]);
  });

  it('names all faults to somebody who asks for another', async () => {
    await expect(breakLab(LAB, 'earthquake', 'pg1', [])).rejects.toThrow(/kill-postgres/);
  });
});
