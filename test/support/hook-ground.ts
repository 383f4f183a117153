/** A folder for real programs, hooks that run them by the real runner, and the journal that they leave. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duty } from '../../src/core/guard/duty.ts';
import type { HookEvent } from '../../src/core/model/hook.ts';
import type { NodeName } from '../../src/core/model/names.ts';
import { createHooks, type Hooks } from '../../src/node/hooks/create-hooks.ts';
import { pollUntil, systemClock } from '../../src/world/clock.ts';
import { fileJournal, type JournalEntry, type NodeJournal } from '../../src/world/files/node-journal.ts';
import { localRunner } from '../../src/world/remote/local-runner.ts';

export const FENCE: Duty = { kind: 'fence', reason: 'writable without a lease' };
export const PROMOTE: Duty = { kind: 'promote-here', reason: 'it has come back in recovery' };

const LIMIT_MS = 30_000;
const NO_COMMANDS = { promoted: [], fenced: [], rejoined: [], switchedOver: [] };
type Commands = Partial<Readonly<Record<HookEvent, readonly string[]>>>;

interface Entry {
  readonly procedure: string;
  readonly step: string;
  readonly event: JournalEntry['event'];
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface HookGround {
  readonly file: (name: string) => string;
  /** An executable shell script; its path. */
  readonly program: (name: string, script: string) => Promise<string>;
  readonly hooksOf: (commands: Commands, more?: HookOptions) => Hooks;
  readonly logged: readonly unknown[];
  readonly journal: () => Promise<readonly Entry[]>;
  /** The ends of so many runs, as the journal has them. */
  readonly untilEnded: (count: number) => Promise<readonly Entry[]>;
  /** The text of a file once it is one. */
  readonly untilRead: (name: string, complete: RegExp) => Promise<string | undefined>;
  /** The agent ends. */
  readonly end: () => void;
  readonly remove: () => Promise<void>;
}

export interface HookOptions {
  readonly timeoutSeconds?: number;
  readonly journal?: NodeJournal;
}

export async function createHookGround(): Promise<HookGround> {
  const directory = await mkdtemp(join(tmpdir(), 'primacy-hooks-'));
  const controller = new AbortController();
  const logged: unknown[] = [];
  const file = (name: string): string => join(directory, name);
  const textOf = (name: string): Promise<string> => readFile(file(name), 'utf8').catch(() => '');
  const journal = async (): Promise<readonly Entry[]> =>
    (await textOf('journal')).split('\n').flatMap((line) => (line === '' ? [] : [entryOf(line)]));
  const ends = async () => (await journal()).filter((it) => it.event !== 'intent');
  const say = (level: string) => (fields: object, message: string) =>
    logged.push({ level, message, ...fields });
  return {
    file,
    program: async (name, script) => {
      await writeFile(file(name), `#!/bin/sh\n${script}\n`);
      await chmod(file(name), 0o755);
      return file(name);
    },
    hooksOf: (commands, more = {}) =>
      createHooks({
        config: { ...NO_COMMANDS, ...commands, timeoutSeconds: more.timeoutSeconds ?? 20 },
        runner: localRunner,
        clock: systemClock,
        journal: more.journal ?? fileJournal(file('journal')),
        log: { info: say('info'), warn: say('warn'), error: say('error') },
        signal: controller.signal,
        seen: () => SEEN,
      }),
    logged,
    journal,
    untilEnded: async (count) => {
      const enough = async () => ((await ends()).length >= count ? true : undefined);
      await pollUntil(systemClock, LIMIT_MS, 20, enough);
      return ends();
    },
    untilRead: (name, complete) =>
      pollUntil(systemClock, LIMIT_MS, 20, async () => {
        const text = await textOf(name);
        return complete.test(text) ? text : undefined;
      }),
    end: () => controller.abort(),
    remove: () => rm(directory, { recursive: true }),
  };
}

const SEEN = {
  cluster: 'main',
  node: 'pg1',
  epoch: 7,
  holder: 'pg2' as NodeName,
  ownTimeline: 3,
  timelineOf: () => null,
};

function entryOf(line: string): Entry {
  const { procedure, step, event, detail } = JSON.parse(line) as JournalEntry;
  return { procedure, step, event, detail: JSON.parse(detail) as Entry['detail'] };
}

/** What was killed may stay a zombie for a while, where nobody reaps it. */
export async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => 'State:\tX');
  return !/^State:\t[XZ]/m.test(status);
}
