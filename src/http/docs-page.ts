/**
 * `/docs`: the API's description as one page that needs nothing from elsewhere, reads well without
 * JavaScript, and is bound by a policy that lets only its own style and script in.
 */
import { createHash } from 'node:crypto';
import type { PlacedOperation } from './docs-operation.ts';
import { operationArticle, searchText } from './docs-operation.ts';
import { memberList } from './docs-schema.ts';
import { DOCS_SCRIPT } from './docs-script.ts';
import { DOCS_STYLE } from './docs-style.ts';
import { ERROR_ANSWERS } from './errors.ts';
import { Html, html, inline, prose } from './html.ts';
import { HTTP_FAULTS } from './http-error.ts';
import type { Json, OpenApiDocument } from './openapi-document.ts';

/** `Content-Security-Policy` of the page. */
export const DOCS_POLICY = [
  "default-src 'none'",
  `style-src '${hashSource(DOCS_STYLE)}'`,
  `script-src '${hashSource(DOCS_SCRIPT)}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

function hashSource(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** Three lines of water, in the colour of the page's links. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="none" stroke="#0b8490" stroke-width="2" stroke-linecap="round"><path d="M1 4q3.500-3 7 0t7 0M1 8.500q3.500-3 7 0t7 0M1 13q3.500-3 7 0t7 0"/></svg>',
)}`;

/** Every other curl example works after these. */
export const QUICK_START = `curl -X PUT {base}/topics/flights
curl {base}/topics/flights -H 'content-type: application/json' -d '{"records": [{"key": "AA1", "value": {"from": "SFO"}}]}'
curl '{base}/topics/flights/partitions/0/records?offset=earliest'`;

/** Not written within a template: a formatter that moved one blank would break their hashes. */
const STYLE_ELEMENT = new Html(`<style>${DOCS_STYLE}</style>`);
const SCRIPT_ELEMENT = new Html(`<script>${DOCS_SCRIPT}</script>`);

export function docsPage(document: OpenApiDocument): string {
  const groups = document.tags.map((tag) => ({
    ...tag,
    operations: operationsOf(document, tag.name),
  }));
  const filled = groups.filter((group) => group.operations.length > 0);
  const schemas = Object.entries(document.components.schemas);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Millrace HTTP API</title>
        <link rel="icon" href="${ICON}" />
        ${STYLE_ELEMENT}
      </head>
      <body>
        <div class="frame">
          <nav aria-label="Routes">
            <div class="brand"><b>Millrace</b><span>${document.info.version}</span></div>
            <input
              id="filter"
              type="search"
              placeholder="Filter routes ( / )"
              aria-label="Filter routes"
              hidden
            />
            <div class="lists">
              ${filled.map(navGroup)}
              <h2>Reference</h2>
              <ul>
                <li class="plain"><a href="#errors">Errors</a></li>
                <li class="plain"><a href="#schemas">Schemas</a></li>
                <li class="plain"><a href="/openapi.json">openapi.json</a></li>
              </ul>
            </div>
          </nav>
          <main>
            <header>
              <h1>HTTP API</h1>
              ${prose(document.info.description)}
              <p>For programs: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
              <figure data-copy="">
                <figcaption>A topic, a record, and reading it back</figcaption>
                <pre class="shell">${QUICK_START}</pre>
              </figure>
            </header>
            ${filled.map(
              (group) =>
                html`<section id="${group.name}" data-group="">
                  <h2>${group.name}</h2>
                  <p>${group.description}</p>
                  ${group.operations.map(operationArticle)}
                </section>`,
            )}
            ${errorSection()}
            <section id="schemas">
              <h2>Schemas</h2>
              <p>The shapes that the routes name.</p>
              ${schemas.map(schemaArticle)}
            </section>
          </main>
        </div>
        ${SCRIPT_ELEMENT}
      </body>
    </html> `.text;
}

function operationsOf(document: OpenApiDocument, tag: string): PlacedOperation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([, operation]) => operation.tags.includes(tag))
      .map(([method, operation]) => ({ method, path, operation })),
  );
}

interface Group {
  readonly name: string;
  readonly operations: readonly PlacedOperation[];
}

function navGroup({ name, operations }: Group): Html {
  return html`<div data-group="">
    <h2>${name}</h2>
    <ul>
      ${operations.map(
        ({ method, path, operation }) =>
          html`<li data-text="${searchText(method, path, operation)}">
            <a href="#${operation.operationId}"
              ><span class="verb ${method}">${method.toUpperCase()}</span
              ><span>${operation.summary}</span></a
            >
          </li>`,
      )}
    </ul>
  </div>`;
}

function errorSection(): Html {
  const rows = Object.entries({ ...ERROR_ANSWERS, ...HTTP_FAULTS }).toSorted(
    ([, a], [, b]) => a.status - b.status,
  );
  return html`<section id="errors">
    <h2>Errors</h2>
    <p>
      Every error answer has the shape <a href="#schema-Error">Error</a>, on every route and for
      unknown ones. Branch on <code>code</code>. Any route may answer with
      <code>INVALID_REQUEST</code>, <code>FORBIDDEN</code>, <code>SHUTTING_DOWN</code> and
      <code>UNKNOWN_SERVER_ERROR</code>; the routes above name what they add.
    </p>
    <article class="schema">
      <dl class="statuses">
        ${rows.map(
          ([code, { status, meaning }]) =>
            html`<div>
              <dt><span class="status">${status}</span></dt>
              <dd><code>${code}</code> ${inline(meaning)}</dd>
            </div>`,
        )}
      </dl>
    </article>
  </section>`;
}

function schemaArticle([name, schema]: [string, Json]): Html {
  const { description } = schema;
  return html`<article class="schema" id="schema-${name}">
    <div>
      <h3>${name}</h3>
      ${typeof description === 'string' ? prose(description) : ''}${memberList(schema)}
    </div>
  </article>`;
}
