/** Where Primacy cannot run, one sentence says so before anything is changed. */
import { describe, expect, it } from 'vitest';
import { checkProblem, labProblem, type Machine } from '../../../src/bootstrap/machine.js';

const debian = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n';
const machine: Machine = { platform: 'linux', arch: 'x64', nodeMajor: 20, uid: 0, osRelease: debian };

describe('a machine', () => {
  it('with Debian 12, x86-64 and root can run the lab', () => {
    expect(labProblem(machine)).toBe(null);
  });

  it.each([
    ['another system', { platform: 'darwin' }, 'Linux on x86-64, this is darwin on x64'],
    ['another processor', { arch: 'arm64' }, 'Linux on x86-64, this is linux on arm64'],
    ['an older Node', { nodeMajor: 18 }, 'Node 20 or later to start, this is 18'],
    ['no root', { uid: 1000 }, 'needs root'],
    [
      'another Debian',
      { osRelease: debian.replaceAll('12', '13') },
      'Debian 12, this is Debian GNU/Linux 13',
    ],
    [
      'a relative of Debian',
      { osRelease: 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="12"\nPRETTY_NAME=Other\n' },
      'this is Other',
    ],
    ['no name at all', { osRelease: '' }, 'this is something else'],
  ])('with %s cannot', (_what, difference, reason) => {
    const problem = labProblem({ ...machine, ...difference });
    expect(problem).toContain(reason);
    expect(problem).toMatch(/^[^\n]+\.$/);
  });

  it('without root and without Debian can still run the checks', () => {
    expect(checkProblem({ ...machine, uid: 1000, osRelease: '' })).toBe(null);
  });
});
