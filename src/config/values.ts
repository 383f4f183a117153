/** Schemas of the single values that stand in many places of primacy.yml. */
import { z } from 'zod';

export const seconds = (byDefault: number): z.ZodDefault<z.ZodNumber> =>
  z.number().positive().max(86_400).default(byDefault);
export const text: z.ZodType<string> = z.string().min(1);
export const absolutePath: z.ZodType<string> = z.string().regex(/^\//, 'expected an absolute path');
export const name: z.ZodType<string> = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'expected lower-case letters, digits and hyphens');
export const port: z.ZodType<number> = z.number().int().min(1).max(65_535);
export const address: z.ZodType<string> = z.union([z.ipv4(), z.ipv6()], { error: 'expected an IP address' });
