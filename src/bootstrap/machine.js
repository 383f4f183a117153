/** Says whether this machine can run the lab: Linux on x86-64, Debian 12, root. Plain JavaScript for Node 20, nothing but built-ins. */
import { readFileSync } from 'node:fs';

/** Exit code of sysexits.h EX_UNAVAILABLE: something needed is missing on this machine. */
export const EXIT_MISSING = 69;

/**
 * @typedef {object} Machine
 * @property {string} platform as `process.platform`
 * @property {string} arch as `process.arch`
 * @property {number} nodeMajor
 * @property {number} uid effective user, 0 is root
 * @property {string} osRelease text of /etc/os-release, empty where there is none
 */

/** Looks at this machine.
 * @returns {Machine} */
export function thisMachine() {
  return {
    platform: process.platform,
    arch: process.arch,
    nodeMajor: Number(process.versions.node.split('.')[0]),
    uid: process.geteuid?.() ?? -1,
    osRelease: readOsRelease(),
  };
}

function readOsRelease() {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    // No such file means "not Debian", and that is what the caller says.
    return '';
  }
}

/** Why the checks cannot run here, as one sentence; null where they can.
 * @param {Machine} machine
 * @returns {string | null} */
export function checkProblem(machine) {
  if (machine.nodeMajor < 20) return `Primacy needs Node 20 or later to start, this is ${machine.nodeMajor}.`;
  if (machine.platform !== 'linux' || machine.arch !== 'x64')
    return `Primacy runs on Linux on x86-64, this is ${machine.platform} on ${machine.arch}.`;
  return null;
}

/** Why the lab cannot run here, as one sentence; null where it can.
 * @param {Machine} machine
 * @returns {string | null} */
export function labProblem(machine) {
  const problem = checkProblem(machine);
  if (problem !== null) return problem;
  const id = releaseField(machine.osRelease, 'ID');
  const version = releaseField(machine.osRelease, 'VERSION_ID');
  // postgresql-15 is a package of this release alone: Debian 13 carries 17.
  if (id !== 'debian' || version !== '12')
    return `Primacy's lab needs Debian 12, this is ${releaseField(machine.osRelease, 'PRETTY_NAME') || 'something else'}.`;
  if (machine.uid !== 0)
    return "Primacy's lab needs root: it installs Debian packages and makes network namespaces.";
  return null;
}

/** @param {string} text
 * @param {string} field */
function releaseField(text, field) {
  const match = new RegExp(`^${field}=("?)(.*)\\1$`, 'm').exec(text);
  return match?.[2] ?? '';
}
