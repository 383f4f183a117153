/** Goal: nothing that arrives over SSH but a well-formed request is ever carried out. Method: arbitrary lines, and requests with one character changed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FenceNumber, RemediationId } from '../../../../src/core/model/names.ts';
import { PrimacyError } from '../../../../src/core/model/primacy-error.ts';
import { decodeRequest, encodeRequest, type NodeRequest } from '../../../../src/world/remote/protocol.ts';

const fence = fc.record({
  verb: fc.constant('fence' as const),
  reason: fc.stringMatching(/^[a-z0-9-]{1,64}$/),
  remediation: fc.stringMatching(/^[A-Za-z0-9-]{1,64}$/).map((text) => text as RemediationId),
  fenceNumber: fc.nat().map((number) => number as FenceNumber),
});

/** What was decoded, or the code of the refusal. Any other error fails the test. */
function decoded(line: string): NodeRequest | string {
  try {
    return decodeRequest(line);
  } catch (error) {
    if (error instanceof PrimacyError) return error.code;
    throw error;
  }
}

describe('any fence request', () => {
  it('arrives as it was sent', () => {
    fc.assert(
      fc.property(fence, (request) => {
        expect(decodeRequest(encodeRequest(request))).toEqual(request);
      }),
    );
  });

  it('whose line was damaged is refused or is still a whole request', () => {
    fc.assert(
      fc.property(fence, fc.nat(), fc.string({ maxLength: 3 }), (request, at, noise) => {
        const line = encodeRequest(request);
        const place = at % line.length;
        const result = decoded(line.slice(0, place) + noise + line.slice(place + 1));
        if (typeof result === 'string') return result === 'usage';
        return result.verb === 'fence' && /^[a-z0-9-]{1,64}$/.test(result.reason);
      }),
    );
  });
});

describe('any line', () => {
  it('is refused as wrong usage', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (line) => decoded(line) === 'usage'));
  });
});
