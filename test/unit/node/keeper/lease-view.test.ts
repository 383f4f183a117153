/** What the keeper takes from the lease service: the newest lease anybody knows, and how old the last word of its holder is. */
import { describe, expect, test } from 'vitest';
import { viewLease, votersSeen } from '../../../../src/node/keeper/lease-view.ts';
import type { LeaseService } from '../../../../src/node/lease/lease-service.ts';
import { leaseId, NOW, PG1, PG2, PG3 } from '../../../support/duty-snapshot.ts';
import { peer, service, view } from '../../../support/lease-views.ts';

const VOTERS = [PG1, PG2, PG3];
const FRESH_MS = 1_500;

const seen = (lease: LeaseService, lineage: readonly string[] = []) =>
  viewLease(lease, VOTERS, NOW, FRESH_MS, new Set(lineage), null);

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

  test('says that the newest lease was held here only where its uuid is of that lineage', () => {
    expect(seen(service(view(), []), ['uuid-3']).newestWasHeld).toBe(true);
    expect(seen(service(view(), []), ['uuid-2']).newestWasHeld).toBe(false);
    expect(seen(service(view({ lease: null }), []), ['uuid-3'])).toMatchObject({
      newest: null,
      newestWasHeld: false,
    });
  });
});
