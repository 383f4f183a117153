/** Reads a node's name and the identity of a lease from parsed JSON, as datagrams and files have them. */
import type { LeaseId } from '../core/lease/lease.ts';
import type { NodeName } from '../core/model/names.ts';
import { countOf, FieldError, objectOf, textOf } from './json-fields.ts';

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
