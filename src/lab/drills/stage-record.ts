/** What a story leaves behind: the moments that its figures are counted from, its own figures, and lines for people. */

/** A moment worth a line for people. */
export interface Note {
  readonly at: number;
  readonly text: string;
}

/** Moments are milliseconds since 1970; null before they come. */
export class StageRecord {
  #struck: number | null = null;
  #begun: number | null = null;
  #lastStruck: number | null = null;
  #mended: number | null = null;
  #secondWriter: number | null = null;
  readonly #counts: Record<string, number> = {};
  readonly #notes: Note[] = [];

  /** When the first fault of the act was asked for. */
  get struck(): number | null {
    return this.#struck;
  }

  /** The same of the whole story, however many acts it has. */
  get begun(): number | null {
    return this.#begun;
  }

  /** When the last fault was asked for. */
  get lastStruck(): number | null {
    return this.#lastStruck;
  }

  /** When the last mending began; null where nothing was mended. */
  get mended(): number | null {
    return this.#mended;
  }

  /** When the second host accepted its first insert; null where the story did not wait for it. */
  get secondWriterAt(): number | null {
    return this.#secondWriter;
  }

  /** Figures of this drill alone. */
  get counts(): Readonly<Record<string, number>> {
    return this.#counts;
  }

  get notes(): readonly Note[] {
    return this.#notes;
  }

  /** Remembers this moment for the time line. */
  note(text: string): void {
    this.#notes.push({ at: Date.now(), text });
  }

  count(name: string, add: number): void {
    this.#counts[name] = (this.#counts[name] ?? 0) + add;
  }

  /** A new act: its first fault is time zero, and what was before it is not counted. */
  newAct(): void {
    this.#struck = null;
    this.#mended = null;
  }

  /** A fault is asked for. True for the first of its act. */
  protected askedAt(moment: number): boolean {
    const first = this.#struck === null;
    this.#lastStruck = moment;
    this.#struck ??= moment;
    this.#begun ??= moment;
    return first;
  }

  /** It is there. */
  protected madeAt(moment: number, first: boolean): void {
    this.#lastStruck = moment;
    if (first) this.#struck = moment;
  }

  protected mendedAt(moment: number): void {
    this.#mended = moment;
  }

  protected secondWroteAt(moment: number): void {
    this.#secondWriter = moment;
  }
}
