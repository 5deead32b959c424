import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { CodedError } from '../errors.ts'
import { run } from './run.ts'
import { readServeConfig } from './serve-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'amends-config-'))
after(() => rmSync(folder, { recursive: true, force: true }))

function file(content: unknown): string {
  const path = join(folder, 'amends.json')
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const saga = { kind: 'saga', name: 'ship', source: 'order', target: 'stock' }

describe('the configuration of a server', () => {
  it('declares components by address, and those that dial in', () => {
    const { components } = readServeConfig(
      file({
        components: [
          { kind: 'aggregate', domain: 'order', address: 'localhost:1', pagesPerFold: 9 },
          { ...saga, types: ['order.Placed'], timeoutMs: 50 },
          { kind: 'process_manager', name: 'p', domain: 'pd', sources: ['a'], targets: ['b'] },
          { kind: 'projector', name: 'list', domains: ['*'] },
          { kind: 'upcaster', name: 'in-cents', domain: 'price', types: ['price.Set'] },
        ],
      }),
      {},
    )
    assert.deepEqual(
      components.map(({ component, address }) => [component.kind, address]),
      [
        ['command_handler', 'localhost:1'],
        ['saga', undefined],
        ['process_manager', undefined],
        ['projector', undefined],
        ['upcaster', undefined],
      ],
    )
    const [, second] = components
    assert.ok(second?.component.kind === 'saga')
    assert.deepEqual(second.component.types, ['order.Placed'])
    assert.equal(second.component.timeoutMs, 50)
    assert.deepEqual(components.at(-1)?.component, {
      kind: 'upcaster',
      name: 'in-cents',
      domain: 'price',
      types: ['price.Set'],
      timeoutMs: undefined,
      waitMs: undefined,
    })
  })

  it('takes keys from the environment, so that none needs to lie in the file', () => {
    const keys = [{ name: 'shop', roles: ['write'], variable: 'SHOP_KEY' }]
    const read = readServeConfig(file({ keys }), { SHOP_KEY: 'a-key-of-the-shop' })
    assert.deepEqual(read.keys, [{ name: 'shop', roles: ['write'], key: 'a-key-of-the-shop' }])
    assert.throws(() => readServeConfig(file({ keys }), {}), { code: 'CONFIGURATION_INVALID' })
  })

  it('is refused with the place of what is wrong', () => {
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      ['{', /the configuration is one JSON object/i],
      [[], /the file/],
      [{ ledgr: 'x' }, /nobody knows ledgr/],
      [{ components: {} }, /components/],
      [{ components: [7] }, /components\[0\]/],
      [{ components: [{ kind: 'sage' }] }, /kind is one of/],
      [{ components: [{ ...saga, target: '' }] }, /components\[0\]\.target/],
      [{ components: [{ ...saga, colour: 'red' }] }, /nobody knows colour/],
      [{ components: [{ ...saga, timeoutMs: 0 }] }, /components\[0\]\.timeoutMs/],
      [{ components: [{ kind: 'projector', name: 'l', domains: [] }] }, /domains/],
      [{ keys: [{ name: 'a', roles: ['king'], key: 'k' }] }, /roles are/],
      [{ keys: [{ name: 'a', roles: ['read'] }] }, /keys\[0\]/],
      [{ modules: [''] }, /modules\[0\]/],
    ]
    for (const [content, says] of wrong) {
      assert.throws(
        () => readServeConfig(file(content), {}),
        (error: unknown) => {
          assert.ok(error instanceof CodedError && error.code === 'CONFIGURATION_INVALID')
          assert.match(error.hint, says)
          return true
        },
      )
    }
  })
})

describe('amends serve', () => {
  async function serve(...args: readonly string[]): Promise<readonly [number, string]> {
    const lines: string[] = []
    const take = (line: string): void => void lines.push(line)
    const code = await run(['serve', ...args], { out: take, err: take })
    return [code, lines.join('\n')]
  }

  it('prints what counts and where it comes from, and no key [weakness-31]', async () => {
    const keys = [{ name: 'shop', roles: ['write'], key: 'a-key-of-the-shop' }]
    const config = file({ ledger: 'shop.db', components: [saga], keys })
    const [code, text] = await serve('--config', config, '--grace-ms', '9', '--print-config')
    assert.equal(code, 0)
    assert.match(text, /ledger\s+shop\.db\s+\(file .*amends\.json\)/)
    assert.match(text, /graceMs\s+9\s+\(flag --grace-ms\)/)
    assert.match(text, /component {2}saga ship {2}dials in/)
    assert.match(text, /key {2}shop {2}write {2}\(file .*, hidden\)/)
    assert.doesNotMatch(text, /a-key-of-the-shop/)
  })

  it('does not begin with nothing to serve, half a certificate, or open to the world', async () => {
    const ledger = join(folder, 'shop.db')
    assert.match((await serve('--ledger', ledger))[1], /NO_COMPONENTS_REGISTERED/)
    const components = [{ kind: 'aggregate', domain: 'order' }]
    const config = file({ ledger, components })
    const [code, text] = await serve('--config', config, '--listen', '0.0.0.0:0')
    assert.equal(code, 1)
    assert.match(text, /ACCESS_NOT_RESTRICTED/)
    assert.match(
      (await serve('--config', config, '--tls-key', 'k.pem'))[1],
      /CONFIGURATION_INVALID/,
    )
  })

  it('says which module it could not load', async () => {
    const config = file({ ledger: join(folder, 'm.db'), modules: ['./nowhere.js'] })
    const [code, text] = await serve('--config', config)
    assert.equal(code, 1)
    assert.match(text, /nowhere\.js/)
  })
})
