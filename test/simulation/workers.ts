/** Runs many seeds, in this thread or in several, and puts together what they came to. A seed means the same run in any of them. */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { watchCoverage } from './coverage.ts';
import { drawPlan, type Pace } from './plan.ts';
import { Reach } from './reach.ts';
import { simulate } from './simulate.ts';
import { loadSubject, REAL } from './subject.ts';
import { add, NO_SEEDS, totalOf, type Totals } from './totals.ts';

/** What a thread takes at a time. */
const BLOCK = 50;

interface Task {
  readonly from: number;
  readonly seeds: number;
  readonly workers: number;
  readonly pace: Pace;
  /** Names of faults beside the usual ones. */
  readonly more: readonly string[];
  /** A folder with a copy of src/core; null = the real one. */
  readonly core: string | null;
  readonly firstFailure: boolean;
  readonly coverage: boolean;
}

export interface SeedsRun extends Totals {
  readonly from: number;
  readonly seconds: number;
}

/** The seed with a number: every fourth is one of bounds alone. */
export function seedOf(number: number): number {
  return number % 4 === 0 ? -number : number;
}

/** Runs a worker's part: every `workers`-th block, beginning with block `index`. Tells of each block that it finished. */
async function runPart(task: Task, index: number, done: (block: Totals) => void): Promise<void> {
  const { from, seeds, workers, pace, more, core } = task;
  const subject = core === null ? REAL : await loadSubject(core);
  const coverage = task.coverage ? await watchCoverage() : null;
  const end = from + seeds;
  for (let first = from + index * BLOCK; first < end; first += workers * BLOCK) {
    const reach = new Reach();
    const cpu = process.threadCpuUsage();
    let totals = NO_SEEDS;
    for (let number = first; number < Math.min(first + BLOCK, end); number += 1)
      totals = add(totals, totalOf(simulate(drawPlan(seedOf(number), pace, more), subject, null, reach)));
    const { user, system } = process.threadCpuUsage(cpu);
    done({
      ...totals,
      reached: reach.report(),
      cpuSeconds: (user + system) / 1e6,
    });
    if (task.firstFailure && totals.failed.length > 0) break;
  }
  if (coverage !== null) done({ ...NO_SEEDS, uncovered: await coverage.uncovered() });
}

export async function runSeeds(task: Task & { readonly tell: (line: string) => void }): Promise<SeedsRun> {
  const { tell, ...rest } = task;
  const startedAt = performance.now();
  const elapsed = (): number => (performance.now() - startedAt) / 1000;
  let [all, told] = [NO_SEEDS, 0];
  const take = (block: Totals): void => {
    all = add(all, block);
    for (const { seed, violation } of block.failed) tell(`seed ${seed}: ${violation}`);
    if (elapsed() - told < PROGRESS_SECONDS) return;
    told = elapsed();
    tell(`${all.seeds} of ${task.seeds} seeds, ${all.failed.length} failed, ${Math.round(told)} s`);
  };
  if (task.workers === 1) await runPart(rest, 0, take);
  else
    await Promise.all(Array.from({ length: task.workers }, async (_, index) => runWorker(rest, index, take)));
  return { ...all, from: task.from, seconds: elapsed() };
}

const PROGRESS_SECONDS = 10;

async function runWorker(task: Task, index: number, take: (block: Totals) => void): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { task, index } });
  await new Promise<void>((resolve, reject) => {
    worker.on('message', take);
    worker.on('error', reject);
    worker.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`worker ${index} ended with ${code}`)),
    );
  });
}

if (!isMainThread && parentPort !== null) {
  const { task, index } = workerData as { readonly task?: Task; readonly index?: number };
  const send = parentPort.postMessage.bind(parentPort);
  // A test runner has threads of its own.
  if (task !== undefined && index !== undefined) await runPart(task, index, send);
}
