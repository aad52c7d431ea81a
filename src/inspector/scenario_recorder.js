// Records a scenario: the requests of a session become steps.
import { below, call, get, info, snapshotOf } from './api.js';
import { button, copyable, download, empty, field, fill, guarded, h, select } from './dom.js';
import { prepared, step } from './copy_as.js';
import { all, entry } from './journal.js';
import { statusPill } from './request_editor.js';
import { reportView } from './scenarios.js';

/** The session in which a recorded scenario is tried. */
const TRIAL = 'scenario-trial';

/** @param {string} id @param {(report: Node) => void} showReport */
export function recorder(id, showReport) {
  const rows = all().filter(row => row.session === id && !row.isEvent);
  if (rows.length === 0) return empty(`Session ${id} has no requests yet`, h('p', {}, 'Use the app, or send requests, and come back: each becomes a step.'), copyable(`curl ${location.origin}${below(id, 'requests')}`));
  const boxes = rows.map(row => h('input', { type: 'checkbox', checked: true, 'aria-label': `Step ${row.method} ${row.path}` }));
  const name = h('input', { type: 'text', class: 'mono', value: 'recorded', required: true });
  const about = h('input', { type: 'text', value: 'Recorded in the browser' });
  const base = select([['', 'the records that the server began with']], '');
  const text = h('textarea', { class: 'mono', rows: '16', spellcheck: 'false', 'aria-label': 'The scenario' });
  const result = h('div', { hidden: true }, field('The scenario', text), h('div', { class: 'actions' },
    button('Try it in a session of its own', async () => {
      const report = await call('POST', below(TRIAL, 'replay'), { scenario: text.value });
      showReport(reportView(report, TRIAL));
      window.dispatchEvent(new Event('sessions'));
    }, { class: 'button primary' }),
    button('Save the file', () => download(`${name.value}.yaml`, text.value, 'application/yaml'))));
  Promise.all([info(), get('/scenarios')]).then(([{ scenario }, { scenarios }]) => {
    const names = scenarios.map((/** @type {ScenarioInfo} */ one) => one.name);
    base.prepend(...names.map((/** @type {string} */ one) => h('option', { value: one }, `the scenario ${one}`)));
    base.value = names.includes(scenario) ? String(scenario) : '';
  }, () => {});
  const write = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const chosen = rows.filter((_, place) => boxes[place]?.checked);
    text.value = await document(chosen, { name: name.value, about: about.value, base: base.value });
    result.hidden = false;
    text.scrollIntoView({ block: 'nearest' });
  };
  return h('div', {}, h('header', { class: 'side-head' }, h('h2', { tabindex: '-1' }, 'Record a scenario'), h('p', {}, `The requests of session ${id} become the steps; each expects the status that it had, and ids of earlier responses become variables.`)),
    h('div', { class: 'side-body' }, h('form', { class: 'editor', onsubmit: guarded(write) },
      h('div', { class: 'columns' }, field('Name', name), field('About', about), field('Begins with', base)),
      h('ul', { class: 'items pick' }, rows.map((row, place) => h('li', {}, h('label', {}, boxes[place], h('span', { class: 'method' }, row.method), h('code', {}, row.path), statusPill(row.status))))),
      h('div', { class: 'actions' }, h('button', { class: 'button primary' }, 'Write the scenario'))), result, h('div', { class: 'report', 'aria-live': 'polite' })));
}

/** The scenario as YAML. @param {Row[]} rows @param {{name: string, about: string, base: string}} options */
async function document(rows, { name, about, base }) {
  /** @type {Json[]} */
  const steps = [];
  for (const [place, row] of rows.entries()) steps.push(step(await prepared(entry(row)), `${place + 1}-${row.method.toLowerCase()}`));
  nameIds(steps, rows.map(row => entry(row).response.body?.json));
  const start = base ? { extends: base } : await initialState();
  const lines = [`scenario: ${JSON.stringify(name)}`, `about: ${JSON.stringify(about)}`, ...Object.entries(start).map(([key, value]) => `${key}: ${JSON.stringify(value)}`), 'steps:'];
  const written = steps.map(one => Object.entries(one).map(([key, value], place) => `  ${place === 0 ? '- ' : '  '}${key}: ${JSON.stringify(value)}`).join('\n'));
  return `${[...lines, ...written].join('\n')}\n`;
}

/** The records and tokens of a new session. */
async function initialState() {
  const { seed, records, tokens, snapshot } = await snapshotOf({});
  const { clock: _, random: __, ...rest } = snapshot;
  return { seed, records, tokens, snapshot: rest };
}

/** Replaces ids that an earlier response created by variables: another run has other ids. @param {Json[]} steps @param {Json[]} bodies */
function nameIds(steps, bodies) {
  /** @type {Map<string, {step: number, at: string}>} */
  const known = new Map();
  steps.forEach((one, place) => {
    const written = JSON.stringify([one.path, one.params ?? null, one.body ?? null]);
    for (const [id, { step: origin, at }] of known) {
      if (!written.includes(id)) continue;
      const variable = `id_${origin + 1}_${at.replace(/\W+/g, '_').replace(/^_|_$/g, '')}`;
      steps[origin].extract = { ...(steps[origin].extract ?? {}), [variable]: at };
      for (const key of ['path', 'params', 'body']) {
        if (one[key] !== undefined) one[key] = JSON.parse(JSON.stringify(one[key]).replaceAll(id, `{{${variable}}}`));
      }
    }
    if (one.method === 'POST') collect(bodies[place], '$', (at, id) => { if (!known.has(id)) known.set(id, { step: place, at }); });
  });
}

/** @param {Json} value @param {string} at @param {(at: string, id: string) => void} found */
function collect(value, at, found) {
  if (value === null || typeof value !== 'object') return;
  for (const [name, inner] of Object.entries(value)) {
    const here = Array.isArray(value) ? `${at}[${name}]` : /^\w+$/.test(name) ? `${at}.${name}` : `${at}['${name.replace(/'/g, "\\'")}']`;
    if (typeof inner === 'string' && /^(id|uid)$/.test(name) && inner.length >= 6) found(here, inner);
    else collect(inner, here, found);
  }
}
