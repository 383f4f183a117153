/** Stage 1: only who knows the token is heard. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** True where the header is `Bearer TOKEN` with our token. Compares digests, so that neither content nor length shows in the time it takes. */
export function isAuthorized(header: string | undefined, token: string): boolean {
  const match = /^Bearer ([^\s]+)$/i.exec(header ?? '');
  return timingSafeEqual(digest(match?.[1] ?? ''), digest(token)) && match !== null;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
