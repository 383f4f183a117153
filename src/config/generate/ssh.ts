/** The line in a node's authorized_keys that lets the responder ask for node procedures, and for nothing else. */
import { PrimacyError } from '../../core/model/primacy-error.ts';

const PUBLIC_KEY = /^(ssh-[a-z0-9-]+|ecdsa-[a-z0-9-]+|sk-[a-z0-9@.-]+) [A-Za-z0-9+/]+=*( [ -~]*)?$/;

/**
 * A forced command (sshd(8), "AUTHORIZED_KEYS FILE FORMAT"): whatever the client asks for, `PRIMACY node --ssh` runs and reads it as data.
 * Throws `config-invalid` unless `publicKey` is one public key line.
 */
export function authorizedKeysLine(publicKey: string, primacyCommand: string): string {
  const key = publicKey.trim();
  if (!PUBLIC_KEY.test(key))
    throw new PrimacyError(
      'config-invalid',
      'cannot write authorized_keys line: expected one public key, "TYPE BASE64"',
    );
  const quoted = `${primacyCommand} node --ssh`.replaceAll('"', String.raw`\"`);
  return `command="${quoted}",restrict ${key}`;
}
