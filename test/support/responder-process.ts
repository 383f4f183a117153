/** A real responder process on a free loopback port, with configuration, secrets and store in a temporary folder. */
import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { killTree } from './process-tree.ts';

const EXECUTABLE = fileURLToPath(new URL('../../src/cli/primacy.js', import.meta.url));
const READY_LIMIT_MS = 30_000;
const LOOK_INTERVAL_MS = 50;

export const TOKEN = 'a-token-for-tests';

export interface ResponderProcess {
  readonly url: string;
  readonly directory: string;
  readonly process: ChildProcess;
  readonly post: (body: string, token?: string | null) => Promise<Response>;
  /** Everything the API has in its journal. */
  readonly events: () => Promise<readonly { readonly event: string; readonly detail: unknown }[]>;
  /** SIGKILL, to what runs below a wrapper too, and waits for the end. */
  readonly kill: () => Promise<void>;
}

/** Writes configuration and secrets of a pair that nobody can reach. */
export async function prepareResponder(port: number): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'primacy-responder-'));
  const { privateKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  await writeFile(join(directory, 'token'), `${TOKEN}\n`, { mode: 0o600 });
  await writeFile(join(directory, 'key'), privateKey, { mode: 0o600 });
  const config = {
    clusters: [
      {
        name: 'main',
        vip: '192.0.2.100/24',
        interface: 'eth0',
        vrid: 51,
        nodes: [
          { name: 'pg1', addresses: ['127.0.0.1'] },
          { name: 'pg2', addresses: ['127.0.0.2'] },
        ],
      },
    ],
    responder: {
      listen: `127.0.0.1:${port}`,
      store: join(directory, 'store.sqlite'),
      secretFiles: { webhookToken: join(directory, 'token'), sshKey: join(directory, 'key') },
    },
  };
  // JSON is YAML.
  await writeFile(join(directory, 'primacy.yml'), JSON.stringify(config));
  return directory;
}

/** Starts the process, below `wrapper` where one is given, and waits until it is ready. */
export async function startResponder(
  directory: string,
  port: number,
  wrapper: readonly string[] = [],
): Promise<ResponderProcess> {
  const url = `http://127.0.0.1:${port}`;
  const [program, ...parameters] = [
    ...wrapper,
    process.execPath,
    EXECUTABLE,
    'responder',
    '--config',
    join(directory, 'primacy.yml'),
  ];
  const child = spawn(program, parameters, { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString('utf8');
  });
  await waitUntilReady(url, child, () => errors);
  return {
    url,
    directory,
    process: child,
    post: (body, token = TOKEN) =>
      fetch(`${url}/api/v1/webhook`, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
      }),
    events: async () => {
      const response = await fetch(`${url}/api/v1/journal?limit=1000`);
      const document = (await response.json()) as {
        readonly entries: readonly { readonly event: string; readonly detail: unknown }[];
      };
      return document.entries;
    },
    kill: () => killTree(child),
  };
}

/** Removes the folder. */
export async function removeResponder(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}

async function waitUntilReady(url: string, child: ChildProcess, errors: () => string): Promise<void> {
  const end = performance.now() + READY_LIMIT_MS;
  for (;;) {
    const ready = await fetch(`${url}/-/ready`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    if (child.exitCode !== null || performance.now() > end)
      throw new Error(`the responder did not become ready: ${errors()}`);
    await new Promise((resolve) => {
      setTimeout(resolve, LOOK_INTERVAL_MS);
    });
  }
}
