/** Reads a node's name, the identity of a lease and its pause from parsed JSON, as datagrams and files have them. */
import type { LeaseId } from '../core/lease/lease.ts';
import type { PauseNotice } from '../core/lease/pause.ts';
import type { NodeName } from '../core/model/names.ts';
import { countOf, FieldError, millisOf, objectOf, textOf } from './json-fields.ts';

const NODE_NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

/** A node's name as primacy.yml allows it, configured or not. Throws `FieldError`. */
export function nodeName(value: unknown, field: string): NodeName {
  const name = textOf(value, field);
  if (!NODE_NAME.test(name)) throw new FieldError(field, "a node's name");
  return name as NodeName;
}

/** Throws `FieldError`. */
export function parseLeaseId(value: unknown, field: string): LeaseId {
  const it = objectOf(value, field);
  const epoch = countOf(it['epoch'], `${field}.epoch`);
  if (epoch === 0) throw new FieldError(`${field}.epoch`, 'a whole number from 1');
  return {
    epoch,
    uuid: textOf(it['uuid'], `${field}.uuid`),
    holder: nodeName(it['holder'], `${field}.holder`),
  };
}

/** A pause as voters are told of it and keep it; null, too, where an agent that knows of none wrote nothing. Throws `FieldError`. */
export function parsePause(value: unknown, field: string): PauseNotice | null {
  if (value === undefined || value === null) return null;
  const it = objectOf(value, field);
  const words = objectOf(it['words'], `${field}.words`);
  const text = (name: 'reason' | 'by' | 'until'): string => textOf(words[name], `${field}.words.${name}`);
  const until = text('until');
  if (Number.isNaN(Date.parse(until))) throw new FieldError(`${field}.words.until`, 'a moment');
  return {
    number: countOf(it['number'], `${field}.number`),
    waitMs: millisOf(it['waitMs'], `${field}.waitMs`),
    words: { reason: text('reason'), by: text('by'), until },
  };
}
