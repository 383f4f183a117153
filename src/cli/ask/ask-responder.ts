/** Asks a responder's read API, and says in one sentence why it could not be asked. */
import type { Command } from 'commander';
import { loadConfig } from '../../config/load.ts';
import { paths } from '../../config/paths.ts';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { productLab, readLabState } from '../../lab/state.ts';

export interface AskOptions {
  readonly json?: boolean;
  readonly cluster?: string;
  readonly responder?: string;
  readonly name?: string;
  readonly config: string;
}

/** A look at nodes that do not answer takes the responder `observeSeconds`; this is longer than any sensible one. */
const ANSWER_LIMIT_MS = 30_000;

/** The options that all reading commands share. */
export function addAskOptions(command: Command): void {
  command
    .option('--json', 'one JSON document on standard output')
    .option('--cluster <name>', 'only this cluster (default: all)')
    .option(
      '--responder <url>',
      "the responder's address (default: responder.externalUrl of the configuration)",
    )
    .option('--name <lab>', 'ask the responder of this lab')
    .option('--config <file>', 'configuration file', paths.config);
}

/** Fetches one document. Throws `unreachable` where nobody answers, `usage` where there is no such cluster. */
export async function askResponder<T>(
  what: 'status' | 'diagnose' | 'plan' | 'journal',
  options: AskOptions,
  parameters: Readonly<Record<string, string>> = {},
): Promise<T> {
  const base = await responderUrl(options);
  const url = new URL(`/api/v1/${what}`, base);
  if (options.cluster !== undefined) url.searchParams.set('cluster', options.cluster);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
    body = await response.json();
  } catch (error) {
    throw new PrimacyError('unreachable', `cannot ask the responder at ${base}: ${causeText(error)}`, {
      retryable: true,
      cause: error,
    });
  }
  if (response.ok) return body as T;
  const message = (body as { readonly error?: { readonly message?: string } }).error?.message;
  throw new PrimacyError(
    response.status < 500 ? 'usage' : 'command-failed',
    `cannot read ${what} from ${base}: ${message ?? `HTTP ${response.status}`}`,
  );
}

async function responderUrl(options: AskOptions): Promise<string> {
  if (options.responder !== undefined) {
    if (URL.canParse(options.responder)) return options.responder;
    throw new PrimacyError('usage', `cannot use --responder ${JSON.stringify(options.responder)}: not a URL`);
  }
  if (options.name !== undefined) return productLab(await readLabState(options.name)).page;
  return (await loadConfig(options.config)).responder.externalUrl;
}

/** fetch hides what happened behind "fetch failed". */
function causeText(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? errorText(error.cause) : errorText(error);
}
