// A request of the journal in the forms that others read.
import { apiUrl, info, isExact, tokens } from './api.js';

/** Headers that a client adds by itself, or that belong to the connection. */
const OF_CLIENTS = /^(host|connection|content-length|user-agent|accept|accept-encoding|accept-language|cookie|origin|referer|sec-.*|x-standin-session)$/;
const HIDDEN = '[REDACTED]';

/** A request as it can be sent again. The journal hides credentials: the token of the same kind takes their place.
 * @param {Entry} entry @param {Token[]} known @returns {Outgoing & {token?: string}} */
export function outgoing(entry, known) {
  /** @type {Record<string, string>} */
  const headers = {};
  let token;
  for (const [name, value] of Object.entries(entry.request.headers)) {
    if (OF_CLIENTS.test(name)) continue;
    const text = Array.isArray(value) ? value.join(', ') : value;
    if (!text.includes(HIDDEN)) headers[name] = text;
    else if (name === 'authorization') {
      const found = known.find(one => one.kind === entry.caller && one.authorization);
      if (found?.authorization) {
        headers.authorization = found.authorization;
        token = found.name;
      }
    }
  }
  const { body } = entry.request;
  if (body?.truncated || body?.base64) throw new Error('The journal does not have the whole body as text, so the request cannot be repeated');
  // A text is sent as it is.
  const content = body ? body.json !== undefined ? typeof body.json === 'string' ? JSON.stringify(body.json) : body.json : body.text : undefined;
  return { method: entry.method, path: entry.request.target, headers, token, ...(content === undefined ? {} : { body: content }) };
}

/** The body of a request as text. @param {Outgoing} request */
export const bodyText = ({ body }) => body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);

/** @typedef {{entry: Entry, request: Outgoing & {token?: string}, url: string, headers: [string, string][], gateway: Gateway | undefined, localPath: string, query: [string, string][]}} Copied */

/** What the forms have in common. @param {Entry} entry @returns {Promise<Copied>} */
export async function prepared(entry) {
  const request = outgoing(entry, await tokens(entry.session));
  const headers = Object.entries(request.headers);
  if (entry.session !== 'default') headers.push(['x-standin-session', entry.session]);
  const { gateways } = await info();
  const [path = '', query = ''] = request.path.split('?', 2);
  const gateway = gateways.filter(one => path.startsWith(one.prefix)).sort((a, b) => b.prefix.length - a.prefix.length)[0];
  const localPath = path.slice(gateway?.prefix.length ?? 0) || '/';
  return { entry, request, url: `${await apiUrl()}${request.path}`, headers, gateway, localPath, query: [...new URLSearchParams(query)] };
}

/** @param {string} text */
const quoted = text => `'${text.replace(/'/g, `'\\''`)}'`;

/** @param {Copied} copied */
export function curl({ request, url, headers }) {
  const parts = [`curl ${request.method === 'GET' ? '' : `-X ${request.method} `}${quoted(url)}`];
  parts.push(...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`));
  if (request.body !== undefined) parts.push(`--data-raw ${quoted(bodyText(request))}`);
  return parts.join(' \\\n  ');
}

