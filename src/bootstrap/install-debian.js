/** Installs the missing Debian packages and nothing else: no upgrade, no service started or enabled, no database cluster. Run under a lock by prepare.js. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { runChild } from './child.js';
import { debianPackages } from './debian-packages.js';
import { installedPackages, packageEnvironment, parseChanges, parseNew, sourcePackages } from './dpkg.js';
import { EXIT_MISSING } from './machine.js';
import { say } from './say.js';
import { disableServicesOf, servicesOf, startedAtBoot } from './services.js';
import { putBack, setAside } from './set-aside.js';
import { upgradeRefusal } from './upgrade-guard.js';

/** Asked by invoke-rc.d and deb-systemd-invoke before any start; 101 means "forbidden" (Debian policy-rc.d). */
const POLICY = '/usr/sbin/policy-rc.d';
/** Read by postgresql-15 when it is installed, to decide whether it makes a cluster `main`. */
const CREATE_CLUSTER = '/etc/postgresql-common/createcluster.conf';
/** What was installed, and what started at boot, before we began: there only while an installation runs or was killed. */
const BEFORE = '/var/lib/primacy-bootstrap/before.json';
const OPTIONS = ['--yes', '--no-install-recommends', '--no-upgrade', '-o', 'DPkg::Lock::Timeout=600'];

/** @typedef {{ readonly packages: readonly string[], readonly atBoot: readonly string[] }} Before */

async function main() {
  await finishKilledInstallation();
  const missing = await missingPackages();
  if (missing.length === 0) return 0;
  say('Installing Debian packages that are missing; no service is started or enabled by it:');
  for (const { name, why } of missing) say(`  ${name.padEnd(30)} ${why}`);
  const names = missing.map(({ name }) => name);
  const began = performance.now();
  // Where the lists cannot be fetched, the old ones may still do: the installation itself tells.
  await apt(['update', '--quiet']);
  const refusal = await refusalOf(names);
  if (refusal !== null) {
    say(refusal);
    return EXIT_MISSING;
  }
  const exitCode = await install(names);
  if (exitCode === 0)
    say(`Debian packages installed in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  return exitCode;
}

/** Packages of our list that dpkg does not have. */
async function missingPackages() {
  const installed = await installedPackages();
  return debianPackages.filter(({ name }) => !installed.has(name));
}

/** Runs apt-get, whose hundreds of lines are shown only where it failed.
 * @param {readonly string[]} parameters */
async function apt(parameters) {
  const end = await runChild('apt-get', parameters, { env: packageEnvironment, keep: 'both' });
  if (end.exitCode !== 0) say(end.output);
  return end.exitCode;
}

/** What apt itself says it would do, judged before it may do it.
 * @param {readonly string[]} names */
async function refusalOf(names) {
  const simulation = ['--simulate', ...OPTIONS, 'install', ...names];
  const { exitCode, output } = await runChild('apt-get', simulation, {
    env: packageEnvironment,
    keep: 'both',
  });
  if (exitCode !== 0) return `apt-get cannot install ${names.join(', ')}: ${lastLine(output)}`;
  const changes = parseChanges(output);
  if (changes.length === 0) return null;
  const sources = await sourcePackages([...parseNew(output), ...changes.map(({ name }) => name)]);
  const newSources = new Set(parseNew(output).map((name) => sources.get(name)));
  const touched = [];
  for (const change of changes) {
    const { units, initScripts } = await servicesOf([change.name]);
    touched.push({
      change,
      hasService: units.length + initScripts.length > 0,
      sharesSource: newSources.has(sources.get(change.name)),
    });
  }
  const refusal = upgradeRefusal(touched);
  if (refusal === null)
    for (const { name, from, to } of changes)
      say(`  ${name} goes from ${from} to ${to}: a new package needs its own version of it`);
  return refusal;
}

/** @param {string} text */
function lastLine(text) {
  return text.trim().split('\n').at(-1) ?? '';
}

/** @param {readonly string[]} names */
async function install(names) {
  mkdirSync(dirname(BEFORE), { recursive: true });
  const before = { packages: [...(await installedPackages())], atBoot: [...startedAtBoot()] };
  writeFileSync(BEFORE, JSON.stringify(before));
  setAside(POLICY, '#!/bin/sh\n# Put here by Primacy while it installs packages.\nexit 101\n', 0o755);
  try {
    // postgresql-common writes createcluster.conf when it is configured, so it must be there before we replace that file.
    if (names.some((name) => name.startsWith('postgresql-'))) {
      const exitCode = await apt([...OPTIONS, 'install', 'postgresql-common']);
      if (exitCode !== 0) return exitCode;
      setAside(CREATE_CLUSTER, 'create_main_cluster = false\n', 0o644);
    }
    return await apt([...OPTIONS, 'install', ...names]);
  } finally {
    await restore(before);
  }
}

/** Puts both files back, takes what is new out of the next boot, and makes sure of it.
 * @param {Before} before */
async function restore(before) {
  putBack(POLICY);
  putBack(CREATE_CLUSTER);
  const known = new Set(before.packages);
  await disableServicesOf([...(await installedPackages())].filter((name) => !known.has(name)));
  const already = new Set(before.atBoot);
  const added = [...startedAtBoot()].filter((entry) => !already.has(entry));
  if (added.length > 0)
    throw new Error(`cannot keep these from starting at the next boot: ${added.join(', ')}`);
  rmSync(BEFORE);
}

/** A run that was killed left its notes: they are taken up first, so that nothing of it stays. */
async function finishKilledInstallation() {
  if (!existsSync(BEFORE)) return;
  say('An earlier installation was interrupted; finishing it first.');
  await runChild('dpkg', ['--configure', '--pending'], { env: packageEnvironment, toStderr: true });
  await restore(JSON.parse(readFileSync(BEFORE, 'utf8')));
}

try {
  process.exitCode = await main();
} catch (error) {
  say(`Cannot prepare this machine: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
