/** The authorized_keys line, as sshd reads it. */
import { expect, test } from 'vitest';
import { authorizedKeysLine } from '../../../../src/config/generate/ssh.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl responder';

test('the key can run the node command and nothing else', () => {
  expect(authorizedKeysLine(`${KEY}\n`, '/usr/bin/primacy')).toBe(
    `command="/usr/bin/primacy node --ssh",restrict ${KEY}`,
  );
});

test('a quotation mark in the command cannot end the option', () => {
  expect(authorizedKeysLine(KEY, '/usr/bin/env "x" primacy')).toContain(
    String.raw`command="/usr/bin/env \"x\" primacy node --ssh",restrict`,
  );
});

test('a text that is not one key is refused', () => {
  expect(() => authorizedKeysLine(`${KEY}\n${KEY}`, 'primacy')).toThrow('expected one public key');
  expect(() => authorizedKeysLine('', 'primacy')).toThrow('expected one public key');
});
