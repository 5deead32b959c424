import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { run } from '../../src/cli/run.ts'
import { at, commandJson } from './http-shop.ts'
import { spawnProgram } from './spawned.ts'

const MODULE = fileURLToPath(new URL('./shop-module.js', import.meta.url))
const KEY = 'operator-0123456789abcdef'

/** Sends a request to a socket; answers with its status and text. */
async function ask(
  socketPath: string,
  path: string,
  body?: unknown,
): Promise<readonly [number, string]> {
  const method = body === undefined ? 'GET' : 'POST'
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }
  const asking = request({ socketPath, path, method, headers })
  asking.end(body === undefined ? undefined : JSON.stringify(body))
  const [response] = await once(asking, 'response')
  return [Number(response.statusCode), await textOf(response)]
}

describe('amends serve over HTTP', () => {
  it('takes commands, shows health and metrics, and drains on SIGTERM', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'amends-http-command-'))
    try {
      const config = join(folder, 'amends.json')
      const socket = join(folder, 'http.sock')
      const content = {
        ledger: join(folder, 'shop.db'),
        listen: ['127.0.0.1:0'],
        httpListen: [socket],
        httpMaxStreams: 7,
        modules: [MODULE],
        keys: [{ name: 'shop', roles: ['read', 'write'], key: KEY }],
      }
      await writeFile(config, JSON.stringify(content))
      await using server = spawnProgram('serve-program', '--config', config)
      await server.said(`listening unix:${socket}`)
      await server.said('ready')
      assert.match(server.errors(), /httpMaxStreams\s+7\s+\(file .*amends\.json\)/)
      assert.doesNotMatch(server.errors(), new RegExp(KEY))
      const command = commandJson('orders.CreateOrder', { orderId: 'o-1', itemCount: 1 })
      const [status, text] = await ask(socket, '/v1/ch/order/commands', { command })
      assert.equal(status, 200, text)
      assert.equal(at(JSON.parse(text), 'events.pages.0.event.orderId'), 'o-1')
      assert.deepEqual(await ask(socket, '/readyz'), [200, 'ok\n'])
      assert.match((await ask(socket, '/metrics'))[1], /^# TYPE /m)
      assert.equal(await server.end('SIGTERM'), 0)
      await server.said('drained')
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  it('says where its settings come from, and does not open HTTP to the world without keys', async () => {
    const lines: string[] = []
    const take = (line: string): void => void lines.push(line)
    const flags = ['--http-listen', '0.0.0.0:8080,localhost:8081', '--print-config']
    assert.equal(await run(['serve', ...flags], { out: take, err: take }), 0)
    assert.match(
      lines.join('\n'),
      /httpListen\s+0\.0\.0\.0:8080, localhost:8081\s+\(flag --http-listen\)/,
    )
    const folder = await mkdtemp(join(tmpdir(), 'amends-http-command-'))
    try {
      const config = join(folder, 'amends.json')
      const ledger = join(folder, 'shop.db')
      await writeFile(
        config,
        JSON.stringify({ ledger, listen: ['127.0.0.1:0'], modules: [MODULE] }),
      )
      const refused: string[] = []
      const told = (line: string): void => void refused.push(line)
      const open = ['serve', '--config', config, '--http-listen', '0.0.0.0:0']
      assert.equal(await run(open, { out: told, err: told }), 1)
      assert.match(refused.join('\n'), /ACCESS_NOT_RESTRICTED/)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
