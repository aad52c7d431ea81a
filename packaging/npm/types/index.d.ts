import type { components } from './control-api';

type Schemas = components['schemas'];

/** A fault as the control API has it: which requests, and one kind with its settings. */
export type Fault = Schemas['fault_to_add'];
/** An entry of the journal: a request and its response, without credentials. */
export type ReceivedRequest = Schemas['request'];
/** A record with its fields. */
export type Row = Record<string, unknown>;

/** What `standin serve --ready-json` prints. */
export interface Ready {
  url: string;
  urls: Record<string, string>;
  control_url: string;
  admin_token: string | null;
  login_url: string | null;
  scenario: string;
  tokens: Record<string, string>;
  authorizations: Record<string, string>;
  params: Record<string, string>;
  pid: number;
}

export interface StartOptions {
  /** Options of `standin serve`, such as `['--swagger', 'my-api/']`. */
  args?: string[];
  /** The path of the program, instead of that of the package. */
  standin?: string;
}

/** How requests fail: exactly one of `status`, `delayMs`, `reset` and `timeout`. */
export interface Failure {
  status?: number;
  /** Seconds that the client should wait, with `status`. */
  retryAfter?: number;
  /** The body, with `status`. */
  body?: unknown;
  delayMs?: number;
  /** The connection is reset; the operation runs. */
  reset?: boolean;
  /** There is no response. */
  timeout?: boolean;
  /** The number of requests after which the fault ends. */
  times?: number;
  /** The only request that fails, from 1. */
  nth?: number;
  /** The share of the requests, from 0 to 1. */
  probability?: number;
  /** A kind of token. */
  token?: string;
}

/** Which requests are counted. */
export interface Conditions {
  method?: string;
  path?: string;
  /** A status such as `404` or `'4xx'`. */
  status?: number | string;
  token?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** A part of the JSON body. */
  body?: unknown;
  /** A JSONPath that must find something in the body. */
  bodyPath?: string;
}

/** How many there must be; without any, at least one. */
export interface Count {
  times?: number;
  atLeast?: number;
  atMost?: number;
}

/** One isolated world of a server: its own records, ids, clock, faults and requests. */
export class Session {
  readonly server: Server;
  readonly id: string;
  /** The base URL of the default gateway. It selects the session. */
  readonly url: string;
  /** The base URL of each gateway, by its name in `standin.yaml`. */
  readonly urls: Record<string, string>;
  /** Ids of records of the scenario, by the names that `standin tokens` shows. */
  readonly params: Record<string, string>;
  /** The value of a token, by its name in the scenario. */
  token(name: string): string;
  /** The value of the Authorization header for a token. */
  authorization(name: string): string;
  /** The header that selects the session, and the Authorization header for a token. */
  headers(token?: string): Record<string, string>;
  /** Creates a record of a kind, in the singular, and returns it with its id and defaults. */
  seed(kind: string, record: Row): Promise<Row>;
  record(kind: string, id: string): Promise<Row>;
  records(kind: string): Promise<Row[]>;
  now(): Promise<Date>;
  /** Moves the clock on by a span such as `3d` (ms, s, min, h, d, w, m, y); returns the time. */
  advance(span: string): Promise<Date>;
  setClock(clock: { now?: Date | string; frozen?: boolean; speed?: number }): Promise<Date>;
  /** Lets requests of an operation, or a pattern such as `* /v1/**`, fail; returns the id of the fault. */
  fail(operation: string, failure: Failure): Promise<string>;
  /** Adds a fault as the control API has it; returns its id. */
  addFault(fault: Fault): Promise<string>;
  clearFaults(): Promise<void>;
  /** The requests that were received, oldest first. */
  requests(): Promise<ReceivedRequest[]>;
  /** Checks how often requests were received. The error shows the nearest requests and what was received. */
  assertCalled(operation: string, conditions?: Conditions & Count): Promise<void>;
  /** Checks that no request matches. */
  assertNotCalled(operation: string, conditions?: Conditions): Promise<void>;
  /** Restores the initial state. */
  reset(): Promise<void>;
  /** Creates a session that begins with the current state of this one. */
  fork(): Promise<Session>;
  delete(): Promise<void>;
}

/** A running `standin serve`. */
export class Server {
  readonly ready: Ready;
  readonly url: string;
  readonly controlUrl: string;
  /** The session of requests that select none. */
  readonly default: Session;
  /** Creates a session that begins with the current state of another one. */
  session(options?: { id?: string; forkOf?: string }): Promise<Session>;
  /** Stops the process, if this object has started it. */
  stop(): Promise<void>;
}

/** The control API has rejected a request. The message says what to write instead. */
export class ControlError extends Error {
  readonly status: number;
}

/** Starts `standin serve` on free ports. It stops when `stop` is called, and when this process ends. */
export function start(options?: StartOptions): Promise<Server>;
/** A server that another process has started, from what it has printed when it was ready. */
export function connect(ready: Ready): Server;
/** The path of the program. */
export function findStandin(): string;
