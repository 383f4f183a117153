/** Who may pause the cluster and end a pause, and what everybody else is told. */
import { expect, test } from 'vitest';
import { whyNoPause, whyNoResume } from '../../../../src/core/guard/judge-pause.ts';
import { known } from '../../../../src/core/model/known.ts';
import { holderSnapshot, leaseId, NOW, PG2, standbySnapshot } from '../../../support/duty-snapshot.ts';

const pause = 'paused until 22:30 by mira: kernel update';

test('the holder may pause, whatever becomes of its server', () => {
  expect(whyNoPause(holderSnapshot())).toBeNull();
  expect(whyNoPause(holderSnapshot({ server: { state: 'none' } }))).toBeNull();
});

test('a standby says where to ask', () => {
  expect(whyNoPause(standbySnapshot())).toMatchObject({
    code: 'not-holder',
    reason: 'pg1 holds the lease: run "primacy pause" there',
  });
  expect(whyNoResume(standbySnapshot({ lease: { pause } }))).toMatchObject({
    code: 'not-holder',
    reason: 'pg1 holds the lease: run "primacy resume" there',
  });
});

test('a holder that is not heard has to come back to end its pause', () => {
  const lease = { pause, holderHeardAt: NOW - 60_000 };
  expect(whyNoResume(standbySnapshot({ lease }))).toMatchObject({
    code: 'not-holder',
    reason: expect.stringContaining('pg1 had the lease last and is not heard') as string,
  });
});

test('without a holder there is nothing to lengthen', () => {
  for (const newest of [null, { lease: leaseId(PG2), transferredTo: null }])
    expect(whyNoPause(standbySnapshot({ lease: { newest } }))).toMatchObject({ code: 'not-holder' });
});

test('neither is a lease by an override, or a node that was not adopted', () => {
  expect(whyNoPause(holderSnapshot({ lease: { forced: true } }))).toMatchObject({ code: 'forced' });
  expect(whyNoPause(holderSnapshot({ rest: { adopted: known(false) } }))).toMatchObject({
    code: 'not-adopted',
  });
});

test('only a pause that stands can be ended', () => {
  expect(whyNoResume(holderSnapshot())).toEqual({ code: 'not-paused', reason: 'nothing is paused' });
  expect(whyNoResume(holderSnapshot({ lease: { pause } }))).toBeNull();
});
