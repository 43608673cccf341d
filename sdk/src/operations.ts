import type { operations, routes } from "./generated.ts";

/** Every operation of the API, by its `operationId`. */
export type AnyOperationId = keyof typeof routes & keyof operations;

type Success = 200 | 201 | 202 | 204;

type ContentOf<Id extends AnyOperationId> = {
  [Status in keyof operations[Id]["responses"] & Success]: operations[Id]["responses"][Status];
}[keyof operations[Id]["responses"] & Success];

/** What can be asked for by `call`: all that answers with JSON or with nothing, but no file and no stream. */
export type OperationId = {
  [Id in AnyOperationId]: [ContentOf<Id>] extends [never]
    ? never
    : ContentOf<Id> extends { content: { "application/json": unknown } } | { content?: never }
      ? Id
      : never;
}[AnyOperationId];

/** What every call takes, whatever it asks for. */
export interface CallOptions {
  /** Instead of the client's own token; `null` sends none. */
  readonly token?: string | null | undefined;
  /** Instead of a fresh one. Give the same again to ask for the same thing once more. */
  readonly idempotencyKey?: string | undefined;
  /** In which language texts are wanted, as `Accept-Language`: `cs`, or `de-AT, de;q=0.9, en;q=0.5`. */
  readonly language?: string | undefined;
  /** Gives up: nothing is sent or waited for any more, and the call throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long one attempt may take. */
  readonly timeoutMs?: number | undefined;
}

type PathOf<Id extends OperationId> = operations[Id]["parameters"] extends { path: infer Path }
  ? { readonly path: Path }
  : unknown;

/** The query of an operation; `never` where it takes none. */
export type QueryOf<Id extends OperationId> = operations[Id]["parameters"] extends {
  query?: infer Query;
}
  ? {
      readonly [Name in keyof Exclude<Query, undefined>]:
        | Exclude<Query, undefined>[Name]
        | undefined;
    }
  : never;

type QueryPart<Id extends OperationId> = [QueryOf<Id>] extends [never]
  ? unknown
  : { readonly query?: QueryOf<Id> | undefined };

interface JsonContent<Body> {
  content: { "application/json": Body };
}

type RequestBodyOf<Id extends OperationId> = Exclude<operations[Id]["requestBody"], undefined>;

/** The body that an operation takes; `never` where it takes none. */
export type BodyOf<Id extends OperationId> = [RequestBodyOf<Id>] extends [never]
  ? never
  : RequestBodyOf<Id> extends JsonContent<infer Body>
    ? Body
    : never;

type BodyPart<Id extends OperationId> = [BodyOf<Id>] extends [never]
  ? unknown
  : operations[Id] extends { requestBody: unknown }
    ? { readonly body: BodyOf<Id> }
    : { readonly body?: BodyOf<Id> | undefined };

/** What an operation is given: path, query and body where it has them, and the options of a call. */
export type RequestOf<Id extends OperationId> = PathOf<Id> &
  QueryPart<Id> &
  BodyPart<Id> &
  CallOptions;

type Answered<Responses> = {
  [Status in keyof Responses & (200 | 201 | 202)]: Responses[Status] extends JsonContent<infer Data>
    ? Data
    : undefined;
}[keyof Responses & (200 | 201 | 202)];

/** What an operation answers when it succeeds; `undefined` where it answers without a body. */
export type DataOf<Id extends OperationId> = [Answered<operations[Id]["responses"]>] extends [never]
  ? undefined
  : Answered<operations[Id]["responses"]>;
