/** Installs the npm packages exactly as package-lock.json names them. Run under a lock by prepare.js. */
import { rmSync } from 'node:fs';
import { runChild } from './child.js';
import { checkout } from './checkout.js';
import { installedList, npmPackagesAreThere } from './npm-packages.js';
import { say } from './say.js';

async function main() {
  if (npmPackagesAreThere()) return 0;
  say('Installing npm packages named in package-lock.json ...');
  const began = performance.now();
  rmSync(installedList, { force: true });
  // Inside `npm run`, npm names itself; the tools are development packages, wanted whatever NODE_ENV says.
  const npm = process.env['npm_execpath'];
  const parameters = [
    'ci',
    '--include=dev',
    '--ignore-scripts',
    '--loglevel=error',
    '--no-audit',
    '--no-fund',
  ];
  const { exitCode } = await (npm === undefined
    ? runChild('npm', parameters, { cwd: checkout, toStderr: true })
    : runChild(process.execPath, [npm, ...parameters], { cwd: checkout, toStderr: true }));
  if (exitCode === 0) say(`npm packages installed in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  return exitCode;
}

process.exitCode = await main();
