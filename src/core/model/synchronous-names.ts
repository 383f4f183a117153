/** Reads `synchronous_standby_names` as PostgreSQL does (src/backend/replication/syncrep_gram.y, syncrep_scanner.l). */
import { known, unknown, type Known } from './known.ts';

export interface SynchronousNames {
  /** `first`: the first `count` that stream, in the order of the list; `any`: any `count` of the list. */
  readonly method: 'first' | 'any';
  /** How many standbys a commit waits for, at least 1. */
  readonly count: number;
  /** Application names as they are written, at least one; `*` is every standby. */
  readonly standbys: readonly string[];
}

/** Null where the setting is empty: no commit waits for a standby. Unknown where PostgreSQL could not read it either. */
export function parseSynchronousNames(text: string): Known<SynchronousNames | null> {
  const tokens = tokensOf(text);
  if (tokens === null) return unreadable(text);
  if (tokens.length === 0) return known(null);
  const { method, count, list } = headOf(tokens);
  const standbys = namesOf(list);
  return standbys === null || count < 1 ? unreadable(text) : known({ method, count, standbys });
}

/** Whether a standby that streams under this application name belongs to the set. */
export function isListed({ standbys }: SynchronousNames, applicationName: string): boolean {
  return standbys.some((it) => it === '*' || sameName(it, applicationName));
}

/** As `pg_strcasecmp` compares: ASCII letters alike, all others byte by byte. */
export function sameName(a: string, b: string): boolean {
  return a === b || lowerAscii(a) === lowerAscii(b);
}

function lowerAscii(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

interface Token {
  readonly kind: 'name' | 'number' | 'word' | 'mark';
  readonly text: string;
}

/** Words and numbers may be names too; a quoted name is never a keyword. Null where a character has no place. */
function tokensOf(text: string): readonly Token[] | null {
  const pattern =
    /\s+|"((?:[^"]|"")*)"|([A-Za-z_\u0080-\uffff][A-Za-z_\u0080-\uffff0-9$]*)|([0-9]+)|([*])|([(),])/y;
  const tokens: Token[] = [];
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null) return null;
    const [, quoted, word, number, star, mark] = match;
    if (quoted !== undefined) tokens.push({ kind: 'name', text: quoted.replaceAll('""', '"') });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (star !== undefined) tokens.push({ kind: 'name', text: star });
    else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark });
  }
  return tokens;
}

type Head = Pick<SynchronousNames, 'method' | 'count'> & { readonly list: readonly Token[] };

/** `FIRST n (list)`, `ANY n (list)`, `n (list)`, or the list alone, which is `FIRST 1`. */
function headOf(tokens: readonly Token[]): Head {
  const [first] = tokens;
  const keyword = first?.kind === 'word' ? lowerAscii(first.text) : '';
  const counted = keyword === 'first' || keyword === 'any' ? tokens.slice(1) : tokens;
  const [number, open] = counted;
  const last = counted.at(-1);
  const enclosed = number?.kind === 'number' && isMark(open, '(') && isMark(last, ')');
  if (!enclosed) return { method: 'first', count: 1, list: tokens };
  return {
    method: keyword === 'any' ? 'any' : 'first',
    count: Number(number.text),
    list: counted.slice(2, -1),
  };
}

/** Names with commas between them; null where it is no such list. */
function namesOf(list: readonly Token[]): readonly string[] | null {
  const names: string[] = [];
  for (const [index, token] of list.entries()) {
    const isName = index % 2 === 0;
    if (isName !== (token.kind !== 'mark')) return null;
    if (!isName && token.text !== ',') return null;
    if (token.kind === 'word' && /^(?:first|any)$/i.test(token.text)) return null;
    if (isName) names.push(token.text);
  }
  return list.length % 2 === 1 ? names : null;
}

function isMark(token: Token | undefined, text: string): boolean {
  return token?.kind === 'mark' && token.text === text;
}

function unreadable(text: string): Known<never> {
  return unknown(`synchronous_standby_names cannot be read: ${text.slice(0, 100)}`);
}
