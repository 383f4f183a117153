/** Makes this machine ready, or says in one sentence why it cannot be: what demo, test and check begin with. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkout } from './checkout.js';
import { runChild } from './child.js';
import { debianPackages } from './debian-packages.js';
import { installedPackages } from './dpkg.js';
import { checkProblem, EXIT_MISSING, labProblem, thisMachine } from './machine.js';
import { npmPackagesAreThere } from './npm-packages.js';
import { say } from './say.js';

/** Long enough for another run's installation on a slow line. */
const LOCK_SECONDS = '1800';
const DEBIAN_LOCK = '/run/lock/primacy-bootstrap.lock';
/** Left by an installation that was killed; install-debian.js then puts things right even where no package is missing. */
const INTERRUPTED = '/var/lib/primacy-bootstrap/before.json';

/** Prepares for what needs the npm packages only. Returns 0, or the exit code to end with.
 * @returns {Promise<number>} */
export async function prepareForChecks() {
  const problem = checkProblem(thisMachine());
  if (problem !== null) {
    say(problem);
    return EXIT_MISSING;
  }
  if (npmPackagesAreThere()) return 0;
  const cache = join(checkout, '.cache');
  mkdirSync(cache, { recursive: true });
  return underLock(join(cache, 'npm.lock'), 'install-npm.js');
}

/** Prepares for what starts a lab: Debian packages first, then the npm packages. Returns 0, or the exit code to end with.
 * @returns {Promise<number>} */
export async function prepareForLab() {
  const problem = labProblem(thisMachine());
  if (problem !== null) {
    say(problem);
    return EXIT_MISSING;
  }
  const exitCode = (await debianPackagesAreThere()) ? 0 : await underLock(DEBIAN_LOCK, 'install-debian.js');
  return exitCode === 0 ? prepareForChecks() : exitCode;
}

async function debianPackagesAreThere() {
  if (existsSync(INTERRUPTED)) return false;
  const installed = await installedPackages();
  return debianPackages.every(({ name }) => installed.has(name));
}

/** Two commands started at once must not install at once: the second waits, looks again and finds nothing to do.
 * @param {string} lock
 * @param {string} script */
async function underLock(lock, script) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const parameters = ['--wait', LOCK_SECONDS, lock, process.execPath, path];
  return (await runChild('flock', parameters, { toStderr: true })).exitCode;
}
