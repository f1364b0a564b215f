/** One operation of the API's description as an article of `/docs`. */
import { errorResponses } from './description.ts';
import { definition, memberList, schemaPhrase } from './docs-schema.ts';
import type { Html } from './html.ts';
import { html, inline, prose } from './html.ts';
import type { Json, Operation, OperationContent, OperationResponse } from './openapi-document.ts';

const COMMON = errorResponses();

export interface PlacedOperation {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

export function operationArticle({ method, path, operation }: PlacedOperation): Html {
  const { operationId, summary, description } = operation;
  return html`<article id="${operationId}" data-text="${searchText(method, path, operation)}">
    <div>
      <h3><a href="#${operationId}">${summary}</a></h3>
      <p class="path">
        <span class="verb ${method}">${method.toUpperCase()}</span>${pathWithParts(path)}
      </p>
      ${description === undefined ? '' : prose(description)} ${parameters(operation)}
      ${body(operation)} ${responses(operation)}
    </div>
    <div class="side">${samples(operation)}</div>
  </article>`;
}

export function searchText(
  method: string,
  path: string,
  { summary, operationId }: Operation,
): string {
  return `${method} ${path} ${summary} ${operationId}`.toLowerCase();
}

/** The variable parts stand back a little. */
function pathWithParts(path: string): Html[] {
  return path
    .split(/(\{[^}]+\})/)
    .map((part) => (part.startsWith('{') ? html`<i>${part}</i>` : html`${part}`));
}

const PLACES = { path: 'in the path', query: 'query', header: 'header' } as const;
const PLACE_ORDER = Object.keys(PLACES);

function parameters({ parameters: all }: Operation): Html | undefined {
  if (all === undefined || all.length === 0) return undefined;
  const sorted = all.toSorted((a, b) => PLACE_ORDER.indexOf(a.in) - PLACE_ORDER.indexOf(b.in));
  return html`<h4>Parameters</h4>
    <dl>
      ${sorted.map((each) =>
        definition(each.name, PLACES[each.in], {
          ...each.schema,
          ...(each.description === undefined ? {} : { description: each.description }),
        }),
      )}
    </dl>`;
}

function body({ requestBody }: Operation): Html | undefined {
  if (requestBody === undefined) return undefined;
  const remark = requestBody.required ? '' : ', may be left out';
  return html`<h4>Body${remark}</h4>
    <dl>
      ${Object.entries(requestBody.content).map(
        ([mediaType, { schema }]) =>
          html`<div>
            <dt>${breakable(mediaType)}</dt>
            <dd>${describe(schema)}</dd>
          </div>`,
      )}
    </dl>`;
}

/** A long media type may go on in the next line behind its punctuation. */
function breakable(mediaType: string): Html[] {
  return mediaType.split(/(?<=[/.+])/).map((part) => html`${part}<wbr />`);
}

function describe(schema: Json): Html {
  const text = typeof schema['description'] === 'string' ? inline(schema['description']) : '';
  return html`${text} <span class="kind">${schemaPhrase(schema)}</span>${memberList(schema)}`;
}

function responses({ responses: all }: Operation): Html {
  return html`<h4>Answers</h4>
    <dl class="statuses">
      ${ownAnswers(all).map(
        ([status, response]) =>
          html`<div>
            <dt><span class="status">${status}</span></dt>
            <dd>${inline(response.description)}${contentKinds(response)}${headers(response)}</dd>
          </div>`,
      )}
    </dl>`;
}

/** Without the errors that every route may answer with: the page says them once. */
function ownAnswers(all: Operation['responses']): [string, OperationResponse][] {
  return Object.entries(all).filter(
    ([status, { description }]) => COMMON[Number(status)]?.description !== description,
  );
}

/** Error answers all have one shape, which the page says once. */
function contentKinds({ content }: OperationResponse): Html | undefined {
  if (content === undefined) return undefined;
  const kinds = Object.entries(content)
    .filter(([, { schema }]) => schema['$ref'] !== '#/components/schemas/Error')
    .map(
      ([mediaType, { schema }]) =>
        html`<br /><span class="kind">${mediaType}: ${schemaPhrase(schema)}</span>`,
    );
  return html`${kinds}`;
}

function headers({ headers: all }: OperationResponse): Html | undefined {
  if (all === undefined) return undefined;
  return html`${Object.entries(all).map(
    ([name, { description }]) => html`<br /><code>${name}</code> ${inline(description ?? '')}`,
  )}`;
}

function samples({ 'x-codeSamples': code, requestBody, responses: all }: Operation): Html {
  const shell = code.map(
    ({ source }) =>
      html`<figure data-copy="">
        <figcaption>Try it</figcaption>
        <pre class="shell">${source}</pre>
      </figure>`,
  );
  // One success is enough to see the shape.
  const [status, answer] = Object.entries(all).find(([each]) => each.startsWith('2')) ?? [];
  return html`${shell}${examples('Body', requestBody?.content)}${examples(
    `Answer ${status}`,
    answer?.content,
  )}`;
}

/** The first example open, the others to be opened. */
function examples(caption: string, content: OperationContent | undefined): Html[] {
  const all = Object.entries(content ?? {}).flatMap(([mediaType, { examples: named = {} }]) =>
    Object.values(named as Readonly<{ [name: string]: ExampleObject }>).map((example) => ({
      mediaType,
      ...example,
    })),
  );
  return all.map(({ mediaType, summary, value }, index) => {
    const title = `${caption}, ${mediaType}${summary === undefined ? '' : `: ${summary}`}`;
    const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
    return index === 0
      ? html`<figure>
          <figcaption>${title}</figcaption>
          <pre>${text}</pre>
        </figure>`
      : html`<details>
          <summary>${title}</summary>
          <pre>${text}</pre>
        </details>`;
  });
}

interface ExampleObject {
  readonly summary?: string;
  readonly value: unknown;
}
