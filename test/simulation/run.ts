/** `npm run simulate`: runs seeds on one core or several, tells of each that fails, makes one small, and ends with a summary in JSON. */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { PAUSE_FAULTS } from './pause-faults.ts';
import { drawPlan, PACES, type Pace, type Plan } from './plan.ts';
import { readPlan, tellStory } from './replay.ts';
import { shrink } from './shrink.ts';
import { loadSubject, REAL } from './subject.ts';
import { summarize } from './summary.ts';
import { runSeeds } from './workers.ts';

const HELP = `npm run simulate -- [options]

  --seeds N           how many seeds (100)
  --from N            the first seed (1); every fourth is run with all times at their bounds
  --workers N         worker threads (1)
  --long              ten simulated minutes a seed, instead of one and the recovery
  --pauses            with people at work: pauses of the lease that begin, stand while their holder is cut off, and end, and agents
                      that end in order and begin again
  --first-failure     end at the first seed that fails
  --coverage          list the lines of core/lease and core/guard that no seed has run (slower)
  --core FOLDER       test a copy of src/core in another folder

  --seed N            tell the story of one seed (--seed=-12 for one of bounds)
  --only 3,7,9        of its faults only these, by their numbers
  --shrink            make the schedule of --seed N as small as it fails, and print it
  --save FILE         write the schedule to a file
  --replay FILE       tell the story of such a file

Example: npm run simulate -- --seeds 10000 --from 1 --workers 2
`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    seed: { type: 'string' },
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    workers: { type: 'string', default: '1' },
    long: { type: 'boolean', default: false },
    pauses: { type: 'boolean', default: false },
    core: { type: 'string' },
    'first-failure': { type: 'boolean', default: false },
    coverage: { type: 'boolean', default: false },
    only: { type: 'string' },
    shrink: { type: 'boolean', default: false },
    save: { type: 'string' },
    replay: { type: 'string' },
  },
});

/** Ends the program where the text is no whole number of at least `least`. */
function whole(option: string, text: string, least: number): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= least) return number;
  process.stderr.write(
    `cannot run the simulation: --${option} has to be a whole number from ${least}, got ${text}\n`,
  );
  process.exit(64);
}

const pace: Pace = values.long ? PACES.long : PACES.short;
const more = values.pauses ? Object.keys(PAUSE_FAULTS) : [];

function planOf(): Plan | null {
  if (values.replay !== undefined) return readPlan(readFileSync(values.replay, 'utf8'), values.replay);
  if (values.seed === undefined) return null;
  const plan = drawPlan(whole('seed', values.seed, Number.MIN_SAFE_INTEGER), pace, more);
  if (values.only === undefined) return plan;
  const numbers = new Set(values.only.split(',').map((it) => whole('only', it, 0)));
  return { ...plan, leastFaults: 0, faults: plan.faults.filter((it) => numbers.has(it.number)) };
}

async function tellOne(drawn: Plan): Promise<number> {
  const subject = values.core === undefined ? REAL : await loadSubject(values.core);
  const smaller = values.shrink ? shrink(drawn, subject) : null;
  if (values.shrink && smaller === null)
    process.stdout.write('nothing is violated: there is nothing to shrink\n');
  const plan = smaller?.plan ?? drawn;
  if (values.save !== undefined) writeFileSync(values.save, `${JSON.stringify(plan, null, 1)}\n`);
  const violations = tellStory(plan, subject, (line) => process.stdout.write(`${line}\n`));
  return violations === 0 ? 0 : 1;
}

async function runMany(): Promise<number> {
  const result = await runSeeds({
    from: whole('from', values.from, 1),
    seeds: whole('seeds', values.seeds, 1),
    workers: whole('workers', values.workers, 1),
    pace,
    more,
    core: values.core ?? null,
    firstFailure: values['first-failure'],
    coverage: values.coverage,
    tell: (line) => process.stderr.write(`${line}\n`),
  });
  process.stdout.write(`${JSON.stringify(summarize(result))}\n`);
  return result.failed.length === 0 ? 0 : 1;
}

if (values.help) process.stdout.write(HELP);
else {
  const plan = planOf();
  process.exitCode = plan === null ? await runMany() : await tellOne(plan);
}
