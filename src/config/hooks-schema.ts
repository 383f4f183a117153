/** The user's commands in primacy.yml: programs with their arguments as lists, because no shell ever reads them. */
import { z } from 'zod';
import type { HookEvent } from '../core/model/hook.ts';
import { seconds } from './values.ts';

/** Program and arguments, by event; an empty list = none. */
export type HooksConfig = Readonly<Record<HookEvent, readonly string[]>> & {
  /** For each run; then its process group is killed. */
  readonly timeoutSeconds: number;
};

const argument = z.string().refine((text) => !text.includes('\0'), 'expected a text without NUL');

const command = z
  .array(argument)
  .refine(([program]) => program === undefined || program.startsWith('/'), {
    path: [0],
    message: 'expected the absolute path of a program',
  })
  .default([]);

export const hooks: z.ZodType<HooksConfig> = z
  .strictObject({
    promoted: command,
    fenced: command,
    rejoined: command,
    switchedOver: command,
    timeoutSeconds: seconds(30),
  })
  .prefault({});
