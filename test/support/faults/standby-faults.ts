/** What faults of replication and replay must show. */
import { describe, expect, it } from 'vitest';
import { mendLab } from '../../../src/lab/faults/strike.ts';
import { eventually, output, sh } from '../lab.ts';
import { LAB, strike } from './fault-lab.ts';

/** Tried in the order in which they stand. */
export function standbyFaults(): void {
  describe('faults of a standby', () => {
    const sql = (host: string, text: string): Promise<string> =>
      output(LAB, host, `runuser -u postgres -- psql -XAtqc "${text}"`);
    const received = (): Promise<string> => sql('pg2', 'select pg_last_wal_receive_lsn()');
    const replayed = (): Promise<string> => sql('pg2', 'select pg_last_wal_replay_lsn()');

    it('freeze-receiver stops replication and leaves the standby readable, mend lets it go on', async () => {
      const streams = "select count(*) from pg_stat_wal_receiver where status = 'streaming'";
      // A clock that jumped may have ended the last receiver.
      await eventually('a receiver', async () => (await sql('pg2', streams)) === '1');
      await strike('freeze-receiver', 'pg2');
      const before = await received();
      await output(LAB, 'pg2', 'sleep 0.5');
      expect(await received()).toBe(before);
      await mendLab(LAB, 'freeze-receiver', 'pg2');
      await eventually('more WAL', async () => (await received()) !== before);
    });

    it('pause-replay leaves what is received unapplied, mend applies it', async () => {
      await strike('pause-replay');
      await eventually(
        'a pause',
        async () => (await sql('pg2', 'select pg_get_wal_replay_pause_state()')) === 'paused',
      );
      const before = { received: await received(), replayed: await replayed() };
      await eventually('more WAL', async () => (await received()) !== before.received);
      expect(await replayed()).toBe(before.replayed);
      await mendLab(LAB, 'pause-replay', undefined);
      await eventually('replay', async () => (await replayed()) !== before.replayed);
    });

    it('delay-replay holds commits back for an hour, mend applies them', async () => {
      const newest = (): Promise<string> =>
        output(LAB, 'pg2', 'runuser -u postgres -- psql -XAtq -d app -c "select max(id) from ledger"');
      await strike('delay-replay');
      await eventually(
        'the setting',
        async () => (await sql('pg2', 'show recovery_min_apply_delay')) === '1h',
      );
      const [row, wal] = [await newest(), await received()];
      await eventually('more WAL', async () => (await received()) !== wal);
      // One commit may have been past the check when the setting came.
      expect(Number(await newest())).toBeLessThanOrEqual(Number(row) + 1);
      await mendLab(LAB, 'delay-replay', undefined);
      await eventually('more rows', async () => Number(await newest()) > Number(row) + 1);
    });

    it('discarded-history leaves a history in the archive that every host sees, with the next number', async () => {
      const history = 'cat /var/lib/archive/00000002.history';
      expect((await sh(LAB, 'pg2', history)).kind).toBe('failed');
      await strike('discarded-history');
      expect(await output(LAB, 'pg2', history)).toBe('1\t0/1000000\tno recovery target specified');
      // It stays until somebody tidies up: the faults after this one want a standby that starts without filter.
      await output(LAB, 'pg2', 'rm /var/lib/archive/00000002.history');
    });

    it('write-much writes more than a failover may lose, mend drops it', async () => {
      const end = (): Promise<string> => sql('pg1', "select pg_current_wal_lsn() - '0/0'");
      const before = Number(await end());
      await strike('write-much');
      expect(Number(await end()) - before).toBeGreaterThan(32 * 1024 * 1024);
      await mendLab(LAB, 'write-much', undefined);
      const there = 'runuser -u postgres -- psql -XAtq -d app -c "select to_regclass(\'much\')"';
      expect(await output(LAB, 'pg1', there)).toBe('');
    });
  });
}
