/** One long-lived `nft -i`: a change costs a line in a pipe instead of a new process of 20 ms. */
import { spawn, type ChildProcess } from 'node:child_process';

export type NftAnswer =
  { readonly kind: 'listed'; readonly text: string } | { readonly kind: 'failed'; readonly reason: string };

export interface NftSession {
  /** Sends one line, then a `list`; resolves with what that printed. One at a time. */
  readonly ask: (line: string, list: string) => Promise<NftAnswer>;
  readonly isOpen: () => boolean;
  readonly close: () => Promise<void>;
}

/** nft answers in a few milliseconds; one that does not is stopped or hangs, and is replaced. */
const ANSWER_LIMIT_MS = 1_000;
/** An error has no end mark: nothing more comes after a pause of so long. */
const ERROR_PAUSE_MS = 30;
const OUTPUT_LIMIT_CHARACTERS = 64 * 1024;

/** Starts nft. That it cannot be started is seen by the first question. */
export function openNftSession(): NftSession {
  // Both outputs in one pipe, in their order. Without a home it writes no history.
  const child = spawn('sh', ['-c', 'exec nft -i 2>&1'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/nonexistent', LC_ALL: 'C' },
    cwd: '/',
  });
  let open = true;
  let output = '';
  let heard: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      open = false;
      heard();
      resolve();
    };
    child.on('error', end);
    child.on('close', end);
  });
  // A write to a process that is gone; `close` tells it.
  child.stdin?.on('error', () => undefined);
  child.stdout?.setEncoding('utf8');
  child.stdout?.on('data', (text: string) => {
    output = (output + text).slice(-OUTPUT_LIMIT_CHARACTERS);
    heard();
  });
  const ask = (line: string, list: string): Promise<NftAnswer> =>
    new Promise((resolve) => {
      output = '';
      let pause: NodeJS.Timeout | undefined;
      const finish = (answer: NftAnswer): void => {
        clearTimeout(limit);
        clearTimeout(pause);
        heard = () => undefined;
        resolve(answer);
      };
      const fail = (reason: string): void => {
        endNow(child);
        finish({ kind: 'failed', reason });
      };
      const limit = setTimeout(() => fail(`nft gave no answer in ${ANSWER_LIMIT_MS} ms`), ANSWER_LIMIT_MS);
      heard = () => {
        clearTimeout(pause);
        if (!open) finish({ kind: 'failed', reason: output.trim() || 'nft cannot be run' });
        else if (/^Error: /m.test(output))
          pause = setTimeout(() => finish({ kind: 'failed', reason: firstLine(output) }), ERROR_PAUSE_MS);
        else if (/^}\n/m.test(output)) finish({ kind: 'listed', text: output });
      };
      if (open) child.stdin?.write(`${line}\n${list}\n`);
      else heard();
    });
  const close = async (): Promise<void> => {
    child.stdin?.end();
    const timer = setTimeout(() => endNow(child), ANSWER_LIMIT_MS);
    await ended;
    clearTimeout(timer);
  };
  return { ask, isOpen: () => open, close };
}

function endNow(child: ChildProcess): void {
  child.kill('SIGKILL');
}

function firstLine(text: string): string {
  return (/^Error: .*/m.exec(text)?.[0] ?? text).trim();
}
