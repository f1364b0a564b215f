/** The API's description as a test reads it. */
import type { OpenApiDocument, Operation } from '../../src/http/openapi-document.ts';
import { testApp } from './http-app.ts';

export interface DescribedOperation {
  /** `GET /topics/{topic}` */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

export async function getDocument(): Promise<OpenApiDocument> {
  return (await testApp().app.inject('/openapi.json')).json();
}

export function operationsOf(document: OpenApiDocument): DescribedOperation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method,
      path,
      operation,
    })),
  );
}
