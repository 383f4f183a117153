/** What faults made by sessions, and those that end sessions, must show. */
import { describe, expect, it } from 'vitest';
import { mendLab } from '../../../src/lab/faults/strike.ts';
import { eventually, output, sh } from '../lab.ts';
import { LAB, strike, writable } from './fault-lab.ts';

/** Tried in the order in which they stand. */
export function sessionFaults(): void {
  describe('faults of sessions', () => {
    const sql = (host: string, text: string): Promise<string> =>
      output(LAB, host, `runuser -u postgres -- psql -XAtqc "${text}"`);

    it('lock-heartbeat keeps others from the table sr_delay, mend lets them in', async () => {
      const update = `runuser -u postgres -- psql -XAtqc "set lock_timeout = 200; update sr_delay set sr_date = sr_date"`;
      await strike('lock-heartbeat', 'pg1');
      expect((await sh(LAB, 'pg1', update)).stderr).toContain('lock timeout');
      await mendLab(LAB, 'lock-heartbeat', 'pg1');
      expect((await sh(LAB, 'pg1', update)).kind).toBe('done');
    });

    it('busy-procedure commits in a loop, mend ends it', async () => {
      const rows = (): Promise<string> =>
        output(LAB, 'pg1', "runuser -u postgres -- psql -XAtq -d app -c 'select count(*) from busy'");
      await strike('busy-procedure', 'pg1');
      const before = await rows();
      await eventually('more rows', async () => Number(await rows()) > Number(before));
      await mendLab(LAB, 'busy-procedure', 'pg1');
      const after = await rows();
      expect(await rows()).toBe(after);
    });

    it('use-up-connections leaves none for an ordinary user, mend frees them', async () => {
      const held = (): Promise<string> =>
        sql('pg1', "select count(*) > 80 from pg_stat_activity where application_name = 'lab-leak'");
      await strike('use-up-connections', 'pg1');
      expect(await held()).toBe('t');
      await mendLab(LAB, 'use-up-connections', 'pg1');
      await eventually('free connections', async () => (await held()) === 'f');
    });

    it('kill-backend makes an ordinary primary restart all of them', async () => {
      const died = 'was terminated by signal 9';
      const log = (): Promise<string> => output(LAB, 'pg1', 'cat /var/log/postgresql/postgresql-15-main.log');
      const ready = 'database system is ready to accept connections';
      const timesLogged = async (text: string): Promise<number> => (await log()).split(text).length;
      const before = { died: await timesLogged(died), ready: await timesLogged(ready) };
      await strike('kill-backend', 'pg1');
      await eventually('its end in the log', async () => (await timesLogged(died)) > before.died);
      // The probe's last row may be from before: whoever stops the server while it restarts itself waits for a minute.
      await eventually('the restart in the log', async () => (await timesLogged(ready)) > before.ready);
      await eventually('pg1 writable', async () => (await writable()) === 'pg1');
      expect(await writable()).toBe('pg1');
    });

    it('restart-postgres starts another postmaster', async () => {
      const before = await output(LAB, 'pg1', 'head -n 1 /var/lib/postgresql/15/main/postmaster.pid');
      await strike('restart-postgres', 'pg1');
      expect(await output(LAB, 'pg1', 'head -n 1 /var/lib/postgresql/15/main/postmaster.pid')).not.toBe(
        before,
      );
      await eventually('pg1 writable', async () => (await writable()) === 'pg1');
    });
  });
}
