/** A cluster is whole where one host alone is writable with the VIP, the others stream from it, and no fence stands. */
import { describe, expect, it } from 'vitest';
import { parseBeats } from '../../../../src/lab/measure/beats.ts';
import { parseGround } from '../../../../src/lab/measure/ground.ts';
import { wholeness } from '../../../../src/lab/measure/light-health.ts';
import { topologyOf } from '../../../../src/lab/topology.ts';

const topology = topologyOf('lab', 2);
const primaryAddress = topology.hosts[0]?.addresses[1] ?? '';
const NOW = 10_000;

function look(beats: readonly string[], ground: readonly string[]): string | null {
  const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
  return wholeness(topology, parseBeats(text(beats)), parseGround(text(ground)), NOW);
}

const BEATS = ['pg1 9900 1'];
const GROUND = ['pg1 100 vip 1', `pg2 100 source ${primaryAddress}`];

describe('wholeness', () => {
  it('is there with a primary behind the VIP and a standby that streams from it', () => {
    expect(look(BEATS, GROUND)).toBeNull();
  });

  it.each([
    ['nobody is writable', ['pg1 9900 1', 'pg1 9950 0'], GROUND, 'no host is writable'],
    ['the last insert is old', ['pg1 8000 1'], GROUND, 'no host is writable'],
    ['two are writable', [...BEATS, 'pg2 9950 1'], GROUND, 'pg1 and pg2 are writable'],
    ['nobody has the VIP', BEATS, GROUND.slice(1), 'the VIP is on no host, writable is pg1'],
    ['two have the VIP', BEATS, [...GROUND, 'pg2 200 vip 1'], 'the VIP is on pg1 and pg2, writable is pg1'],
    ['the standby does not stream', BEATS, [...GROUND, 'pg2 200 source '], 'pg2 streams from nobody'],
    [
      'it streams from a stranger',
      BEATS,
      [...GROUND, 'pg2 200 source 10.1.1.1'],
      'pg2 streams from 10.1.1.1',
    ],
    ['a fence stands', BEATS, [...GROUND, 'pg2 200 fence 1'], 'pg2 is fenced'],
  ])('is not there where %s', (_where, beats, ground, problem) => {
    expect(look(beats, ground)).toBe(problem);
  });
});
