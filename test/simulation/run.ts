/** `npm run simulate -- --seed N | --seeds COUNT --from N`: runs seeds, tells of each that fails, and ends with a summary in JSON. */
import { parseArgs } from 'node:util';
import { PAUSE_FAULTS } from './pause-faults.ts';
import { simulate } from './simulate.ts';
import { loadSubject, REAL } from './subject.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    /** A folder with a copy of src/core/lease, to be tested instead of it. */
    lease: { type: 'string' },
    /** With people at work: pauses that begin and end. */
    pauses: { type: 'boolean', default: false },
    /** Ends at the first seed that fails. */
    'first-failure': { type: 'boolean', default: false },
  },
});

const subject = values.lease === undefined ? REAL : await loadSubject(values.lease);
const one = values.seed !== undefined;
const from = Number(one ? values.seed : values.from);
const count = one ? 1 : Number(values.seeds);
const PROGRESS_EVERY = 500;

const startedAt = performance.now();
const failed: { readonly seed: number; readonly violation: string }[] = [];
const waiting: number[] = [];
let [done, faults, failovers, simulatedSeconds, events] = [0, 0, 0, 0, 0];
for (let seed = from; seed < from + count; seed += 1) {
  const log = one ? (text: string) => process.stdout.write(`${text}\n`) : null;
  const result = simulate(seed, subject, log, values.pauses ? PAUSE_FAULTS : {});
  done += 1;
  faults += result.faults;
  failovers += result.failovers;
  simulatedSeconds += result.simulatedSeconds;
  events += result.events;
  if (result.waitsFor !== null) waiting.push(seed);
  if (one && result.waitsFor !== null) process.stdout.write(`waits for a person: ${result.waitsFor}\n`);
  const [violation] = result.violations;
  if (violation !== undefined) {
    failed.push({ seed, violation });
    process.stderr.write(`seed ${seed}: ${violation} (${result.violations.length} in all)\n`);
    if (values['first-failure']) break;
  }
  if (done % PROGRESS_EVERY === 0)
    process.stderr.write(`${done} of ${count} seeds, ${failed.length} failed, ${elapsed()} s\n`);
}

function elapsed(): number {
  return Math.round((performance.now() - startedAt) / 100) / 10;
}

const summary = {
  from,
  seeds: done,
  failed,
  faults,
  failovers,
  /** Ended without a primary because the guard leaves the choice to a person: how many, and the first of them. */
  waitForAPerson: waiting.length,
  waiting: waiting.slice(0, 10),
  simulatedHours: Math.round(simulatedSeconds / 360) / 10,
  events,
  seconds: elapsed(),
};
process.stdout.write(`${JSON.stringify(summary)}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
