/** The log of VIP, gate, lease, fence marker and replication is read as what each was at a moment, and as what an agent decided. */
import { describe, expect, it } from 'vitest';
import { firstDecision, groundAt, parseGround } from '../../../../src/lab/measure/ground.ts';

const changes = (...lines: readonly string[]): ReturnType<typeof parseGround> =>
  parseGround(lines.map((line) => `${line}\n`).join(''));

describe('parseGround', () => {
  it('takes a value that is empty, and leaves out a line that is still being written', () => {
    expect(parseGround('pg1 100 vip 1\npg1 200 vip \npg1 300 vi')).toEqual([
      { host: 'pg1', at: 100, key: 'vip', value: '1' },
      { host: 'pg1', at: 200, key: 'vip', value: '' },
    ]);
  });

  it('leaves out a key that it does not know', () => {
    expect(changes('pg1 100 weather fine')).toEqual([]);
  });
});

describe('groundAt', () => {
  const log = changes('pg1 100 lease 1 pg1', 'pg2 150 lease 2 pg2', 'pg1 200 lease ');

  it('is the newest value at that moment', () => {
    expect(groundAt(log, 'pg1', 'lease', 199)).toBe('1 pg1');
    expect(groundAt(log, 'pg1', 'lease', 200)).toBe('');
  });

  it('is empty before anything was seen', () => {
    expect(groundAt(log, 'pg2', 'lease', 149)).toBe('');
  });
});

describe('firstDecision', () => {
  const before = ['pg1 10 gate 0', 'pg2 10 gate 1', 'pg1 10 lease 1 pg1'] as const;

  it.each(['pg1 100 gate 1', 'pg2 100 fence 1', 'pg2 100 lease 2 pg2'])('is %s', (line) => {
    expect(firstDecision(changes(...before, line), 50)).toBe(100);
  });

  it.each(['pg1 100 vip ', 'pg1 100 lease ', 'pg2 100 gate 0', 'pg2 100 source 10.0.0.1'])(
    'is not %s',
    (line) => {
      expect(firstDecision(changes(...before, line), 50)).toBeNull();
    },
  );

  it('is none that came before the fault', () => {
    expect(firstDecision(changes(...before, 'pg1 40 gate 1'), 50)).toBeNull();
  });
});
