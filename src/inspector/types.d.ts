// The types of the page's modules, for the type check only: this file is not served.

type Json = any;
type Child = Node | string | number | null | undefined | false | Child[];

interface BodyJson { json?: Json; text?: string; base64?: string; size: number; truncated?: boolean }
type HeaderValues = Record<string, string | string[]>;
interface Change { kind: string; id: string; before: Json; after: Json }
interface RequestError { code: string; pointer: string | null; rule: string | null; contract: string | null; nearest: string | null }
interface Entry {
  seq: number; session: string; at: string; received: string; ms: number | null;
  method: string; path: string; operation: string | null; status: number; caller: string;
  quirks: string[]; faults: string[];
  request: { target: string; headers: HeaderValues; body: BodyJson | null };
  response: { headers: HeaderValues; body: BodyJson | null };
  error?: RequestError; changes: Change[];
}
interface ClockEvent { seq: number; session: string; at: string; event: string; kind: string; id: string; change: Change | null }

/** A row of the list of requests. `raw` is the entry as JSON. */
interface Row {
  key: number; seq: number; session: string; at: string; method: string; path: string; operation: string;
  status: number; ms: number | null; reason: string; tone: '' | 'error' | 'quirk' | 'fault' | 'clock';
  caller: string; quirks: string[]; faults: string[]; isEvent: boolean; raw: string;
}

interface Session { id: string; now: string; frozen: boolean; speed: number; records: number; requests: number }
interface Gateway { name: string; title: string; prefix: string; url: string | null }
interface Info { version: string; api: string; url: string | null; scenario: string | null; instance: string | null; gateways: Gateway[]; operations: number; quirks: number }
interface Operation {
  method: string; path: string; file: string; line: number; kind: string; resource: string | null; behaviour: boolean;
  summary: string; tags: string[]; documented: number[]; quirks: string[]; requests: number; statuses: Record<string, number>;
}
interface Quirk {
  id: string; area: string; is_on: boolean; on: string; off: string; when: string[]; effect: string | null;
  evidence: { source: string; at: string; verified: string | null }[]; file: string; line: number;
}
interface Token { name: string; kind: string; authorization: string | null }
interface Outgoing { method: string; path: string; headers: Record<string, string>; body?: Json }
interface Sent { status: number; headers: Record<string, string>; body: Json }
interface Fault { id: string; applied: number; [key: string]: Json }
interface Kind { kind: string; plural: string | null; records: number }
interface ScenarioInfo { name: string; file: string; about: string | null; steps: number; error: string | null }

/** A place in the page: the view, the rest of the path, and the parameters. */
interface Place { view: string; path: string[]; query: URLSearchParams }
/** A view: `show` is called for each place of it, `leave` when another view is shown. */
interface View { title: string; show(root: HTMLElement, place: Place): void; leave?(): void; key?(event: KeyboardEvent): boolean }
