/** Starts one program, hands signals on to it and waits for its end; used by everything here that runs something. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const FORWARDED = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * @typedef {object} ChildEnd
 * @property {number} exitCode exit code, 128 + number where a signal ended it, 127 where it could not be started
 * @property {string} output standard output, and standard error where `keep` is `both`; empty where nothing is kept
 */

/**
 * Runs a program to its end and never rejects. A signal sent to us goes to the child, whose end then decides what we return:
 * so nothing is left running, and clean-up after it still happens.
 * @param {string} program
 * @param {readonly string[]} parameters
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, keep?: 'stdout' | 'both', toStderr?: boolean }} [options]
 *   `toStderr`: what the program prints goes to our standard error, because ours may have to hold one JSON document
 * @returns {Promise<ChildEnd>}
 */
export function runChild(program, parameters, options = {}) {
  const { keep, toStderr = false } = options;
  const out = keep === undefined ? (toStderr ? 2 : 'inherit') : 'pipe';
  return new Promise((resolve) => {
    // Before the program starts: a signal that comes while it does must find us ready to hand it on.
    const forward = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
    for (const signal of FORWARDED) process.on(signal, forward);
    const child = spawn(program, parameters, {
      cwd: options.cwd,
      env: options.env,
      stdio: ['inherit', out, keep === 'both' ? 'pipe' : 'inherit'],
    });
    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    /** @param {number} exitCode */
    const end = (exitCode) => {
      for (const signal of FORWARDED) process.off(signal, forward);
      resolve({ exitCode, output: Buffer.concat(chunks).toString('utf8') });
    };
    child.on('error', (error) => {
      chunks.push(Buffer.from(`cannot start ${program}: ${error.message}\n`));
      end(127);
    });
    child.on('close', (code, signal) => end(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
