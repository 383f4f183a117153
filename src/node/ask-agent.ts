/** Asks the agent of this host over its local socket: for commands that show or start what only the agent may decide. */
import { request } from 'node:http';
import { errorText, PrimacyError } from '../core/model/primacy-error.ts';

/** `document`: sent as JSON. Throws `unreachable` where no agent answers within the limit, `refused` or `command-failed` with the agent's own words. */
export async function askAgent<T>(
  socketPath: string,
  method: 'GET' | 'POST',
  path: string,
  limitMs: number,
  document?: unknown,
): Promise<T> {
  const sent = document === undefined ? '' : JSON.stringify(document);
  const { status, body } = await exchange(socketPath, method, path, limitMs, sent);
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch (error) {
    throw new PrimacyError('output-invalid', `cannot read the agent's answer: ${errorText(error)}`, {
      cause: error,
    });
  }
  if (status === 200) return answer as T;
  const { error } = answer as { readonly error?: unknown };
  throw new PrimacyError(
    'command-failed',
    typeof error === 'string' ? error : `the agent answered ${status}`,
  );
}

function exchange(
  socketPath: string,
  method: string,
  path: string,
  limitMs: number,
  sent: string,
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const failed = (error: unknown): void =>
      reject(
        new PrimacyError('unreachable', `cannot ask the agent of this host: ${errorText(error)}`, {
          retryable: true,
          cause: error,
        }),
      );
    const asked = request({ socketPath, method, path, timeout: limitMs }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        body += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', failed);
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${limitMs} ms`)));
    asked.on('error', failed);
    asked.end(sent);
  });
}
