/** `npm run check`: everything that can be said about the sources without starting a lab, in under a minute. */
import { quickChecks } from './checks.js';
import { EXIT_MISSING } from './machine.js';
import { prepareForChecks } from './prepare.js';
import { missingPrograms } from './required-tools.js';
import { runChecks, sumUp } from './run-checks.js';
import { say } from './say.js';

process.exitCode = await prepareForChecks();
const missing = missingPrograms(['promtool', 'amtool'], process.env['PATH'] ?? '');
if (process.exitCode === 0 && missing.length > 0) {
  say(`Primacy's checks need ${missing.join(' and ')}: apt-get install prometheus prometheus-alertmanager`);
  process.exitCode = EXIT_MISSING;
}
if (process.exitCode === 0)
  process.exitCode = sumUp(await runChecks(quickChecks, { atOnce: 2, live: false }));
