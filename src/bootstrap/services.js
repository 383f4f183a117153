/** Keeps newly installed packages from starting a service now or at the next boot, with or without systemd on the machine. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from './child.js';
import { packageEnvironment } from './dpkg.js';

const UNIT = /^(?:\/usr)?\/lib\/systemd\/system\/([^/]+\.(?:service|socket|timer|path))$/;
const INIT_SCRIPT = /^\/etc\/init\.d\/([^/]+)$/;
const BOOT_FOLDERS = ['/etc/rc2.d', '/etc/rc3.d', '/etc/rc4.d', '/etc/rc5.d', '/etc/rcS.d'];

/** Services in a list of a package's files. Templates (`name@.service`) are left out: nothing starts them by themselves.
 * @param {readonly string[]} files
 * @returns {{ readonly units: readonly string[], readonly initScripts: readonly string[] }} */
export function servicesIn(files) {
  const pick = (/** @type {RegExp} */ pattern) =>
    files.flatMap((file) => pattern.exec(file)?.[1] ?? []).filter((name) => !name.includes('@'));
  return { units: pick(UNIT), initScripts: pick(INIT_SCRIPT) };
}

/** Services that installed packages carry.
 * @param {readonly string[]} packages */
export async function servicesOf(packages) {
  if (packages.length === 0) return servicesIn([]);
  const { output } = await runChild('dpkg', ['-L', ...packages], { keep: 'stdout' });
  return servicesIn(output.split('\n'));
}

/** Names of everything that starts at boot: links in `*.wants` and `*.requires` of systemd, start links of the init scripts.
 * @returns {ReadonlySet<string>} */
export function startedAtBoot() {
  const systemd = '/etc/systemd/system';
  const wants = entries(systemd)
    .filter((name) => name.endsWith('.wants') || name.endsWith('.requires'))
    .flatMap((folder) => entries(join(systemd, folder)).map((unit) => join(systemd, folder, unit)));
  const scripts = BOOT_FOLDERS.flatMap((folder) =>
    entries(folder)
      .filter((name) => name.startsWith('S'))
      .map((name) => join(folder, name.replace(/^S\d\d/, ''))),
  );
  return new Set([...wants, ...scripts]);
}

/** @param {string} folder */
function entries(folder) {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Takes the services of these packages out of the next boot. Both tools work on links alone and need no running systemd.
 * @param {readonly string[]} packages */
export async function disableServicesOf(packages) {
  const { units, initScripts } = await servicesOf(packages);
  for (const unit of units) await takeOut('deb-systemd-helper', ['disable', unit], unit);
  for (const script of initScripts) await takeOut('update-rc.d', [script, 'disable'], script);
  if (existsSync('/run/systemd/system')) await takeOut('systemctl', ['daemon-reload'], 'the new services');
}

/** @param {string} program
 * @param {readonly string[]} parameters
 * @param {string} service */
async function takeOut(program, parameters, service) {
  // deb-systemd-helper refuses to work where dpkg has not named the package it works for.
  const env = { ...packageEnvironment, DPKG_MAINTSCRIPT_PACKAGE: 'primacy' };
  const { exitCode, output } = await runChild(program, parameters, { env, keep: 'both' });
  if (exitCode !== 0) throw new Error(`cannot keep ${service} from starting at boot: ${output.trim()}`);
}
