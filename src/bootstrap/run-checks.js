/** Runs checks, shows one line with seconds for each and the whole output of those that failed, and counts tests. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkout, toolEnvironment } from './checkout.js';
import { runChild } from './child.js';
import { countTests } from './count-tests.js';

/**
 * @typedef {object} Outcome
 * @property {string} name
 * @property {number} passed
 * @property {number} failed
 * @property {number} exitCode
 */

/** Runs them, `atOnce` at a time, and returns their outcomes in the order given.
 * @param {readonly import('./checks.js').Check[]} checks
 * @param {{ atOnce: number, live: boolean }} options `live`: show output as it comes, for what takes minutes
 * @returns {Promise<readonly Outcome[]>} */
export async function runChecks(checks, { atOnce, live }) {
  /** @type {Outcome[]} */
  const outcomes = [];
  const waiting = [...checks.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, check] = next;
      outcomes[index] = await runCheck(check, live);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return outcomes;
}

/** @param {import('./checks.js').Check} check
 * @param {boolean} live
 * @returns {Promise<Outcome>} */
async function runCheck(check, live) {
  const began = performance.now();
  mkdirSync(join(checkout, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(checkout, '.cache', 'check-'));
  const report = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const parameters = check.counts ? [...check.parameters, ...reporters] : check.parameters;
  const end = await runChild(check.program, parameters, {
    cwd: checkout,
    env: toolEnvironment(),
    ...(live ? {} : { keep: /** @type {const} */ ('both') }),
  });
  const counted = check.counts ? countTests(readReport(report)) : { passed: 1, failed: 0 };
  rmSync(folder, { recursive: true });
  // A program that failed without a failed test (a file that does not load, a hook, no test at all) still counts as a failure.
  const failed = end.exitCode === 0 ? counted.failed : Math.max(counted.failed, 1);
  const passed = check.counts || failed === 0 ? counted.passed : 0;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const tests = check.counts ? `${passed} passed${failed > 0 ? `, ${failed} failed` : ''}` : '';
  if (failed > 0 && !live) process.stdout.write(`${end.output}\n`);
  process.stdout.write(
    `${failed > 0 ? 'FAILED' : 'ok'.padEnd(6)} ${check.name.padEnd(20)} ${seconds.padStart(6)} s  ${tests}`.trimEnd() +
      '\n',
  );
  return { name: check.name, passed, failed, exitCode: end.exitCode };
}

/** The report's text; null where the program ended before it wrote one.
 * @param {string} path */
function readReport(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Prints the sum as the last line, and returns the exit code that belongs to it.
 * @param {readonly Outcome[]} outcomes */
export function sumUp(outcomes) {
  const passed = outcomes.reduce((sum, it) => sum + it.passed, 0);
  const failed = outcomes.reduce((sum, it) => sum + it.failed, 0);
  const names = outcomes.filter((it) => it.failed > 0).map((it) => it.name);
  if (names.length > 0) process.stdout.write(`Failed: ${names.join(', ')}\n`);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed > 0 ? 1 : 0;
}
