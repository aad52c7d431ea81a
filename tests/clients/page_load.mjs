#!/usr/bin/env node
// The web page beside 1,000 requests a second for a minute: how long its scripts run in a frame, and whether its heap grows.
//
// Needs chromium and playwright-core, which .ci/install installs. Run: tests/clients/page_load.mjs [seconds] [requests a second],
// with the program in the variable STANDIN; a debug build does not serve that many.
import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { test } from 'node:test';
import { Mock, open } from './page/setup.mjs';

const SECONDS = Number(process.argv[2] ?? 60);
const RATE = Number(process.argv[3] ?? 1000);
/** Chromium's frames last 16.7 ms. */
const MAX_SCRIPTING_MS = 16;
const MAX_HEAP_GROWTH = 1.2;

const median = values => [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;

/** Sends requests at a steady rate; returns how many were answered. */
async function load(mock) {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const { hostname, port } = new URL(mock.url);
  let [sent, answered] = [0, 0];
  const send = () => {
    sent += 1;
    request({ agent, hostname, port, path: `/v1/books/k-${sent % 5}?n=${sent}` }, response => response.resume().on('end', () => { answered += 1; })).on('error', () => {}).end();
  };
  const begun = Date.now();
  while (Date.now() - begun < SECONDS * 1000) {
    const due = Math.floor((Date.now() - begun) / 1000 * RATE);
    while (sent < due && sent - answered < 500) send();
    await new Promise(resolve => setTimeout(resolve, 5));
  }
  agent.destroy();
  return answered;
}

/** The milliseconds that scripts of the page ran in each frame of a trace. */
function scriptingByFrame(trace) {
  const { traceEvents } = JSON.parse(trace);
  const counts = new Map();
  for (const { name, tid, pid } of traceEvents) if (name === 'FireAnimationFrame') counts.set(`${pid} ${tid}`, (counts.get(`${pid} ${tid}`) ?? 0) + 1);
  const [thread] = [...counts].sort((one, other) => other[1] - one[1])[0] ?? [];
  const own = traceEvents.filter(({ pid, tid, ts }) => `${pid} ${tid}` === thread && ts > 0).sort((one, other) => one.ts - other.ts);
  const frames = [];
  let [scripting, end] = [0, 0];
  for (const { name, ph, ts, dur = 0 } of own) {
    if (name === 'FireAnimationFrame' && frames.push(0)) [frames[frames.length - 2], scripting] = [scripting, 0];
    // Nested calls are a part of the outer one.
    if (ph === 'X' && ['FunctionCall', 'EvaluateScript', 'v8.callFunction', 'RunMicrotasks'].includes(name) && ts >= end) {
      scripting += dur / 1000;
      end = ts + dur;
    }
  }
  return frames.slice(1, -1);
}

test(`${RATE} requests a second for ${SECONDS} s`, { timeout: (SECONDS + 240) * 1000 }, async () => {
  const mock = await Mock.start('--swagger', 'examples/library');
  const page = await open(mock, '');
  const browser = page.context().browser();
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  const heap = async () => {
    await session.send('HeapProfiler.collectGarbage');
    return (await session.send('Runtime.getHeapUsage')).usedSize / 2 ** 20;
  };
  const samples = [];
  // The list is full after 10,000 rows; from then on the heap stays as it is.
  const sampling = setInterval(() => void heap().then(used => samples.push(used), () => {}), 5000);
  await browser.startTracing(page, { categories: ['devtools.timeline'] });
  const answered = await load(mock);
  clearInterval(sampling);
  const frames = scriptingByFrame((await browser.stopTracing()).toString());
  const rows = await page.locator('.rows .row:not([hidden])').count();
  const [middle, last] = [samples[Math.floor(samples.length / 2)], samples.at(-1)];
  console.log(`${Math.round(answered / SECONDS)} requests a second, ${frames.length} frames: scripting median ${median(frames).toFixed(2)} ms, largest ${Math.max(...frames).toFixed(1)} ms`);
  console.log(`heap of the page in MiB: ${samples.map(used => used.toFixed(1)).join(' ')}; ${rows} rows in the document`);
  await page.context().close();
  await mock.stop();
  assert.ok(answered >= RATE * SECONDS * 0.95, `${answered} requests were answered; use a release build on an idle machine`);
  assert.ok(frames.length > SECONDS && median(frames) <= MAX_SCRIPTING_MS);
  assert.ok(last <= middle * MAX_HEAP_GROWTH, `the heap has grown from ${middle} to ${last} MiB`);
});
