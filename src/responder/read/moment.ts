/** Moments as text: RFC 3339 in UTC with milliseconds. */
import type { EpochMillis } from '../../core/model/names.ts';

/** `2026-11-21T09:01:19.081Z`. */
export function rfc3339(at: EpochMillis): string {
  return new Date(at).toISOString();
}
