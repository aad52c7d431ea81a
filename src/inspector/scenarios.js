// The view of scenarios: run one, see the result of each step, record a new one.
import { below, call, get, snapshotOf } from './api.js';
import { button, copyable, empty, fill, guarded, h, link, toast } from './dom.js';
import { onRows } from './journal.js';
import { jsonView } from './json_view.js';
import { statusPill } from './request_editor.js';
import { recorder } from './scenario_recorder.js';
import { href, session } from './router.js';

/** @type {HTMLElement} */ let layout;
/** @type {HTMLElement} */ let list;
/** @type {HTMLElement} */ let main;

/** @param {HTMLElement} root @param {Place} place */
async function show(root, place) {
  if (!root.contains(layout ?? null)) {
    [list, main] = [h('nav', { class: 'tree', 'aria-label': 'Scenarios' }), h('section', { class: 'side wide', 'aria-label': 'The selected scenario' })];
    layout = h('div', { class: 'two' }, list, main);
    fill(root, h('h1', { class: 'off-screen' }, 'Scenarios'), layout);
  }
  const name = place.path[0];
  layout.classList.toggle('has-detail', name !== undefined);
  const hash = location.hash;
  /** @type {ScenarioInfo[]} */
  const scenarios = (await get('/scenarios')).scenarios;
  if (location.hash !== hash) return;
  fill(list, h('ul', {}, h('li', {}, h('a', { href: href('scenarios', ['+record']), ...(name === '+record' ? { 'aria-current': 'true' } : {}) }, h('strong', {}, 'Record a scenario'))),
    scenarios.map(one => h('li', {}, h('a', { href: href('scenarios', [one.name]), ...(one.name === name ? { 'aria-current': 'true' } : {}) }, h('span', {}, one.name), h('span', { class: 'number' }, `${one.steps} steps`))))));
  const found = scenarios.find(one => one.name === name);
  if (name === '+record') record();
  else if (found) detail(found);
  else fill(main, empty('Select a scenario', h('p', {}, 'A scenario is a file with records, tokens and steps. Steps run from the command line too:'), copyable('standin replay scenarios/')));
}

/** Shows the recorder. The journal may arrive after the view was opened. */
function record() {
  fill(main, recorder(session(), report => fill(main.querySelector('.report') ?? main, report)));
  if (main.querySelector('form')) return;
  const stop = onRows(() => {
    stop();
    if (main.isConnected && location.hash === href('scenarios', ['+record'])) record();
  });
}

/** @param {ScenarioInfo} scenario */
function detail(scenario) {
  const result = h('div', { class: 'report', 'aria-live': 'polite' });
  const into = h('input', { type: 'text', class: 'mono', value: session(), pattern: '[A-Za-z0-9_\\-]{1,64}', required: true, 'aria-label': 'Session' });
  const run = async (/** @type {Event} */ event) => {
    event.preventDefault();
    fill(result, h('p', { class: 'quiet' }, 'Running …'));
    try {
      fill(result, reportView(await call('POST', below(into.value, 'replay'), { scenario: scenario.name }), into.value));
    } catch (error) {
      fill(result);
      throw error;
    }
    window.dispatchEvent(new Event('sessions'));
  };
  const seed = button('Load its records only', async () => {
    await call('DELETE', below(into.value)).catch(() => {});
    if (into.value === 'default') await call('PUT', below('default', 'snapshot'), await snapshotOf({ scenario: scenario.name }));
    else await call('POST', '/sessions', { id: into.value, scenario: scenario.name });
    toast(`Session ${into.value} has the records of ${scenario.name}`);
    window.dispatchEvent(new Event('sessions'));
  });
  fill(main, h('header', { class: 'side-head' }, h('h2', { tabindex: '-1' }, scenario.name), scenario.about && h('p', {}, scenario.about), h('p', { class: 'quiet' }, scenario.file),
    scenario.error ? h('pre', { class: 'errors', tabindex: '0', role: 'group', 'aria-label': 'Errors' }, scenario.error) : h('form', { class: 'inline', onsubmit: guarded(run) }, h('label', { class: 'inline-label' }, 'Session', into), h('button', { class: 'button primary', disabled: scenario.steps === 0 }, 'Run the steps'), seed),
    h('p', { class: 'quiet' }, scenario.steps === 0 ? 'It has no steps to run.' : 'The session gets the records of the scenario first: its own are replaced.')),
  h('div', { class: 'side-body' }, result));
}

/** The result of a run. @param {Json} report @param {string} id */
export function reportView(report, id) {
  const story = report.stories[0];
  const verdict = { passed: 'Passed', failed: 'Failed', skipped: 'Skipped' }[/** @type {'passed' | 'failed' | 'skipped'} */ (story.outcome)];
  const rejected = story.steps.filter((/** @type {Json} */ step) => step.problem).length;
  return h('div', {}, h('p', { class: `verdict ${story.outcome}` }, h('strong', {}, verdict), story.why ? `: ${story.why}` : `: ${story.steps.length - rejected} of ${story.steps.length} steps`, ' · ', link(href('requests', [], { q: `session:${id}` }), 'the requests')),
    h('ol', { class: 'steps' }, story.steps.map((/** @type {Json} */ step) => h('li', { class: step.problem ? 'bad' : 'ok' },
      h('p', {}, h('strong', {}, step.id), ' ', h('code', {}, step.sent ?? ''), ' ', step.status && statusPill(step.status)),
      step.problem && problemView(step.problem),
      step.misfit && h('p', { class: 'quiet' }, `Not as the contract documents: ${step.misfit}`),
      h('details', { open: Boolean(step.problem) }, h('summary', {}, `Request and response (line ${step.line})`), step.body !== null && step.body !== undefined && [h('h4', {}, 'Sent'), jsonView(step.body, { label: 'Body that was sent' })], h('h4', {}, 'Received'), jsonView(step.answer, { label: 'Body that was received', expected: step.expected ?? step.answer }))))));
}

/** What is wrong with a step. Lines that name an expected and a received value are a diff. @param {string} problem */
const problemView = problem => h('div', { class: 'diff' }, String(problem).split('\n').map(line => {
  const found = /^(status|.+ is) (.+), expected (.+)$/.exec(line);
  return found ? h('div', {}, h('code', {}, found[1]?.replace(/ is$/, '')), h('span', { class: 'diff-values' }, 'expected ', h('ins', {}, found[3]), 'received ', h('del', {}, found[2]))) : h('p', {}, line);
}));

/** @type {View} */
export const scenarios = { title: 'Scenarios', show: (root, place) => void show(root, place).catch(error => fill(root, empty('Not available', h('p', {}, error.message)))) };
