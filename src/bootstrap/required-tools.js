/** Finds programs that the checks cannot do without. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Those of `programs` that are in no folder of PATH.
 * @param {readonly string[]} programs
 * @param {string} path value of PATH
 * @returns {readonly string[]} */
export function missingPrograms(programs, path) {
  return programs.filter(
    (program) => !path.split(delimiter).some((folder) => isProgram(join(folder, program))),
  );
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Absent or not executable: either way it cannot be run.
    return false;
  }
}
