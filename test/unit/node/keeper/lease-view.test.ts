/** What the keeper takes from the lease service: the newest lease anybody knows, and how old the last word of its holder is. */
import { describe, expect, test } from 'vitest';
import { viewLease, votersSeen, type Lineage } from '../../../../src/node/keeper/lease-view.ts';
import type { LeaseService } from '../../../../src/node/lease/lease-service.ts';
import { leaseId, NOW, PG1, PG2, PG3 } from '../../../support/duty-snapshot.ts';
import { peer, service, view } from '../../../support/lease-views.ts';

const VOTERS = [PG1, PG2, PG3];
const FRESH_MS = 1_500;

const seen = (lease: LeaseService, uuids: readonly string[] = [], held: Lineage['held'] = null) =>
  viewLease(lease, { self: PG2, voters: VOTERS }, NOW, FRESH_MS, { uuids: new Set(uuids), held }, null);

const notice = (number: number, waitMs: number) => ({
  number,
  waitMs,
  words: { reason: `work ${number}`, by: 'mira', until: '22:30' },
});

describe('a pause', () => {
  const standing = notice(1, 600_000);

  test('stands where one voter of the newest lease has it in writing', () => {
    const lease = service(view(), [peer(PG3, view({ pause: standing }))]);
    expect(seen(lease).pause).toBe('paused until 22:30 by mira: work 1');
  });

  test('does not stand once the newest word of it is its end, or its time has passed', () => {
    const ended = view({ pause: notice(2, 0) });
    expect(seen(service(view({ pause: standing }), [peer(PG3, ended)])).pause).toBeNull();
    expect(seen(service(view({ pause: notice(1, 0) }), [])).pause).toBeNull();
    expect(seen(service(view(), [peer(PG3, view({ pause: notice(1, 30) }))])).pause).toBeNull();
  });

  test('of an older lease, or of one that was given away, is none', () => {
    const newer = view({ lease: leaseId(PG3, 4) });
    expect(seen(service(view({ pause: standing }), [peer(PG3, newer)])).pause).toBeNull();
    const given = view({ transferredTo: PG2, pause: standing });
    expect(seen(service(given, [])).pause).toBeNull();
  });

  test('is for the holder what it asked for itself', () => {
    const base = service(view({ pause: standing }), []);
    const held = { ...base, held: () => leaseId(PG1), pauseNow: () => null };
    expect(seen(held).pause).toBeNull();
    const words = { reason: 'kernel', by: 'mira', until: '23:00' };
    const paused = { ...held, pauseNow: () => ({ untilMs: NOW, words, counts: false }) };
    expect(seen(paused).pause).toBe('paused until 23:00 by mira: kernel');
  });
});

describe('the view of the lease', () => {
  test('takes the newest lease that any fresh answer knows', () => {
    const newer = view({ lease: leaseId(PG3, 4), heardAgoMs: 20 });
    expect(seen(service(view(), [peer(PG3, newer)]))).toMatchObject({
      newest: { lease: leaseId(PG3, 4), transferredTo: null },
      holderHeardAt: NOW - 40 - 20,
    });
  });

  test('does not count an answer to a request of long ago, nor a voter that never answered', () => {
    const newer = view({ lease: leaseId(PG3, 4) });
    const old = service(view(), [peer(PG3, newer, 1_501), peer(PG1, null)]);
    expect(seen(old)).toMatchObject({ newest: { lease: leaseId(PG1) }, majoritySeen: false });
    expect(votersSeen(old, NOW, FRESH_MS)).toBe(1);
  });

  test('knows of a transfer as soon as one voter does', () => {
    const given = view({ transferredTo: PG2 });
    expect(seen(service(view(), [peer(PG3, given)])).newest).toEqual({
      lease: leaseId(PG1),
      transferredTo: PG2,
    });
  });

  test('has heard the holder when the last of the voters heard it', () => {
    const deaf = view({ heardAgoMs: null });
    expect(seen(service(deaf, [peer(PG3, view({ heardAgoMs: 500 }))])).holderHeardAt).toBe(NOW - 40 - 500);
    expect(seen(service(deaf, [])).holderHeardAt).toBeNull();
  });

  test('sees a majority only with enough fresh answers, its own among them', () => {
    expect(seen(service(view(), [])).majoritySeen).toBe(false);
    expect(seen(service(view(), [peer(PG3, view())])).majoritySeen).toBe(true);
  });

  test('is not what this node asked for in vain where another node has a lower epoch: that one may have written', () => {
    const claimed = view({ lease: leaseId(PG2, 5) });
    const elsewhere = peer(PG3, view({ lease: leaseId(PG3, 4) }));
    expect(seen(service(claimed, [elsewhere])).newest?.lease).toEqual(leaseId(PG3, 4));
    const continued = seen(service(claimed, [elsewhere]), ['uuid-2', 'uuid-5'], { uuid: 'uuid-2', epoch: 2 });
    expect(continued).toMatchObject({ newest: { lease: leaseId(PG3, 4) }, newestWasHeld: false });
  });

  test('is not a higher epoch of an own lease that no majority granted either, until one has', () => {
    const raised = view({ lease: { ...leaseId(PG2, 3), epoch: 5 } });
    const elsewhere = service(raised, [peer(PG3, view({ lease: leaseId(PG3, 4) }))]);
    const before = seen(elsewhere, ['uuid-3'], { uuid: 'uuid-3', epoch: 3 });
    expect(before).toMatchObject({ newest: { lease: { holder: PG3 } }, newestWasHeld: false });
    const after = seen(elsewhere, ['uuid-3'], { uuid: 'uuid-3', epoch: 5 });
    expect(after).toMatchObject({ newest: { lease: { holder: PG2, epoch: 5 } }, newestWasHeld: true });
  });

  test('is what this node asked for where no other is known, and what it gave away always', () => {
    const claimed = service(view({ lease: leaseId(PG2, 5) }), []);
    expect(seen(claimed, ['uuid-2', 'uuid-5'], { uuid: 'uuid-2', epoch: 2 })).toMatchObject({
      newest: { lease: leaseId(PG2, 5) },
      newestWasHeld: true,
    });
    const given = service(view({ lease: leaseId(PG2, 5), transferredTo: PG1 }), [peer(PG3, view())]);
    expect(seen(given).newest).toEqual({ lease: leaseId(PG2, 5), transferredTo: PG1 });
  });

  test('says that the newest lease was held here only where its uuid is of that lineage', () => {
    expect(seen(service(view(), []), ['uuid-3']).newestWasHeld).toBe(true);
    expect(seen(service(view(), []), ['uuid-2']).newestWasHeld).toBe(false);
    expect(seen(service(view({ lease: null }), []), ['uuid-3'])).toMatchObject({
      newest: null,
      newestWasHeld: false,
    });
  });
});
