/** A secret that cannot be used is reported at the configuration line that names its file, and never printed. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseConfig, type ValidConfig } from '../../../src/config/load.ts';
import { readSecret } from '../../../src/config/secrets.ts';

const PATH = ['responder', 'secretFiles', 'webhookToken'];

describe('a secret file', () => {
  let folder = '';
  let file = '';
  let config: ValidConfig;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'primacy-secret-'));
    file = join(folder, 'token');
    const text = `clusters:
  - { name: a, vip: 192.0.2.1/24, interface: eth0, vrid: 1, nodes: [{ name: pg1, addresses: [192.0.2.2] }] }
responder:
  secretFiles:
    webhookToken: ${file}
`;
    config = parseConfig(text, 'primacy.yml');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('is read without the newline at its end', async () => {
    writeFileSync(file, 's3cret\n', { mode: 0o600 });
    expect(await readSecret(config, PATH)).toEqual({ value: 's3cret', warning: null });
  });

  it('keeps every other blank', async () => {
    writeFileSync(file, ' a b \n\n', { mode: 0o600 });
    expect((await readSecret(config, PATH)).value).toBe(' a b \n');
  });

  it('that everybody can read is used, with a warning that does not show it', async () => {
    writeFileSync(file, 's3cret');
    chmodSync(file, 0o644);
    const { value, warning } = await readSecret(config, PATH);
    expect(value).toBe('s3cret');
    expect(warning).toBe(`everybody on this host can read the secret ${file}`);
  });

  it('that is absent is reported with file, line and column', async () => {
    await expect(readSecret(config, PATH)).rejects.toMatchObject({
      code: 'config-invalid',
      message: expect.stringMatching(
        /^primacy\.yml:5:19: responder\.secretFiles\.webhookToken: expected a readable file with one secret, found ENOENT/,
      ),
    });
  });

  it.each(['', '\n'])('that holds %j is reported as empty', async (text) => {
    writeFileSync(file, text);
    await expect(readSecret(config, PATH)).rejects.toThrow(`found that ${file} is empty`);
  });
});
