/** Fills the templates. Everything that goes in is escaped, except bodies that were made here. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';

const here = dirname(fileURLToPath(import.meta.url));
const eta = new Eta({ views: join(here, 'templates'), cache: true, autoEscape: true });

/** Where the one style sheet lies. */
export const stylePath: string = join(here, 'style.css');

export type TemplateName = 'overview' | 'runbooks' | 'missing';

/** A whole page from a template. */
export function renderPage(template: TemplateName, title: string, data: object): string {
  return wrapPage(title, eta.render(template, data));
}

/** A whole page around HTML that is known to be safe. */
export function wrapPage(title: string, body: string): string {
  return eta.render('layout', { title, body });
}