/** @param {Json} value @returns {string} */
function python(value) {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`;
  if (typeof value === 'object' && !isExact(value)) return `{${Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${python(inner)}`).join(', ')}}`;
  return JSON.stringify(value);
}

/** A name of a test. @param {Entry} entry */
const testName = ({ method, path, status }) =>
  `${method} ${path} ${status}`.toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^_|_$/g, '');

/** @param {Copied} copied */
export function pytest({ entry, request, url, headers }) {
  const isText = typeof request.body === 'string';
  const body = request.body === undefined ? [] : [isText ? `        data=${python(request.body)},` : `        json=${python(request.body)},`];
  return ['import requests', '', '', `def test_${testName(entry)}():`, '    response = requests.request(', `        ${JSON.stringify(request.method)},`,
    `        ${JSON.stringify(url)},`, `        headers=${python(Object.fromEntries(headers))},`, ...body, '    )', `    assert response.status_code == ${entry.status}`, ''].join('\n');
}

/** @param {Copied} copied */
export function vitest({ entry, request, url, headers }) {
  const body = request.body === undefined ? [] : [`    body: ${typeof request.body === 'string' ? JSON.stringify(request.body) : `JSON.stringify(${JSON.stringify(request.body)})`},`];
  return [`import { expect, test } from 'vitest';`, '', `test(${JSON.stringify(`${entry.method} ${entry.path} returns ${entry.status}`)}, async () => {`,
    `  const response = await fetch(${JSON.stringify(url)}, {`, `    method: ${JSON.stringify(request.method)},`, `    headers: ${JSON.stringify(Object.fromEntries(headers))},`,
    ...body, '  });', `  expect(response.status).toBe(${entry.status});`, '});', ''].join('\n');
}

/** A raw string of Rust. @param {string} text */
function raw(text) {
  let fence = '#';
  while (text.includes(`"${fence}`)) fence += '#';
  return `r${fence}"${text}"${fence}`;
}

/** @param {Copied} copied */
export function rust({ entry, request, url, headers }) {
  return ['// ureq = "3"', '#[test]', `fn ${testName(entry)}() {`, '    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();',
    `    let request = ureq::http::Request::builder()`, `        .method(${raw(request.method)})`, `        .uri(${raw(url)})`,
    ...headers.map(([name, value]) => `        .header(${raw(name)}, ${raw(value)})`), `        .body(${raw(bodyText(request))})`, '        .expect("a request");',
    '    let response = agent.run(request).expect("a response");', `    assert_eq!(response.status(), ${entry.status});`, '}', ''].join('\n');
}

/** The request as a step of a scenario, as an object. @param {Copied} copied @param {string} id @returns {Json} */
export function step({ entry, request, headers, gateway, localPath, query }, id) {
  const others = headers.filter(([name]) => !['authorization', 'x-standin-session'].includes(name) && !(name === 'content-type' && typeof request.body !== 'string'));
  const isFallback = gateway?.name === 'fallback';
  return {
    id,
    method: request.method,
    path: localPath,
    ...(query.length > 0 ? { params: Object.fromEntries(query) } : {}),
    ...(isFallback ? { useFallback: true } : {}),
    ...(entry.caller ? request.token ? { token: request.token } : {} : { token: 'none' }),
    ...(others.length > 0 ? { headers: Object.fromEntries(others) } : {}),
    ...(request.body === undefined ? {} : { body: request.body }),
    expect: { status: entry.status },
  };
}

/** A step as YAML: JSON is YAML, so values are JSON. @param {Copied} copied @param {string} id */
export const stepYaml = (copied, id) =>
  Object.entries(step(copied, id)).map(([name, value], place) => `${place === 0 ? '- ' : '  '}${name}: ${JSON.stringify(value)}`).join('\n') + '\n';

/** The request and its response as a fixture of standin. @param {Copied} copied */
export function fixture({ entry, request, headers, gateway, localPath, query }) {
  const { body } = entry.response;
  const shown = headers.filter(([name]) => !['authorization', 'x-standin-session'].includes(name));
  const content = body ? body.json !== undefined ? body.json : body.text ?? `data:;base64,${body.base64}` : null;
  return `${JSON.stringify({
    schema: 'standin-fixture/1',
    id: testName(entry),
    title: `${entry.method} ${entry.path} returns ${entry.status}`,
    case: { kind: 'step' },
    given: [{ state: 'the initial state', params: {} }],
    ...(entry.operation ? { operation: entry.operation } : {}),
    quirks: entry.quirks,
    request: {
      gateway: gateway?.name ?? 'main', method: request.method, path: localPath,
      ...(query.length > 0 ? { query: Object.fromEntries(query) } : {}),
      ...(request.token ? { token: request.token } : {}),
      ...(shown.length > 0 ? { headers: Object.fromEntries(shown) } : {}),
      ...(request.body === undefined ? {} : { body: request.body }),
    },
    response: { status: entry.status, headers: entry.response.headers, body: content },
  }, null, 2)}\n`;
}

/** The forms by the name that the menu shows. @type {[string, (copied: Copied) => string][]} */
export const FORMS = [
  ['curl', curl], ['pytest', pytest], ['vitest', vitest], ['Rust test', rust],
  ['Scenario step', copied => stepYaml(copied, testName(copied.entry))], ['Fixture', fixture],
];
