/** What a jump of a host's wall clock must show: PostgreSQL and agent tell another time, and only there. */
import { describe, expect, it } from 'vitest';
import { mendLab } from '../../../src/lab/faults/strike.ts';
import { output } from '../lab.ts';
import { LAB, strike } from './fault-lab.ts';

/** Before any fault that makes somebody else start the services again. */
export function clockFaults(): void {
  describe('faults of the wall clock', () => {
    const seconds = async (host: string, line: string): Promise<number> =>
      Number(await output(LAB, host, line));
    const ofPostgres =
      'runuser -u postgres -- psql -XAtqc "select round(extract(epoch from clock_timestamp()))"';
    const ofAgent = `date +%s -d "$(curl -si -m 2 http://127.0.0.1:10187/-/healthy | sed -n 's/^[Dd]ate: //p')"`;
    /** Rounded to minutes: a look takes a moment. */
    const minutesOff = async (host: string): Promise<readonly number[]> => {
      const off = [await seconds(host, ofPostgres), await seconds(host, ofAgent)].map(
        (told) => told - Date.now() / 1_000,
      );
      return off.map((apart) => Math.round(apart / 60) + 0);
    };

    it.each([
      ['clock-forward', 60],
      ['clock-backward', -60],
    ])('%s sets the clock of PostgreSQL and agent, mend sets it right', async (fault, minutes) => {
      expect(await minutesOff('pg2')).toEqual([0, 0]);
      await strike(fault, 'pg2');
      // Node keeps the text of its date header for a second.
      await expect.poll(() => minutesOff('pg2'), { timeout: 10_000 }).toEqual([minutes, minutes]);
      expect(await minutesOff('pg1')).toEqual([0, 0]);
      const environment = 'tr "\\0" "\\n" <"/proc/$(pgrep -o -x keepalived)/environ"';
      expect(await output(LAB, 'pg2', environment)).toContain('libfaketime');
      await mendLab(LAB, fault, 'pg2');
      await expect.poll(() => minutesOff('pg2'), { timeout: 10_000 }).toEqual([0, 0]);
    });
  });
}
