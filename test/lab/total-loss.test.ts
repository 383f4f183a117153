/** A total loss: primary and witness lose their power, the standby may not take over, and a person makes it primary without the voters. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDown } from '../../src/lab/down.ts';
import { breakLab, mendLab } from '../../src/lab/faults/strike.ts';
import { labAccount } from '../../src/lab/measure/account.ts';
import { holdsAddress } from '../../src/lab/measure/addresses.ts';
import { firingAlerts } from '../../src/lab/measure/alerts.ts';
import { readBeats, writableNow } from '../../src/lab/measure/beats.ts';
import { healthProblem } from '../../src/lab/measure/health.ts';
import { labStatus } from '../../src/lab/measure/status.ts';
import type { ProductLab } from '../../src/lab/state.ts';
import { eventually, output, sh, startLab } from '../support/lab.ts';

describe('a cluster whose primary and witness are gone', () => {
  const LAB = 'test-total-loss';
  const HEALTHY_LIMIT_MS = 90_000;
  let lab: ProductLab;
  let identifier = '';
  const writable = async (): Promise<readonly string[]> => writableNow(await readBeats(LAB), Date.now());
  const force = (confirm: string): Promise<{ readonly kind: string }> =>
    sh(
      LAB,
      'pg2',
      `primacy start --force-primary --reason 'pg1 and the witness burnt down' --confirm ${confirm}`,
    );
  const isOverridden = async (): Promise<boolean> =>
    (await output(LAB, 'pg2', 'cat /run/primacy/override || echo none')) !== 'none';

  beforeAll(async () => {
    // What the lost primary had not sent is in a bundle when it comes back; `auto` plays the person who approves its rejoin.
    lab = await startLab(LAB, { policy: 'auto' });
    const statement = 'select system_identifier from pg_control_system()';
    identifier = await output(LAB, 'pg2', `runuser -u postgres -- psql -XAtc '${statement}'`);
  });
  afterAll(() => labDown(LAB));

  it('has no primary beside the one that lives, whoever insists', async () => {
    expect(await force(identifier)).toMatchObject({ kind: 'failed', exitCode: 10 });
    expect(healthProblem(await labStatus(LAB))).toBeNull();
  });

  it('has no primary at all after that: the standby hears no majority', async () => {
    await breakLab(LAB, 'power-off', 'witness', []);
    await breakLab(LAB, 'power-off', 'pg1', []);
    await eventually('nobody writable', async () => (await writable()).length === 0);
    expect(await sh(LAB, 'pg2', 'primacy node promote')).toMatchObject({ kind: 'failed', exitCode: 10 });
  });

  it('is served by the standby that a person forces, with the right number, and an alert says so', async () => {
    expect(await force('7')).toMatchObject({ kind: 'failed', exitCode: 10 });
    // It is refused as long as the old holder was heard just now.
    await eventually('the override', async () => (await force(identifier)).kind === 'done');
    await eventually('the VIP on pg2', () => holdsAddress(LAB, 'pg2', lab.vip));
    await eventually('pg2 writable', async () => (await writable()).join() === 'pg2');
    await eventually('the alert', async () =>
      (await firingAlerts(lab.prometheus)).some((alert) => alert.name === 'LeaseOverridden'),
    );
  });

  it('is an ordinary cluster again with the voters that come back, and every acknowledged row is somewhere', async () => {
    await mendLab(LAB, 'power-off', 'witness');
    await eventually('the end of the override', async () => !(await isOverridden()));
    expect(await writable()).toEqual(['pg2']);
    await mendLab(LAB, 'power-off', 'pg1');
    await eventually(
      'a healthy cluster',
      async () => healthProblem(await labStatus(LAB)) === null,
      HEALTHY_LIMIT_MS,
    );
    expect(await writable()).toEqual(['pg2']);
    expect(await labAccount(LAB)).toMatchObject({ nowhere: 0 });
  });
});
