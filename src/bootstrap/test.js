/** `npm test`: prepares the machine, then runs every check and every test, the lab included, and sums up. */
import { quickChecks, slowChecks } from './checks.js';
import { prepareForLab } from './prepare.js';
import { runChecks, sumUp } from './run-checks.js';

process.exitCode = await prepareForLab();
if (process.exitCode === 0) {
  const quick = await runChecks(quickChecks, { atOnce: 2, live: false });
  const slow = await runChecks(slowChecks, { atOnce: 1, live: true });
  process.exitCode = sumUp([...quick, ...slow]);
}
