/** A suspended setting comes back as soon as that makes nobody wait, and not before. */
import { describe, expect, test } from 'vitest';
import {
  decideSynchronous,
  type SynchronousSnapshot,
} from '../../../../src/core/guard/decide-synchronous.ts';
import type { WalSender } from '../../../../src/core/model/observation.ts';

const sender = (applicationName: string, state = 'streaming'): WalSender => ({
  applicationName,
  clientAddress: null,
  state,
  syncState: 'async',
  replayLsn: null,
});

const decide = (changes: Partial<SynchronousSnapshot>): string =>
  decideSynchronous({
    inRecovery: false,
    inForce: '',
    suspended: 'FIRST 1 (pg1, pg3)',
    senders: [],
    ...changes,
  }).kind;

describe('a primary', () => {
  test('gets it back when as many standbys of its set stream as a commit waits for', () => {
    expect(decide({})).toBe('stay-suspended');
    expect(decide({ senders: [sender('pg1', 'catchup')] })).toBe('stay-suspended');
    expect(decide({ senders: [sender('pg4')] })).toBe('stay-suspended');
    expect(decide({ senders: [sender('PG3')] })).toBe('restore');
    const two = 'ANY 2 (pg1, pg3)';
    expect(decide({ suspended: two, senders: [sender('pg1')] })).toBe('stay-suspended');
    expect(decide({ suspended: two, senders: [sender('pg1'), sender('pg3')] })).toBe('restore');
  });

  test('keeps what cannot be read for a person', () => {
    expect(decide({ suspended: 'FIRST', senders: [sender('FIRST')] })).toBe('stay-suspended');
  });

  test('gives way to what a person has set meanwhile', () => {
    expect(decide({ inForce: 'pg4' })).toBe('restore');
  });
});

test('a standby gets it back at once', () => {
  expect(decide({ inRecovery: true })).toBe('restore');
});

test('where nothing is suspended nothing is done', () => {
  expect(decide({ suspended: null, inForce: 'pg1' })).toBe('nothing-suspended');
  expect(decide({ suspended: null })).toBe('nothing-suspended');
});
