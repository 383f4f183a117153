/** Every role rule: what is claimed, and that nothing unseen is ever claimed. */
import { describe, expect, test } from 'vitest';
import {
  decideRole,
  type ServerAnswer,
  type ServerProcesses,
} from '../../../../src/core/guard/decide-role.ts';
import { known, unknown, type Known } from '../../../../src/core/model/known.ts';

const running: ServerProcesses = {
  count: 7,
  postmaster: 'running',
  startupProcess: false,
  isolated: false,
};
const nobody: ServerProcesses = { ...running, count: 0, postmaster: 'absent' };
const answered = (more: Partial<Extract<ServerAnswer, { kind: 'answered' }>> = {}): ServerAnswer => ({
  kind: 'answered',
  inRecovery: false,
  standbySignal: known(false),
  hasReceiver: false,
  dataDirectoryMatches: true,
  ...more,
});
const failed = (kind: Exclude<ServerAnswer['kind'], 'answered'>): ServerAnswer => ({ kind, detail: kind });
const hidden = unknown('cannot look');

const cases: readonly [string, string, Known<ServerProcesses>, ServerAnswer][] = [
  ['primary', 'an answer out of recovery', known(running), answered()],
  [
    'primary',
    'an answer out of recovery, with a standing standby.signal',
    known(running),
    answered({ standbySignal: known(true) }),
  ],
  ['primary', 'an answer, processes hidden', hidden, answered()],
  [
    'standby',
    'recovery with standby.signal',
    known(running),
    answered({ inRecovery: true, standbySignal: known(true) }),
  ],
  [
    'standby',
    'recovery with a receiver, signal unreadable',
    known(running),
    answered({ inRecovery: true, hasReceiver: true, standbySignal: hidden }),
  ],
  ['starting', 'recovery without standby.signal', known(running), answered({ inRecovery: true })],
  [
    'unknown',
    'recovery, signal unreadable, no receiver',
    known(running),
    answered({ inRecovery: true, standbySignal: hidden }),
  ],
  [
    'unknown',
    'an answer of another data directory',
    known(running),
    answered({ dataDirectoryMatches: false }),
  ],
  [
    'unknown',
    'a stopped postmaster whose session answers',
    known({ ...running, postmaster: 'stopped' }),
    answered(),
  ],
  [
    'starting',
    'not now, with a startup process',
    known({ ...running, startupProcess: true }),
    failed('not-now'),
  ],
  ['unknown', 'not now, without one: shutting down', known(running), failed('not-now')],
  ['unknown', 'refused while the postmaster lives', known(running), failed('refused')],
  [
    'starting',
    'refused by an isolated standby of our own',
    known({ ...running, startupProcess: true, isolated: true }),
    failed('refused'),
  ],
  ['unknown', 'rejected login', known(running), failed('rejected')],
  ['unknown', 'silence', known(running), failed('silent')],
  ['unknown', 'orphans without a postmaster', known({ ...running, postmaster: 'absent' }), failed('refused')],
  ['down', 'no process and refused', known(nobody), failed('refused')],
  ['down', 'no process, and something silent on the port', known(nobody), failed('silent')],
  ['unknown', 'refused and processes hidden', hidden, failed('refused')],
];

describe('the role', () => {
  test.each(cases)('is %s on %s', (role, _what, processes, answer) => {
    expect(decideRole({ processes, answer }).role).toBe(role);
  });
});
