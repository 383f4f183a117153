/** The other labs that `up` can build, each by the story that sets it apart: without an agent, with a synchronous standby, with the article's times. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDown } from '../../src/lab/down.ts';
import { breakLab, mendLab } from '../../src/lab/faults/strike.ts';
import { labAccount } from '../../src/lab/measure/account.ts';
import { readAcknowledgements } from '../../src/lab/measure/acknowledgements.ts';
import { holdsAddress } from '../../src/lab/measure/addresses.ts';
import { readBeats, writableNow } from '../../src/lab/measure/beats.ts';
import { healthProblem } from '../../src/lab/measure/health.ts';
import { labStatus } from '../../src/lab/measure/status.ts';
import { productLab, type LabState, type ProductLab } from '../../src/lab/state.ts';
import { eventually, output, startLab, startLabWithoutAgent } from '../support/lab.ts';

const psql = (lab: string, host: string, sql: string): Promise<string> =>
  output(lab, host, `runuser -u postgres -- psql -XAtc "${sql}"`);

describe('a lab without an agent, on a slow network', () => {
  const LAB = 'test-no-agent';
  const JITTER_MS = 20;
  let lab: LabState;

  beforeAll(async () => {
    lab = await startLabWithoutAgent(LAB, JITTER_MS);
  });
  afterAll(() => labDown(LAB));

  it('is a healthy pair in which nothing of Primacy runs and nobody watches', async () => {
    const status = await labStatus(LAB);
    expect(healthProblem(status)).toBeNull();
    expect(status).toMatchObject({ page: null, prometheus: null, alertmanager: null });
    const nodes = status.hosts.filter((host) => host.agent !== null);
    expect(nodes.map((host) => [host.name, host.agent, host.vrrp])).toEqual([
      ['pg1', false, 'MASTER'],
      ['pg2', false, 'BACKUP'],
      ['witness', false, null],
    ]);
    expect(() => productLab(lab)).toThrow(/has none, it was built with --no-agent/);
  });

  it('holds every frame up, some more and some less', async () => {
    const pings = await output(LAB, 'pg1', 'ping -q -c 50 -i 0.02 pg2');
    const [, least, mean, most] = (/ = ([\d.]+)\/([\d.]+)\/([\d.]+)\//.exec(pings) ?? []).map(Number);
    // There and back through two relays each; a cable alone takes less than a tenth of a millisecond.
    expect(mean).toBeGreaterThan(JITTER_MS / 2);
    expect((most ?? 0) - (least ?? 0)).toBeGreaterThan(JITTER_MS / 4);
  });

  it("runs the article's check, which writes the heartbeat", async () => {
    const beat = (): Promise<string> => psql(LAB, 'pg1', 'select sr_date from sr_delay where id = 1');
    const before = await beat();
    await eventually('a later heartbeat', async () => (await beat()) !== before);
    expect(await output(LAB, 'pg1', 'cat /etc/keepalived/log/pg_status.log')).toContain('Success');
    expect(await output(LAB, 'pg2', 'cat /etc/keepalived/log/pg_status.log')).toContain('standby DB');
  });

  it('accounts for every acknowledged row', async () => {
    const account = await labAccount(LAB);
    expect(account.acknowledged).toBeGreaterThan(0);
    expect(account).toMatchObject({ onPrimary: account.acknowledged, nowhere: 0, bundles: [] });
  });

  it('has no agent that could be killed', async () => {
    await expect(breakLab(LAB, 'kill-agent', 'pg1', [])).rejects.toThrow(/no agent runs/);
  });

  it('moves the VIP to a standby that its script then cannot promote, and nobody is writable', async () => {
    await breakLab(LAB, 'power-off', 'pg1', []);
    await eventually('the VIP on pg2', () => holdsAddress(LAB, 'pg2', lab.vip));
    await eventually('the end of failover.sh', async () =>
      (await output(LAB, 'pg2', 'cat /etc/keepalived/log/failover.log')).includes('failed to switch'),
    );
    expect(await psql(LAB, 'pg2', 'select pg_is_in_recovery()')).toBe('t');
    expect(writableNow(await readBeats(LAB), Date.now())).toEqual([]);
  });

  it('boots again blindly, and the VIP stays on the standby', async () => {
    await mendLab(LAB, 'power-off', 'pg1');
    await eventually('pg2 streams', async () => {
      const { hosts } = await labStatus(LAB);
      return hosts.some((host) => host.name === 'pg2' && host.streamingFrom === 'pg1');
    });
    const { hosts } = await labStatus(LAB);
    expect(hosts.filter((host) => host.agent === true)).toEqual([]);
    expect(hosts.filter((host) => host.holdsVip).map((host) => `${host.name} ${host.role}`)).toEqual([
      'pg2 standby',
    ]);
  });
});

// One lab for both: with the article's times, most of a minute is spent on waiting for Prometheus.
describe("a lab with a synchronous standby and the article's times", () => {
  const LAB = 'test-sync';
  let lab: ProductLab;
  const acknowledged = async (): Promise<number> => (await readAcknowledgements(LAB)).length;

  beforeAll(async () => {
    lab = await startLab(LAB, { sync: true, profile: 'article', policy: 'observe' });
  });
  afterAll(() => labDown(LAB));

  it('is healthy, and the standby is synchronous', async () => {
    expect(healthProblem(await labStatus(LAB))).toBeNull();
    const standbys = 'select application_name, sync_state from pg_stat_replication';
    expect(await psql(LAB, 'pg1', standbys)).toBe('pg2|sync');
  });

  it('runs every program with those times', async () => {
    const configuration = async (base: string, path: string): Promise<string> =>
      (await fetch(`${base}${path}`)).text();
    const prometheus = await configuration(lab.prometheus, '/api/v1/status/config');
    expect(prometheus).toContain('scrape_interval: 15s');
    expect(prometheus).toContain('evaluation_interval: 15s');
    expect(await configuration(lab.alertmanager, '/api/v2/status')).toContain('group_wait: 30s');
    expect(await output(LAB, 'pg1', 'cat /etc/keepalived/keepalived.conf')).toContain('advert_int 1\n');
    expect(await output(LAB, 'pg1', 'cat /etc/primacy/primacy.yml')).toContain('interval: 5\n');
  });

  it('acknowledges nothing while the standby stands still, though the primary stays writable', async () => {
    await breakLab(LAB, 'stop-postgres', 'pg2', []);
    const waiting =
      "select count(*) > 0 from pg_stat_activity where wait_event = 'SyncRep' and application_name = 'lab-client'";
    await eventually('a commit that waits', async () => (await psql(LAB, 'pg1', waiting)) === 't');
    const before = await acknowledged();
    await output(LAB, 'client', 'sleep 1');
    expect(await acknowledged()).toBe(before);
    expect(writableNow(await readBeats(LAB), Date.now())).toEqual(['pg1']);
    await mendLab(LAB, 'stop-postgres', 'pg2');
    await eventually('a row acknowledged', async () => (await acknowledged()) > before);
    expect(await labAccount(LAB)).toMatchObject({ nowhere: 0 });
  });
});
