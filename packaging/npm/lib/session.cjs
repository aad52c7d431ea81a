'use strict';

const { describeFailure } = require('./failure.cjs');

const MAX_LISTED = 10_000;

/** One isolated world of a server: its own records, ids, clock, faults and requests. */
class Session {
  constructor(server, id) {
    this.server = server;
    this.id = id;
  }

  /** The base URL of the default gateway. It selects the session. */
  get url() {
    return this.server.url + (this.id === 'default' ? '' : `/s/${this.id}`);
  }

  /** The base URL of each gateway, by its name in `standin.yaml`. */
  get urls() {
    const { url, ready } = this.server;
    const own = ([name, gateway]) => [name, this.url + gateway.slice(url.length)];
    return Object.fromEntries(Object.entries(ready.urls).map(own));
  }

  /** Ids of records of the scenario, by the names that `standin tokens` shows. */
  get params() {
    return this.server.ready.params;
  }

  /** The value of a token, by its name in the scenario. */
  token(name) {
    return named(this.server.ready.tokens, name);
  }

  /** The value of the Authorization header for a token. */
  authorization(name) {
    return named(this.server.ready.authorizations, name);
  }

  /** The header that selects the session, and the Authorization header for a token. */
  headers(token) {
    const headers = { 'x-standin-session': this.id };
    return token === undefined ? headers : { ...headers, authorization: this.authorization(token) };
  }

  /** Creates a record of a kind, in the singular. */
  seed(kind, record) {
    return this.#send('POST', `/records/${kind}`, record);
  }

  record(kind, id) {
    return this.#send('GET', `/records/${kind}/${encodeURIComponent(id)}`);
  }

  async records(kind) {
    return (await this.#send('GET', `/records/${kind}`)).records;
  }

  async now() {
    return new Date((await this.#send('GET', '/clock')).now);
  }

  /** Moves the clock on by a span such as `3d`; returns the time. */
  async advance(span) {
    return new Date((await this.#send('PUT', '/clock', { advance: span })).now);
  }

  async setClock({ now, frozen, speed }) {
    const time = now instanceof Date ? now.toISOString() : now;
    return new Date((await this.#send('PUT', '/clock', { now: time, frozen, speed })).now);
  }

  /** Lets requests of an operation fail; returns the id of the fault. */
  async fail(operation, { status, retryAfter, body, delayMs, reset, timeout, times, nth, probability, token }) {
    const kinds = {
      status: status === undefined ? undefined : { code: status, retry_after: retryAfter, body },
      latency: delayMs === undefined ? undefined : { ms: delayMs },
      reset_peer: reset ? {} : undefined,
      timeout: timeout ? {} : undefined,
    };
    if (Object.values(kinds).filter(Boolean).length !== 1) {
      throw new TypeError('name one of status, delayMs, reset and timeout');
    }
    return this.addFault({ operation, count: times, nth, probability, token, ...kinds });
  }

  /** Adds a fault as the control API has it; returns its id. */
  async addFault(fault) {
    return (await this.#send('POST', '/faults', fault)).id;
  }

  async clearFaults() {
    await this.#send('DELETE', '/faults');
  }

  /** The requests that were received, oldest first. */
  async requests() {
    return (await this.#send('GET', `/requests?limit=${MAX_LISTED}`)).requests;
  }

  /** Checks how often requests were received; by default, at least once. */
  async assertCalled(operation, { times, atLeast, atMost, bodyPath, ...conditions } = {}) {
    const isCounted = [times, atLeast, atMost].some((count) => count !== undefined);
    const count = isCounted ? { exactly: times, at_least: atLeast, at_most: atMost } : { at_least: 1 };
    const claim = { match: { operation, body_path: bodyPath, ...conditions }, count };
    const result = await this.#send('POST', '/requests/verify', claim);
    if (result.verdict !== 'passed') {
      const error = new Error(describeFailure(this.id, claim, result, await this.requests()));
      error.name = 'AssertionError';
      throw error;
    }
  }

  /** Checks that no request matches. */
  async assertNotCalled(operation, conditions = {}) {
    await this.assertCalled(operation, { ...conditions, times: 0 });
  }

  /** Restores the initial state. */
  async reset() {
    await this.#send('POST', '/reset');
  }

  /** Creates a session that begins with the current state of this one. */
  fork() {
    return this.server.session({ forkOf: this.id });
  }

  async delete() {
    await this.#send('DELETE', '');
  }

  #send(method, path, body) {
    return this.server.control.send(method, `/sessions/${this.id}${path}`, body);
  }
}

function named(values, name) {
  if (Object.hasOwn(values, name)) return values[name];
  throw new RangeError(`there is no token '${name}'; there are ${Object.keys(values).join(', ') || 'none'}`);
}

module.exports = { Session };
