/** Small total functions over what a server said of itself. */
import { unknown, known, type Known } from '../../core/model/known.ts';
import type { Lsn } from '../../core/model/lsn.ts';

/** The later of two positions; null where neither is known. */
export function greatest(a: Lsn | null, b: Lsn | null): Lsn | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}

export function fromNullable<T>(value: T | null): Known<T> {
  return value === null ? unknown('the server gave no such position') : known(value);
}

/** A value inside a known value. */
export function flat<T, U>(it: Known<T>, of: (value: T) => Known<U>): Known<U> {
  return it.kind === 'known' ? of(it.value) : it;
}
