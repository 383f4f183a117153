/** Drills about an archive that all hosts share, and what somebody left in it. */
import { PrimacyError } from '../../../core/model/primacy-error.ts';
import { ARCHIVE_FOLDER } from '../../configure/postgres.ts';
import { poweredInit, runInside } from '../../hosts/enter.ts';
import type { Drill } from '../drill.ts';
import { QUICK_TAKEOVER } from './shapes.ts';

export const archiveDrills: readonly (readonly [string, Drill])[] = [
  [
    'discarded-history',
    {
      summary:
        'the shared archive has the history of a discarded timeline: the standby starts and takes over all the same, under another number',
      endsOn: 'pg2',
      twoPrimaries: false,
      mayAlert: QUICK_TAKEOVER,
      lab: { archive: true },
      story: async (stage) => {
        await stage.strike('discarded-history', 'pg1');
        // A server that starts is the one that would stop at such a file.
        await stage.strike('kill-postgres', 'pg2');
        await stage.wholeAgain();
        await stage.ready('pg2');
        stage.newAct();
        await stage.strike('kill-postgres', 'pg1');
        await stage.takenOver('pg2');
        await stage.whole();
        stage.count('timeline', await timelineOf(stage.lab.name, 'pg2'));
      },
    },
  ],
];

/** Throws where the new primary took the number of the discarded timeline. */
async function timelineOf(lab: string, host: string): Promise<number> {
  const init = await poweredInit(lab, host);
  const text = await runInside(init, {
    program: 'psql',
    arguments: ['-XAtqc', 'select substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)'],
    user: 'postgres',
    timeoutMs: 10_000,
  });
  const history = await runInside(init, {
    program: 'cat',
    arguments: [`${ARCHIVE_FOLDER}/00000002.history`],
    timeoutMs: 5_000,
  });
  const timeline = Number.parseInt(text.trim(), 16);
  if (timeline !== 2 && history.includes('0/1000000')) return timeline;
  throw new PrimacyError(
    'postcondition-missing',
    `cannot accept timeline ${timeline} of ${host}: the archive says of timeline 2: ${history.trim()}`,
  );
}
