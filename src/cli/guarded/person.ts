/** Who asks, and why: the words that go into journal, log and the other nodes' answers. */
import { PrimacyError } from '../../core/model/primacy-error.ts';

/** As the agent's socket takes it, and a datagram has room for. */
const WORDS_LIMIT = 200;

/** The person behind sudo, else this process's user. */
export function personAsking(): string {
  const { SUDO_USER, USER } = process.env;
  return [SUDO_USER, USER].find((it) => it !== undefined && it !== '') ?? 'root';
}

/** Throws `usage` where there are none, or too many. `what`: what cannot be done without. */
export function wordsOf(reason: string | undefined, what: string): string {
  const words = reason?.trim() ?? '';
  if (words === '') throw new PrimacyError('usage', `cannot ${what}: --reason must say why`);
  if (words.length > WORDS_LIMIT)
    throw new PrimacyError('usage', `cannot ${what}: --reason takes ${WORDS_LIMIT} characters`);
  return words;
}
