/** Each fault does what its name says and nothing else, and what can be undone is undone. Agents and responder only watch until the guards are there to be broken. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDown } from '../../src/lab/down.ts';
import { faults } from '../../src/lab/faults/catalogue.ts';
import { breakLab, mendLab } from '../../src/lab/faults/strike.ts';
import { hostInit } from '../../src/lab/hosts/processes.ts';
import { labStatus } from '../../src/lab/measure/status.ts';
import { hostNamed, topologyOf } from '../../src/lab/topology.ts';
import { LAB, proven, reaches, states, strike, writable } from '../support/faults/fault-lab.ts';
import { cascadeFault } from '../support/faults/cascade-fault.ts';
import { clockFaults } from '../support/faults/clock-faults.ts';
import { guardFaults } from '../support/faults/guard-faults.ts';
import { keepalivedFaults } from '../support/faults/keepalived-faults.ts';
import { loadFaults } from '../support/faults/load-faults.ts';
import { lineFaults } from '../support/faults/line-faults.ts';
import { sessionFaults } from '../support/faults/session-faults.ts';
import { standbyFaults } from '../support/faults/standby-faults.ts';
import { eventually, output, sh, startLab } from '../support/lab.ts';

beforeAll(async () => {
  await startLab(LAB, {
    policy: 'observe',
    adopt: false,
    diskMegabytes: 500,
    fakeClocks: true,
    archive: true,
  });
});
afterAll(() => labDown(LAB));

clockFaults();

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

sessionFaults();

standbyFaults();

keepalivedFaults();

loadFaults();

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

  it.each([
    ['cut-line', 1],
    ['cut-client-line', 0],
  ])('%s pulls the cable of one network and leaves the other', async (fault, network) => {
    const address = (host: string, which: number): string =>
      hostNamed(topologyOf(LAB, 2), host).addresses[which] ?? '';
    await strike(fault, 'pg2');
    expect(await reaches('pg2', address('pg1', network))).toBe(false);
    expect(await reaches('pg2', address('pg1', 1 - network))).toBe(true);
    await mendLab(LAB, fault, 'pg2');
    await eventually('the line', () => reaches('pg2', address('pg1', network)));
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
});

lineFaults();

guardFaults();

cascadeFault();

describe('the list of faults', () => {
  it('has no fault that no test above has made', () => {
    expect([...faults.keys()].filter((fault) => !proven.has(fault))).toEqual([]);
  });

  it('names all faults to somebody who asks for another', async () => {
    await expect(breakLab(LAB, 'earthquake', 'pg1', [])).rejects.toThrow(/kill-postgres/);
  });
});
