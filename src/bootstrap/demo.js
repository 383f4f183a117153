/** `npm run demo`: prepares the machine, then runs the demo with Node 24. */
import { checkout, nodeProgram, toolEnvironment } from './checkout.js';
import { runChild } from './child.js';
import { prepareForLab } from './prepare.js';

process.exitCode = await prepareForLab();
if (process.exitCode === 0) {
  const parameters = [`${checkout}/src/cli/primacy.js`, 'demo', ...process.argv.slice(2)];
  process.exitCode = (await runChild(nodeProgram, parameters, { env: toolEnvironment() })).exitCode;
}
