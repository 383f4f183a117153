/** Counts tests in the JSON report of vitest. */

/** A report that is missing, cannot be read, or holds no test counts as one failure: a gate that saw nothing must not open.
 * @param {string | null} report
 * @returns {{ readonly passed: number, readonly failed: number }} */
export function countTests(report) {
  if (report === null) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(report);
  const skipped = (numPendingTests ?? 0) + (numTodoTests ?? 0);
  if (!Number.isInteger(numPassedTests) || !Number.isInteger(numFailedTests)) return { passed: 0, failed: 1 };
  if (numPassedTests + numFailedTests === 0) return { passed: 0, failed: 1 };
  // Nothing is skipped in this repository, so a skipped test is a failed one.
  return { passed: numPassedTests, failed: numFailedTests + skipped };
}
