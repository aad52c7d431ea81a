'use strict';

/** The control API has rejected a request. The message says what to write instead. */
class ControlError extends Error {
  constructor(status, message) {
    super(message);
    this.name = 'ControlError';
    this.status = status;
  }
}

/** Requests to the control API of a server. */
class Control {
  #url;
  #headers;

  constructor(url, adminToken) {
    this.#url = url;
    this.#headers = adminToken ? { authorization: `Bearer ${adminToken}` } : {};
  }

  /** Returns the JSON body of the response, or undefined if it is empty. */
  async send(method, path, body) {
    const headers = { ...this.#headers };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const response = await fetch(this.#url + path, { method, headers, body: body && JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new ControlError(response.status, describe(text));
    return text ? JSON.parse(text) : undefined;
  }
}

/** The detail of a problem document, and each of its errors. */
function describe(text) {
  try {
    const { detail, errors = [] } = JSON.parse(text);
    return [detail, ...errors.map((error) => `  ${error.pointer}: ${error.detail}`)].join('\n');
  } catch {
    return text;
  }
}

module.exports = { Control, ControlError };
