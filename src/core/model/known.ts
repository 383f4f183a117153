/** A value that was seen, or the reason why it was not: unknown is a value of its own and never permits anything dangerous. */

export interface KnownValue<T> {
  readonly kind: 'known';
  readonly value: T;
}

export interface Unknown {
  readonly kind: 'unknown';
  /** A short sentence without full stop, for people. */
  readonly reason: string;
}

export type Known<T> = KnownValue<T> | Unknown;

/** Wraps a value that was seen. */
export function known<T>(value: T): KnownValue<T> {
  return { kind: 'known', value };
}

/** Says why a value was not seen. */
export function unknown(reason: string): Unknown {
  return { kind: 'unknown', reason };
}

/** The value, or `fallback` where it is unknown. Only for display: a decision must look at `kind`. */
export function valueOr<T, F>(it: Known<T>, fallback: F): T | F {
  return it.kind === 'known' ? it.value : fallback;
}

/** Applies a total function to a known value. */
export function mapKnown<T, U>(it: Known<T>, map: (value: T) => U): Known<U> {
  return it.kind === 'known' ? known(map(it.value)) : it;
}
