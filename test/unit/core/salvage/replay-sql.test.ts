/** What a row becomes for `copy`; that the SQL does what it says is tried on real servers. */
import { expect, test } from 'vitest';
import { replayLine, type ReplayRelation } from '../../../../src/core/salvage/replay-sql.ts';
import { LONG_VALUE, withoutUnchanged, type SalvagedRow } from '../../../../src/core/salvage/salvaged-row.ts';

const RELATION: ReplayRelation = { relation: 'public.t', columns: ['id', 'v'], key: ['id'] };
const ROW: SalvagedRow = {
  bundle: 'r-1',
  database: 'postgres',
  relation: 'public.t',
  action: 'update',
  before: { id: '1', v: 'old' },
  after: { id: '1', v: 'new' },
  xid: 10,
  at: null,
  place: { file: 7, block: 3, offset: 4 },
};
const read = (line: string | null): unknown => JSON.parse((line ?? '').replaceAll('\\\\', '\\'));

test('values come in the order of the columns, generated ones left out', () => {
  const line = replayLine(
    { ...ROW, after: { id: '1', generated: 'x', v: 'tab\t "quoted" back\\slash\n' } },
    RELATION,
  );
  expect(line).toMatch(/^[^\t]*\n$/);
  expect(read(line)).toMatchObject({
    before: ['1', 'old'],
    after: ['1', 'tab\t "quoted" back\\slash\n'],
    file: '7',
    place: '(3,4)',
  });
});

test('a deleted row that nobody has any more cannot be replayed', () => {
  expect(replayLine({ ...ROW, action: 'delete', before: null, after: null }, RELATION)).toBeNull();
});

test('a long value that was not changed is in neither version, and is not compared', () => {
  const long = 'x'.repeat(LONG_VALUE + 1);
  const row = withoutUnchanged({ ...ROW, before: { id: '1', v: long }, after: { id: '2', v: long } });
  expect(row).toMatchObject({ before: { id: '1' }, after: { id: '2' }, unchanged: ['v'] });
  expect(read(replayLine(row, RELATION))).toMatchObject({ columns: ['id'], before: ['1'], after: ['2'] });
});

test('a column that one version does not have makes that version unknown', () => {
  expect(read(replayLine({ ...ROW, before: { id: '1' } }, RELATION))).toMatchObject({ before: null });
});
