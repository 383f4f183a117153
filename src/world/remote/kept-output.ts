/** What is kept of a program's output: all of it, or its end alone, so that a program that says much costs little memory. */

export interface KeptOutput {
  readonly take: (chunk: Buffer) => void;
  readonly text: () => string;
}

/** `tailBytes` undefined: everything. */
export function keepOutput(tailBytes: number | undefined): KeptOutput {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return {
    take: (chunk) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (tailBytes === undefined) return;
      for (let [first] = chunks; first !== undefined && bytes - first.length >= tailBytes; [first] = chunks) {
        bytes -= first.length;
        chunks.shift();
      }
    },
    text: () => {
      const all = Buffer.concat(chunks);
      if (tailBytes === undefined || all.length <= tailBytes) return all.toString('utf8');
      // The cut may have gone through a character.
      return all
        .subarray(-tailBytes)
        .toString('utf8')
        .replace(/^\uFFFD+/, '');
    },
  };
}
