/** Checks of one file's text. Each returns complaints and has a bad sample in text-checks.test.ts. */
import { join } from 'node:path';
import type { RepositoryFile } from './repository.ts';

export type TextCheck = (file: RepositoryFile) => readonly string[];

const LINES_MAX = 250;

/** Every source begins by saying in one sentence what it is for. */
export const opensWithPurpose: TextCheck = ({ path, text }) => {
  const body = text.replace(/^#!.*\n/, '');
  const comment = /^(?:\/\*\* ?([\s\S]*?)\*\/|\/\/ (.*))/.exec(body);
  const sentence = (comment?.[1] ?? comment?.[2] ?? '').trim();
  if (sentence === '') return [`${path}: expected a first comment that says what the file is for`];
  return /[.:]$/.test(sentence) ? [] : [`${path}: expected the first comment to be a sentence`];
};

export const isShort: TextCheck = ({ path, text }) => {
  const lines = text.split('\n').length - 1;
  return lines > LINES_MAX ? [`${path}: expected at most ${LINES_MAX} lines, found ${lines}`] : [];
};

/** A file that only hands on what others export hides where things are. */
export const isNoBarrel: TextCheck = ({ path, text }) =>
  linesMatching(path, text, /^export (?:\*|\{[^}]*\}|type \{[^}]*\}) from /, 'expected no re-export');

/** `utils` says nothing about what is inside. */
export const hasTellingName: TextCheck = ({ path }) =>
  /(^|\/)(utils?|helpers?|common|misc|index)(\/|\.[^/]*$)/.test(path)
    ? [`${path}: expected a name that says what is inside`]
    : [];

const LEFTOVER = /\b(TODO|FIXME|XXX|HACK)\b/;
export const hasNoLeftover: TextCheck = ({ path, text }) =>
  linesMatching(path, text, LEFTOVER, 'expected no note of unfinished work');

const SKIPPED = /\b(?:describe|it|test|suite)\.(?:skip|only|todo|skipIf|runIf|fails)\b/;
export const runsEveryTest: TextCheck = ({ path, text }) =>
  linesMatching(path, text, SKIPPED, 'expected every test to run');

/** The glossary's "do not say". Lines that quote the settings of other programs keep their words. */
const BANNED = /\b(master|slave|leader|replicas?|floating IP|tie-?breaker|arbiter|auto-heal|double master)\b/;
const QUOTED_SETTING =
  /link set .* master |\.master\b|\bmaster\?: string|wal_level|session_replication_role|pg_stat_|notify_|vrrp_/;
export const usesTheFieldsWords: TextCheck = ({ path, text }) =>
  linesMatching(path, text, BANNED, 'expected a word of the glossary', QUOTED_SETTING);

/** Where this checkout lies on this machine. */
export const CHECKOUT: string = join(import.meta.dirname, '../..');
const REGISTRY = /"resolved":|^registry=|npm_config_registry/;

/** The path of a checkout, and the addresses of package registries, mean nothing anywhere else. */
export const namesNoMachine: TextCheck = ({ path, text }) =>
  text
    .split('\n')
    .flatMap((line, index) =>
      line.includes(`${CHECKOUT}/`) || REGISTRY.test(line)
        ? [`${path}:${index + 1}: expected nothing that exists on one machine only`]
        : [],
    );

/** A rule is switched off only with a reason beside it. */
export const explainsExceptions: TextCheck = ({ path, text }) =>
  linesMatching(
    path,
    text,
    /@ts-(?:ignore|nocheck|expect-error)|(?:oxlint|eslint)-disable/,
    'expected no switched-off rule without " -- reason"',
    / -- \S/,
  );

function linesMatching(
  path: string,
  text: string,
  pattern: RegExp,
  complaint: string,
  except?: RegExp,
): readonly string[] {
  return text.split('\n').flatMap((line, index) => {
    if (!pattern.test(line) || except?.test(line) === true) return [];
    return [`${path}:${index + 1}: ${complaint}, found ${line.trim().slice(0, 80)}`];
  });
}
