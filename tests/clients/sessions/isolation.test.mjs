// Four files like this one run in four vitest workers against one mock, each in a session of its own, and must never see a
// record of another worker. The environment names the mock: URL, TOKEN.
import { expect, test } from 'vitest'

const { URL: base, TOKEN: token } = process.env
const worker = process.env.VITEST_POOL_ID
const session = `vitest-${worker}`
const clients = '/platform/v1/clients'

async function api(method, path, body) {
  const headers = { authorization: `Bearer ${token}~${session}`, 'content-type': 'application/json' }
  const response = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) })
  expect(response.headers.get('x-standin-session')).toBe(session)
  return response
}

for (let part = 0; part < 10; part++) {
  test(`a worker sees its own records only, part ${part}`, async () => {
    for (let number = 0; number < 12; number++) {
      const made = await api('POST', clients, { first_name: `canary-${worker}-${part}-${number}` })
      expect(made.status).toBe(201)
      const { data } = await (await api('GET', `${clients}?per_page=1000`)).json()
      const canaries = data.clients.map((client) => String(client.first_name)).filter((name) => name.startsWith('canary-'))
      expect(canaries.length).toBeGreaterThan(0)
      for (const name of canaries) expect(name.startsWith(`canary-${worker}-`)).toBe(true)
    }
  })
}
