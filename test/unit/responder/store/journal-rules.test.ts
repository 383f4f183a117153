/** Goal: the journal of a remediation reads like what happened. Method: the sequences that may be, and those that may not. */
import { describe, expect, it } from 'vitest';
import type { RemediationEvent } from '../../../../src/responder/store/journal-entry.ts';
import { illegalTransition, type Happening } from '../../../../src/responder/store/journal-rules.ts';

const happening = (text: string): Happening => {
  const [event, step] = text.split(' ');
  return { event: event as RemediationEvent, step: (step ?? null) as Happening['step'] };
};

/** The first complaint about a sequence, or null. */
function firstComplaint(sequence: readonly string[]): string | null {
  let last: Happening | null = null;
  for (const text of sequence) {
    const next = happening(text);
    const complaint = illegalTransition(last, next);
    if (complaint !== null) return complaint;
    last = next;
  }
  return null;
}

describe('a journal', () => {
  it.each([
    [['remediation-started', 'step-intent fence', 'step-done fence', 'remediation-ended']],
    [['remediation-started', 'step-intent fence', 'step-failed fence', 'remediation-ended']],
    [
      [
        'remediation-started',
        'step-intent fence',
        'step-unknown fence',
        'step-intent fence',
        'step-done fence',
      ],
    ],
    [['remediation-started', 'step-intent fence', 'step-unknown fence', 'step-done fence']],
    [
      [
        'remediation-started',
        'step-intent fence',
        'remediation-resumed',
        'step-intent fence',
        'step-done fence',
      ],
    ],
    [
      [
        'remediation-started',
        'step-intent account',
        'step-done account',
        'remediation-waiting',
        'remediation-ended',
      ],
    ],
    [['remediation-started', 'step-intent rejoin', 'step-unknown rejoin', 'remediation-stuck']],
  ])('may read %j', (sequence) => {
    expect(firstComplaint(sequence)).toBeNull();
  });

  it.each([
    [['step-intent fence']],
    [['remediation-started', 'step-done fence']],
    [['remediation-started', 'step-intent fence', 'step-intent fence']],
    [['remediation-started', 'step-intent fence', 'step-done rejoin']],
    [['remediation-started', 'step-intent fence', 'step-done fence', 'step-done fence']],
    [['remediation-started', 'step-intent fence', 'step-failed fence', 'step-intent fence']],
    [['remediation-started', 'remediation-ended', 'step-intent fence']],
    [['remediation-started', 'remediation-stuck', 'remediation-resumed']],
    [['remediation-started', 'remediation-started']],
  ])('may not read %j', (sequence) => {
    expect(firstComplaint(sequence)).not.toBeNull();
  });
});
