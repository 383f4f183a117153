/** Sorts what went wrong between us and a server: an error answer proves that it lives, silence proves nothing. */
import { errorText } from '../../core/model/primacy-error.ts';

export interface SessionFailure {
  readonly kind: 'not-now' | 'refused' | 'rejected' | 'silent';
  /** SQLSTATE of an error answer (PostgreSQL manual, appendix A); null where the server did not answer. */
  readonly sqlState: string | null;
  /** For people, without full stop. */
  readonly detail: string;
}

const CANNOT_CONNECT_NOW = '57P03';
const QUERY_CANCELED = '57014';
/** Our own password cannot be read: class 28, as if the login were refused. It says nothing about the server, least of all that it is dead. */
const NO_PASSWORD = '28000';

/** An error of reading the password file, which must not be taken for a server's. */
export class PasswordUnreadable extends Error {
  readonly code: string = NO_PASSWORD;
}

/**
 * Sorts an error thrown by the driver. A cancelled statement counts as silence: its limit passed. So does having no way to the host, which
 * is no word of the host; only a host that answers that nothing listens refuses.
 */
export function classifyFailure(error: unknown): SessionFailure {
  const detail = errorText(error) || String((error as { code?: unknown }).code);
  const code = (error as { readonly code?: unknown }).code;
  if (typeof code !== 'string') return { kind: 'silent', sqlState: null, detail };
  if (code === 'ECONNREFUSED') return { kind: 'refused', sqlState: null, detail };
  if (!/^[0-9A-Z]{5}$/.test(code)) return { kind: 'silent', sqlState: null, detail };
  if (code === CANNOT_CONNECT_NOW) return { kind: 'not-now', sqlState: code, detail };
  if (code === QUERY_CANCELED) return { kind: 'silent', sqlState: code, detail };
  return { kind: 'rejected', sqlState: code, detail: `${detail} (SQLSTATE ${code})` };
}
