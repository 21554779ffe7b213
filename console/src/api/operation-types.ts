/**
 * The operations of the contract by method and path, as types alone: the console carries no schema.
 * `call.ts` calls them.
 */
import type * as administration from '@usher/contract/administration-operations';
import type * as contacts from '@usher/contract/contact-operations';
import type * as datasets from '@usher/contract/dataset-operations';
import type * as definitions from '@usher/contract/definition-operations';
import type * as flows from '@usher/contract/flow-operations';
import type * as insights from '@usher/contract/insight-operations';
import type { Operation } from '@usher/contract/operation';
import type * as privacy from '@usher/contract/privacy-operations';
import type * as uploads from '@usher/contract/upload-operations';
import type * as users from '@usher/contract/user-operations';
import type { Static, TObject, TSchema } from 'typebox';
import type { PageEntries } from './page-entries.ts';

type Modules =
  | typeof administration
  | typeof contacts
  | typeof datasets
  | typeof definitions
  | typeof flows
  | typeof insights
  | typeof privacy
  | typeof uploads
  | typeof users;

type OperationOf<Module> = Module extends unknown
  ? Extract<Module[keyof Module], Operation>
  : never;

/** By `METHOD /path`. */
type Operations = {
  [Op in OperationOf<Modules> as `${Op['method']} ${Op['path']}`]: Op;
};

export type RouteName = keyof Operations;

/** A page of a list. */
export interface Page<Entry> {
  readonly data: readonly Entry[];
  readonly next_cursor: string | null;
}

/** The body of a good answer. `undefined`: it has none. */
export type AnswerOf<Route extends RouteName> = Route extends keyof PageEntries
  ? Page<PageEntries[Route]>
  : BodyOf<Operations[Route]['answers']>;

type BodyOf<Answers> = {
  [Status in Extract<keyof Answers, 200 | 201 | 202>]: Answers[Status] extends {
    readonly schema: infer Schema extends TSchema;
  }
    ? Static<Schema>
    : undefined;
}[Extract<keyof Answers, 200 | 201 | 202>];

type Part<Route extends RouteName, Name extends string> =
  Operations[Route] extends Readonly<Record<Name, infer Schema extends TObject>>
    ? Static<Schema>
    : undefined;

type RequiredPart<Name extends string, Value> = Value extends undefined
  ? { readonly [Key in Name]?: undefined }
  : Partial<Value> extends Value
    ? { readonly [Key in Name]?: Value }
    : { readonly [Key in Name]: Value };

/** What a call needs. A part whose members are all optional may be left out. */
export type CallParts<Route extends RouteName> = RequiredPart<'params', Part<Route, 'params'>> &
  RequiredPart<'query', Part<Route, 'query'>> &
  RequiredPart<'body', Part<Route, 'body'>>;
