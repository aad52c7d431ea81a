// Uses the mock with the official `@octokit/rest` package: use_octokit.mjs ORIGIN. tests/clients/sdk.sh runs it.

import {Octokit} from '@octokit/rest';
import {expect, expectError, live} from './life.mjs';

const octokit = new Octokit({baseUrl: process.argv[2], auth: 'token', log: {debug() {}, info() {}, warn() {}, error() {}}});
const {issues, repos, gists} = octokit.rest;

async function gone(call) {
  const error = await expectError('deleted', 'HttpError', 404, call);
  expect('message', /not found/.test(error.response.data.message), true);
}

// The life of a record, with the calls of the SDK. `key` is the parameter that names it, `where` the other parameters.
function lifeOf(kind, {key, id, where = {}, api, names, sent, changed, update = changed, shown = {}}) {
  const data = async response => (await response).data;
  const named = value => ({...where, [key]: value});
  return live(kind, {
    id,
    create: () => data(api[names.create]({...where, ...sent})),
    read: value => data(api[names.read](named(value))),
    list: () => octokit.paginate(api[names.list], {...where, per_page: 2}),
    update: value => data(api[names.update]({...named(value), ...update})),
    remove: names.remove && (value => api[names.remove](named(value))),
    sent: {...sent, ...shown},
    changed,
    gone,
  });
}

await lifeOf('repository', {
  key: 'repo', id: 'name', where: {owner: 'ada'}, api: repos,
  names: {
    create: 'createForAuthenticatedUser', read: 'get', list: 'listForAuthenticatedUser', update: 'update', remove: 'delete',
  },
  sent: {name: 'dinghy', description: 'A small boat', private: true},
  changed: {description: 'A smaller boat', private: false},
});
for (const name of ['ketch', 'sloop']) await repos.createForAuthenticatedUser({name});
const where = {owner: 'ada', repo: 'ketch'};

await lifeOf('label', {
  key: 'name', id: 'name', where, api: issues,
  names: {create: 'createLabel', read: 'getLabel', list: 'listLabelsForRepo', update: 'updateLabel', remove: 'deleteLabel'},
  sent: {name: 'leak', color: 'ff0000', description: 'Water comes in'},
  changed: {color: '00ff00', description: 'Water came in'},
});
await lifeOf('milestone', {
  key: 'milestone_number', id: 'number', where, api: issues,
  names: {
    create: 'createMilestone', read: 'getMilestone', list: 'listMilestones', update: 'updateMilestone', remove: 'deleteMilestone',
  },
  sent: {title: 'Launch', description: 'Into the water'}, shown: {state: 'open'},
  changed: {state: 'closed'},
});
await lifeOf('issue', {
  key: 'issue_number', id: 'number', where, api: issues,
  names: {create: 'create', read: 'get', list: 'listForRepo', update: 'update'},
  sent: {title: 'The sail is torn', body: 'On the left'}, shown: {state: 'open'},
  changed: {state: 'closed', title: 'The sail was torn'},
});
await lifeOf('release', {
  key: 'release_id', id: 'id', where, api: repos,
  names: {create: 'createRelease', read: 'getRelease', list: 'listReleases', update: 'updateRelease', remove: 'deleteRelease'},
  sent: {tag_name: 'v2', name: 'Second', body: 'Faster', draft: true},
  changed: {draft: false, name: 'The second'},
});
await lifeOf('webhook', {
  key: 'hook_id', id: 'id', where, api: repos,
  names: {create: 'createWebhook', read: 'getWebhook', list: 'listWebhooks', update: 'updateWebhook', remove: 'deleteWebhook'},
  sent: {name: 'web', events: ['push', 'release'], config: {content_type: 'form', url: 'https://example.com/a'}},
  shown: {active: true},
  changed: {active: false, events: ['push']},
});
await lifeOf('gist', {
  key: 'gist_id', id: 'id', api: gists,
  names: {create: 'create', read: 'get', list: 'list', update: 'update', remove: 'delete'},
  sent: {description: 'Knots', public: false, files: {'bowline.txt': {content: 'a loop'}}},
  changed: {description: 'More knots'},
});

// Comments are created below an issue, and read without it. The one that the contract has as an example is below each issue.
const issue = (await issues.create({...where, title: 'The mast', labels: ['leak']})).data;
const other = (await issues.create({...where, title: 'The keel'})).data;
const comment = (await issues.createComment({...where, issue_number: issue.number, body: 'Bent'})).data;
await issues.createComment({...where, issue_number: other.number, body: 'Long'});
async function of(number) {
  const {data} = await issues.listComments({...where, issue_number: number});
  return data.filter(found => found.id !== 1).map(found => found.body);
}
expect('comments of one issue', [await of(issue.number), await of(other.number)], [['Bent'], ['Long']]);
const named = {...where, comment_id: comment.id};
expect('comment', (await issues.getComment(named)).data.body, 'Bent');
await issues.updateComment({...named, body: 'Straight'});
expect('changed comment', await of(issue.number), ['Straight']);
await issues.deleteComment(named);
await gone(() => issues.getComment(named));
expect('comments after the deletion', await of(issue.number), []);
console.log('comment: created, read, listed, updated, deleted');

// Another repository has records of its own.
await issues.createLabel({...where, name: 'rust', color: 'aa0000'});
await issues.createLabel({owner: 'ada', repo: 'sloop', name: 'rust', color: 'bb0000'});
const colour = async repo => (await issues.getLabel({owner: 'ada', repo, name: 'rust'})).data.color;
expect('labels of the same name', [await colour('ketch'), await colour('sloop')], ['aa0000', 'bb0000']);

// With the documented milestone there are 26.
const made = [];
for (let number = 0; number < 25; number++) {
  const {data} = await issues.createMilestone({owner: 'ada', repo: 'sloop', title: `stage ${number}`});
  made.push(data.number);
}
const tens = {owner: 'ada', repo: 'sloop', per_page: 10};
const seen = await octokit.paginate(issues.listMilestones, tens);
expect('milestones on all pages', seen.map(milestone => milestone.number).slice(1), made);
expect('different ids', new Set(seen.map(milestone => milestone.id)).size, 26);
let pages = 0;
for await (const page of octokit.paginate.iterator(issues.listMilestones, tens)) {
  pages += 1;
  expect(`records on page ${pages}`, page.data.length, [10, 10, 6][pages - 1]);
}
expect('pages', pages, 3);
console.log('milestones: 25 records on pages');

const nameless = {...where, name: undefined, color: 'cc0000'};
const error = await expectError('label without a name', 'HttpError', 422, () => issues.createLabel(nameless));
expect('whether the message names the field', /name/.test(error.message), true);
await expectError('unknown milestone', 'HttpError', 404, () => issues.getMilestone({...where, milestone_number: 999}));
await expectError('unknown repository', 'HttpError', 404, () => repos.get({owner: 'ada', repo: 'raft'}));
console.log('octokit: all steps passed');
