/** Tells a person what happens, on standard error: standard output belongs to the result alone. */

/** @param {string} line */
export function say(line) {
  process.stderr.write(`${line}\n`);
}
