/** The one error class of the product: a stable code, whether a retry may help, and the cause. */

/** Stable codes. Each is explained in CONTRIBUTING.md and never changes its meaning. */
export type ErrorCode =
  | 'config-invalid'
  | 'usage'
  | 'missing-prerequisite'
  | 'refused'
  | 'timeout'
  | 'unreachable'
  | 'command-failed'
  | 'output-invalid'
  | 'locked'
  | 'superseded'
  | 'postcondition-missing';

export interface PrimacyErrorOptions {
  /** True where doing the same again later may succeed. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** An expected failure. The message starts with what could not be done, names the node, and has no full stop at its end. */
export class PrimacyError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: PrimacyErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'PrimacyError';
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** The text of any thrown value, for a journal or a log line. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
