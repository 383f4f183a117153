/** The pages for people: overview, runbooks, style sheet. They work without a script and change nothing. */
import { Router, type Response } from 'express';
import { renderPage, stylePath, wrapPage } from './render.ts';
import { overviewOf, type OverviewParts } from './overview.ts';
import { renderRunbook, runbookNames } from './runbooks.ts';

export interface PageContext {
  readonly overview: () => Promise<OverviewParts>;
  readonly runbooks: string;
}

/** `/`, `/runbooks/`, `/runbooks/NAME`, `/style.css`. */
export function pageRoutes(context: PageContext): Router {
  const router = Router();
  router.get('/', async (_request, response) => {
    send(response, renderPage('overview', 'Primacy', overviewOf(await context.overview())));
  });
  router.get('/runbooks', async (_request, response) => {
    send(response, renderPage('runbooks', 'Runbooks', { names: await runbookNames(context.runbooks) }));
  });
  router.get('/runbooks/:name', async (request, response) => {
    const { name } = request.params;
    const html = await renderRunbook(context.runbooks, name);
    if (html === null) return sendMissing(response, `There is no runbook of that name: ${name}`);
    send(response, wrapPage(`${name} runbook`, html));
  });
  router.get('/style.css', (_request, response) => {
    response.set('Cache-Control', 'max-age=300').sendFile(stylePath);
  });
  return router;
}

/** The page for whatever does not exist. */
export function sendMissing(response: Response, what: string): void {
  response.status(404);
  send(response, renderPage('missing', 'Not found', { what }));
}

function send(response: Response, html: string): void {
  response.set('Cache-Control', 'no-store').type('text/html').send(html);
}
