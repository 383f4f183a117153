/** The checks of `npm run check` and the suites of `npm test`, each as one program that ends with 0 where all is well. */

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {string} program a tool of node_modules/.bin
 * @property {readonly string[]} parameters
 * @property {boolean} counts true where it is a vitest project, whose tests are counted one by one
 */

/** @param {string} project
 * @returns {Check} */
const suite = (project) => ({
  name: project,
  program: 'vitest',
  parameters: ['run', '--project', project],
  counts: true,
});

/** @param {string} name
 * @param {string} program
 * @param {readonly string[]} parameters
 * @returns {Check} */
const tool = (name, program, parameters) => ({ name, program, parameters, counts: false });

/** Fast, and without a lab. The longest come first, because two run at a time.
 * @type {readonly Check[]} */
export const quickChecks = [
  suite('unit'),
  suite('tidy'),
  suite('property'),
  suite('rules'),
  tool('format', 'prettier', ['--check', '--log-level', 'warn', '.']),
  tool('dead code', 'knip', []),
  tool('types', 'tsc', ['--noEmit']),
  tool('types of bootstrap', 'tsc', ['--noEmit', '--project', 'tsconfig.bootstrap.json']),
  tool('lint', 'oxlint', ['--type-aware', '--deny-warnings']),
  tool('markdown', 'markdownlint-cli2', []),
];

/** Slow, one after the other: they simulate hours, start PostgreSQL and whole labs.
 * @type {readonly Check[]} */
export const slowChecks = [suite('simulation'), suite('integration'), suite('lab')];
