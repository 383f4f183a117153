/** Reads fields of parsed JSON strictly and without a schema library, which would cost the agent memory: a field that is not as expected throws. */

/** Thrown by the readers of this file alone; whoever parses a whole document catches it. */
export class FieldError extends Error {
  constructor(field: string, expected: string) {
    super(`${field}: expected ${expected}`);
    this.name = 'FieldError';
  }
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** A JSON object, not null and no array. */
export function objectOf(value: unknown, field: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new FieldError(field, 'an object');
  return value as JsonObject;
}

/** The value that `read` makes of it, or null where it is null. */
export function nullOr<T>(
  value: unknown,
  field: string,
  read: (value: unknown, field: string) => T,
): T | null {
  return value === null ? null : read(value, field);
}

/** A text of 1 to 256 characters. */
export function textOf(value: unknown, field: string): string {
  if (typeof value !== 'string' || value === '' || value.length > 256)
    throw new FieldError(field, 'a text of 1 to 256 characters');
  return value;
}

export function booleanOf(value: unknown, field: string): boolean {
  if (typeof value !== 'boolean') throw new FieldError(field, 'true or false');
  return value;
}

/** A finite number. */
export function numberOf(value: unknown, field: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new FieldError(field, 'a number');
  return value;
}

/** A whole number from 0 to 2^53 - 1. */
export function countOf(value: unknown, field: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new FieldError(field, 'a whole number');
  return value as number;
}

/** A duration in milliseconds: not negative, at most 1000 days. */
export function millisOf(value: unknown, field: string): number {
  const millis = numberOf(value, field);
  if (millis < 0 || millis > 86_400_000_000) throw new FieldError(field, 'milliseconds');
  return millis;
}

/** One of some texts. */
export function oneOf<T extends string>(allowed: readonly T[]): (value: unknown, field: string) => T {
  return (value, field) => {
    const found = allowed.find((it) => it === value);
    if (found === undefined) throw new FieldError(field, `one of ${allowed.join(', ')}`);
    return found;
  };
}

/** A list of at most 64. */
export function listOf<T>(
  value: unknown,
  field: string,
  read: (value: unknown, field: string) => T,
): readonly T[] {
  if (!Array.isArray(value) || value.length > 64) throw new FieldError(field, 'a list of at most 64');
  return value.map((it, index) => read(it, `${field}[${index}]`));
}
