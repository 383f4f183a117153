/** Where the voter's memory is kept: a write that hangs is given up after a limit, and never overtaken by a later one. */
import { PrimacyError } from '../../core/model/primacy-error.ts';
import type { VoterMemory } from '../../core/lease/voter.ts';
import { readVoteMemory, writeVoteMemory, type StoredMemory } from '../../world/files/vote-memory.ts';

/** The file, or what a test puts in its place. */
export interface MemoryFile {
  readonly read: () => Promise<StoredMemory>;
  readonly write: (memory: VoterMemory) => Promise<void>;
}

/** A disk that is slower than this cannot be voted on: the lease would run out meanwhile. */
const LIMIT_MS = 1_000;

export function memoryFileAt(path: string): MemoryFile {
  return {
    read: () => readVoteMemory(path),
    write: (memory) => writeVoteMemory(path, memory),
  };
}

export class VoteStore {
  readonly #file: MemoryFile;
  #running = false;

  constructor(file: MemoryFile) {
    this.#file = file;
  }

  /** Durable when it resolves. Rejects with the system's error, or `timeout` after a second; what is on the disk is then not known. */
  write(memory: VoterMemory): Promise<void> {
    return this.#begin(() => this.#file.write(memory));
  }

  /**
   * The memory. Where `proven` is false it is written once more, because after a write that failed a file can be read that no disk has.
   * Rejects as `write` does.
   */
  read(proven: boolean): Promise<StoredMemory> {
    return this.#begin(async () => {
      const stored = await this.#file.read();
      if (stored.kind === 'memory' && !proven) await this.#file.write(stored.memory);
      return stored;
    });
  }

  /** One at a time: a write that was given up may still end, and must not undo a newer one then. */
  #begin<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running) return Promise.reject(tooSlow());
    this.#running = true;
    const begun = work();
    const over = (): void => {
      this.#running = false;
    };
    begun.then(over, over);
    return withinLimit(begun);
  }
}

function tooSlow(): PrimacyError {
  return new PrimacyError('timeout', `the disk did not answer within ${LIMIT_MS} ms`);
}

async function withinLimit<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooSlow()), LIMIT_MS);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
