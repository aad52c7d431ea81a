'use strict';

const { spawn } = require('node:child_process');
const { findStandin } = require('./binary.cjs');
const { Control } = require('./control.cjs');
const { Session } = require('./session.cjs');

const STOP_MS = 10_000;

/** A running `standin serve`. `ready` is what it prints with --ready-json. */
class Server {
  #stop;

  constructor(ready, stop) {
    this.ready = ready;
    this.url = ready.url;
    this.controlUrl = ready.control_url;
    this.control = new Control(ready.control_url, ready.admin_token);
    this.#stop = stop;
  }

  /** The session of requests that select none. */
  get default() {
    return new Session(this, 'default');
  }

  /** Creates a session that begins with the current state of another one. */
  async session({ id, forkOf = 'default' } = {}) {
    return new Session(this, (await this.control.send('POST', '/sessions', { id, from: forkOf })).id);
  }

  /** Stops the process, if this object has started it. */
  async stop() {
    const stop = this.#stop;
    this.#stop = undefined;
    await stop?.();
  }

  async [Symbol.asyncDispose ?? Symbol.for('asyncDispose')]() {
    await this.stop();
  }
}

/** Starts `standin serve` on free ports. It stops when `stop` is called, and when this process ends. */
async function start({ args = [], standin } = {}) {
  const options = ['serve', '--port', '0', '--ready-json', '--stop-on-eof', '--quiet', ...args];
  const child = spawn(standin ?? findStandin(), options, { stdio: ['pipe', 'pipe', 'pipe'] });
  // The end of the process is reported by `close`.
  child.stdin.on('error', () => {});
  const ended = new Promise((resolve) => child.once('close', resolve));
  const ready = await firstLine(child);
  // A program that has nothing else to do may end; the end of its stdin then stops the server.
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.unref?.();
  return new Server(JSON.parse(ready), async () => {
    child.ref();
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    child.stdin.end();
    await ended;
    clearTimeout(timer);
  });
}

function firstLine(child) {
  return new Promise((resolve, reject) => {
    let [out, errors] = ['', ''];
    child.stderr.setEncoding('utf8').on('data', (text) => (errors = (errors + text).slice(-10_000)));
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out += text;
      const end = out.indexOf('\n');
      if (end >= 0) resolve(out.slice(0, end));
    });
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(errors.trim() || `standin ended with code ${code}`)));
  });
}

/** A server that another process has started, from what it has printed when it was ready. */
function connect(ready) {
  return new Server(ready);
}

module.exports = { Server, start, connect };
