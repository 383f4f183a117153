/** What is unusual about a cluster is refused or said before a node is handed over, in words that tell what to change. */
import { expect, test } from 'vitest';
import {
  judgeAdoptable,
  type AdoptionFacts,
  type Login,
} from '../../../../src/core/guard/judge-adoptable.ts';

const LOGIN: Login = { to: 'pg2', address: '192.0.2.12', way: 'sql', answer: 'let-in', detail: 'as it said' };
const PLAIN: AdoptionFacts = {
  self: 'pg1',
  role: 'primary',
  settings: {
    hot_standby: 'on',
    max_wal_senders: '10',
    wal_keep_size: '128',
    restore_command: '',
    primary_slot_name: 'pg1',
  },
  others: 2,
  logins: [LOGIN, { ...LOGIN, way: 'replication' }],
  slots: [],
  includedFiles: [],
  noBackup: null,
  keepalived: [],
};
const settings = (changes: Readonly<Record<string, string>>): Partial<AdoptionFacts> => ({
  settings: { ...PLAIN.settings, ...changes },
});
const login = (changes: Partial<Login>): Partial<AdoptionFacts> => ({ logins: [{ ...LOGIN, ...changes }] });

test('an ordinary node has nothing to be said of', () => {
  expect(judgeAdoptable(PLAIN)).toEqual({ refusals: [], notices: [] });
});

test.each([
  ['hot_standby off', settings({ hot_standby: 'off' }), 'hot_standby is off'],
  [
    'too few senders',
    settings({ max_wal_senders: '1' }),
    'max_wal_senders is 1: 2 standbys could not follow',
  ],
  [
    'a login that is refused',
    login({ answer: 'rejected' }),
    'pg2 does not let the role in by SQL at 192.0.2.12: as it said',
  ],
  [
    'no line for replication',
    login({ answer: 'rejected', way: 'replication' }),
    'needs a line "host replication"',
  ],
  [
    'an own address without a listener',
    login({ to: 'pg1', answer: 'refused' }),
    'add it to listen_addresses',
  ],
  ['what keepalived must not have', { keepalived: ['it carries more'] }, 'it carries more'],
])('%s is refused', (_what, changes, words) => {
  const { refusals, notices } = judgeAdoptable({ ...PLAIN, ...changes });
  expect(refusals.join()).toContain(words);
  expect(notices).toEqual([]);
});

test.each([
  ['no senders left for a backup', settings({ max_wal_senders: '3' }), 'a base backup for a rejoin needs 2'],
  ['no WAL kept', settings({ wal_keep_size: '0' }), 'comes back by a base backup'],
  ['a standby with a slot', { role: 'standby' }, 'this standby streams by slot pg1'],
  [
    'another node that is down',
    login({ answer: 'refused' }),
    'whether pg2 lets this node in (sql, 192.0.2.12) could not be seen',
  ],
  ['a silent one', login({ answer: 'silent' }), 'could not be seen: as it said'],
  [
    'a file in the data directory',
    { includedFiles: ['/data/conf.d/a.conf'] },
    '/data/conf.d/a.conf lies in the data directory',
  ],
  ['a mount point', { noBackup: 'nothing can take its place' }, 'nothing can take its place'],
  [
    'a logical slot',
    {
      slots: [
        {
          name: 'orders',
          type: 'logical',
          plugin: 'pgoutput',
          database: 'shop',
          active: true,
          heldBytes: 0,
          confirmedLsn: '0/1',
          usedBy: null,
        },
      ],
    },
    'logical slot orders does not survive a change of primary',
  ],
] as const)('%s is said', (_what, changes, words) => {
  const { refusals, notices } = judgeAdoptable({ ...PLAIN, ...changes });
  expect(refusals).toEqual([]);
  expect(notices.join()).toContain(words);
});

test('WAL that an archive gives back needs not be kept', () => {
  const { notices } = judgeAdoptable({
    ...PLAIN,
    ...settings({ wal_keep_size: '0', restore_command: 'cp' }),
  });
  expect(notices).toEqual([]);
});
