/** One lasting connection to one server, opened when needed, where every answer arrives within its limit or the connection is given up. */
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { Client } from 'pg';
import { errorText } from '../../core/model/primacy-error.ts';
import { classifyFailure, PasswordUnreadable, type SessionFailure } from './session-failure.ts';

export interface SessionOptions {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly passwordFile: string;
  readonly applicationName: string;
  readonly connectTimeoutMs: number;
  /** Server settings for this session, such as `lock_timeout`. Values must need no quoting. */
  readonly settings: Readonly<Record<string, string | number>>;
}

/** `name` makes it a prepared statement: parsed once per connection, one round trip from then on. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values?: readonly (string | number | null)[];
}

export type SqlOutcome<Row> =
  | {
      readonly kind: 'rows';
      readonly rows: readonly Row[];
      readonly rowCount: number;
      readonly notices: readonly string[];
    }
  | { readonly kind: 'failed'; readonly failure: SessionFailure };

export interface PostgresSession {
  /** Runs one statement, connecting first where there is no connection. Ends within `limitMs`; never rejects. One at a time. */
  readonly query: <Row>(statement: Statement, limitMs: number) => Promise<SqlOutcome<Row>>;
  /** Process id of the server's backend; null without a connection. */
  readonly backendPid: () => number | null;
  readonly close: () => Promise<void>;
}

const CLOSE_LIMIT_MS = 500;

/** Makes a session; the first `query` opens it. */
export function createSession(options: SessionOptions): PostgresSession {
  return new LastingSession(options);
}

class LastingSession implements PostgresSession {
  readonly #options: SessionOptions;
  readonly #notices: string[] = [];
  #client: Client | null = null;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  async query<Row>(statement: Statement, limitMs: number): Promise<SqlOutcome<Row>> {
    const end = performance.now() + limitMs;
    // A connection that broke while it was idle says nothing about the server now: a second, fresh one decides.
    for (const reused of this.#client === null ? [false] : [true, false]) {
      let client: Client | null = reused ? this.#client : null;
      try {
        client ??= await this.#connect(end - performance.now());
        return await this.#ask<Row>(client, statement, Math.max(1, end - performance.now()));
      } catch (error) {
        const failure = classifyFailure(error);
        const connectionLost = failure.sqlState === null || failure.sqlState.startsWith('57P');
        if (client !== null && connectionLost) this.#drop(client);
        if (!(reused && connectionLost)) return { kind: 'failed', failure };
      }
    }
    return failed('silent', 'the connection broke twice');
  }

  backendPid(): number | null {
    return (this.#client as { processID?: number | null } | null)?.processID ?? null;
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    if (client === null) return;
    await withinLimit(client.end(), CLOSE_LIMIT_MS);
    destroySocket(client);
  }

  async #connect(limitMs: number): Promise<Client> {
    const client = new Client({
      ...connectionParameters(this.#options),
      password: await readPassword(this.#options.passwordFile),
      connectionTimeoutMillis: Math.max(1, Math.min(this.#options.connectTimeoutMs, limitMs)),
    });
    // Without a listener an idle connection that breaks would end the process.
    client.on('error', () => this.#drop(client));
    client.on('notice', (notice) => this.#notices.push(notice.message ?? ''));
    try {
      await client.connect();
    } catch (error) {
      this.#drop(client);
      throw error;
    }
    this.#client = client;
    return client;
  }

  async #ask<Row>(client: Client, statement: Statement, limitMs: number): Promise<SqlOutcome<Row>> {
    this.#notices.length = 0;
    const { name, text, values } = statement;
    const result = await withinLimit(
      client.query({ name, text, ...(values === undefined ? {} : { values: [...values] }) }),
      limitMs,
    );
    if (result === null) {
      this.#drop(client);
      return failed('silent', `no answer within ${Math.round(limitMs)} ms`);
    }
    const { rows, rowCount } = result;
    return { kind: 'rows', rows: rows as Row[], rowCount: rowCount ?? 0, notices: [...this.#notices] };
  }

  #drop(client: Client): void {
    if (this.#client === client) this.#client = null;
    // Whether its goodbye arrives does not matter: the socket is destroyed in the next line.
    client.end().catch(() => undefined);
    destroySocket(client);
  }
}

async function readPassword(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    throw new PasswordUnreadable(`cannot read the password: ${errorText(error)}`, { cause: error });
  }
}

/** A stopped server never says goodbye, and a socket that waits for it would keep our process from ending. */
function destroySocket(client: Client): void {
  (client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream.destroy();
}

function failed(kind: SessionFailure['kind'], detail: string): SqlOutcome<never> {
  return { kind: 'failed', failure: { kind, sqlState: null, detail } };
}

function connectionParameters(options: SessionOptions): {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly application_name: string;
  readonly options: string;
} {
  return {
    host: options.host,
    port: options.port,
    database: options.database,
    user: options.user,
    application_name: options.applicationName,
    options: Object.entries(options.settings)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
  };
}

/** The promise's value, or null once the limit passed; a rejection after that is of no interest any more. */
async function withinLimit<T>(promise: Promise<T>, limitMs: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
    // What is rejected after the limit was told as a time-out already, and must not count as unhandled.
    promise.catch(() => undefined);
  }
}
