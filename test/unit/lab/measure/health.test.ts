/** What counts as a healthy cluster: one case for each thing that can be wrong. */
import { describe, expect, it } from 'vitest';
import { healthProblem } from '../../../../src/lab/measure/health.ts';
import type { HostStatus, LabStatus } from '../../../../src/lab/measure/status.ts';

function host(name: string, change: Partial<HostStatus> = {}): HostStatus {
  return {
    name,
    kind: 'database',
    address: '10.79.0.11',
    powered: true,
    agent: true,
    role: 'primary',
    timeline: 1,
    epoch: null,
    streamingFrom: null,
    holdsVip: true,
    vrrp: 'MASTER',
    fenced: false,
    ...change,
  };
}

const standby: Partial<HostStatus> = {
  role: 'standby',
  streamingFrom: 'pg1',
  holdsVip: false,
  vrrp: 'FAULT',
};

function status(
  writable: readonly string[],
  pg1: Partial<HostStatus> = {},
  pg2: Partial<HostStatus> = {},
): LabStatus {
  const hosts = [host('pg1', pg1), host('pg2', { ...standby, ...pg2 })];
  return { name: 'lab', vip: '10.79.0.100', page: '', prometheus: '', alertmanager: '', writable, hosts };
}

describe('healthProblem', () => {
  it('finds nothing wrong with one primary behind the VIP and its standby', () => {
    expect(healthProblem(status(['pg1']))).toBeNull();
  });

  it.each([
    ['nobody is writable', status([]), /no host is writable/],
    ['two are writable', status(['pg1', 'pg2']), /pg1 and pg2 are writable/],
    ['nobody holds the VIP', status(['pg1'], { holdsVip: false }), /no host/],
    ['two hold the VIP', status(['pg1'], {}, { holdsVip: true }), /pg1 and pg2/],
    [
      'the wrong host holds the VIP',
      status(['pg1'], { holdsVip: false }, { holdsVip: true }),
      /VIP is on pg2/,
    ],
    ['a fence stands', status(['pg1'], {}, { fenced: true }), /pg2 is fenced/],
    ['a fence may stand', status(['pg1'], {}, { fenced: null }), /may be fenced/],
    ['the standby is down', status(['pg1'], {}, { role: 'down', streamingFrom: null }), /pg2 is down/],
    ['the standby streams from nobody', status(['pg1'], {}, { streamingFrom: null }), /from nobody/],
    ['the primary cannot be seen', status(['pg1'], { role: null }), /pg1 is unseen/],
  ])('says so where %s', (_case, seen, problem) => {
    expect(healthProblem(seen)).toMatch(problem);
  });
});
