import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import {
  cleanupSocket,
  getTransportConfig,
  resolveBindAddress,
  ServerConfig,
  socketPathOf,
} from './bind-address.ts'

describe('resolveBindAddress', () => {
  it('is every interface and the default port when nothing is set', () => {
    assert.equal(resolveBindAddress(undefined, {}), '[::]:50052')
    assert.equal(resolveBindAddress(7000, {}), '[::]:7000')
  })

  it('takes the port of the environment, and before it the whole address', () => {
    assert.equal(resolveBindAddress(7000, { PORT: '8000' }), '[::]:8000')
    const environment = { PORT: '8000', ANGZARR_BIND_ADDRESS: '127.0.0.1:9' }
    assert.equal(resolveBindAddress(7000, environment), '127.0.0.1:9')
    assert.equal(resolveBindAddress(7000, { PORT: '', ANGZARR_BIND_ADDRESS: '' }), '[::]:7000')
  })
})

describe('getTransportConfig', () => {
  let base = ''
  before(() => {
    base = mkdtempSync(join(tmpdir(), 'amends-bind-'))
  })
  after(() => rmSync(base, { recursive: true, force: true }))

  const socket = (environment: Readonly<Record<string, string>>): string =>
    getTransportConfig(1, { TRANSPORT_TYPE: 'uds', UDS_BASE_PATH: base, ...environment }).address

  it('is TCP unless the environment says uds', () => {
    for (const TRANSPORT_TYPE of ['', 'tcp', 'TCP', 'pigeon']) {
      const config = getTransportConfig(9, { TRANSPORT_TYPE })
      assert.deepEqual(config, { type: 'tcp', address: '[::]:9' })
    }
    assert.equal(socket({ TRANSPORT_TYPE: 'UDS' }), `unix:${base}/business.sock`)
  })

  it('names the socket after the service and the first of domain, saga and projector', () => {
    const names = { DOMAIN: '', SAGA_NAME: 'fulfil', PROJECTOR_NAME: 'list' }
    assert.equal(socket({ SERVICE_NAME: 'x', ...names }), `unix:${base}/x-fulfil.sock`)
    assert.equal(socket({ ...names, DOMAIN: 'order' }), `unix:${base}/business-order.sock`)
    assert.equal(socket({ PROJECTOR_NAME: 'list' }), `unix:${base}/business-list.sock`)
  })

  it('makes the folder and removes what an earlier run left', () => {
    const inner = join(base, 'a', 'b')
    assert.ok(socket({ UDS_BASE_PATH: inner }).startsWith(`unix:${inner}`))
    assert.ok(existsSync(inner))
    const stale = join(inner, 'business.sock')
    writeFileSync(stale, '')
    socket({ UDS_BASE_PATH: inner })
    assert.ok(!existsSync(stale))
  })

  it('says with a code that the folder cannot be made', () => {
    const file = join(base, 'file')
    writeFileSync(file, '')
    assert.throws(() => socket({ UDS_BASE_PATH: join(file, 'x') }), {
      code: 'UDS_DIRECTORY_CREATE_FAILED',
    })
  })
})

describe('cleanupSocket', () => {
  it('never fails', () => {
    cleanupSocket('')
    cleanupSocket('/nowhere/at/all.sock')
    cleanupSocket('\0')
  })
})

describe('socketPathOf', () => {
  it('is the path of a socket, and nothing for TCP', () => {
    assert.equal(socketPathOf('unix:///run/x.sock'), '/run/x.sock')
    assert.equal(socketPathOf('unix:/run/x.sock'), '/run/x.sock')
    assert.equal(socketPathOf('[::]:80'), undefined)
  })
})

describe('ServerConfig', () => {
  it('has a default port and no socket', () => {
    assert.equal(new ServerConfig().port, 50052)
    assert.equal(new ServerConfig().udsPath, undefined)
    assert.equal(ServerConfig.fromEnv(7, {}).port, 7)
  })

  it('takes a socket only when folder, service and domain are all set', () => {
    const all = { UDS_BASE_PATH: '/run', SERVICE_NAME: 'ch', DOMAIN: 'order', PORT: '9' }
    const config = ServerConfig.fromEnv(7, all)
    assert.deepEqual([config.udsPath, config.port], ['/run/ch-order.sock', 7])
    const { udsPath, port } = ServerConfig.fromEnv(7, { ...all, DOMAIN: '' })
    assert.deepEqual([udsPath, port], [undefined, 9])
  })

  it('takes GRPC_PORT second, and the default for what is no port', () => {
    assert.equal(ServerConfig.fromEnv(7, { PORT: 'x', GRPC_PORT: '8' }).port, 8)
    assert.equal(ServerConfig.fromEnv(7, { PORT: '9', GRPC_PORT: '8' }).port, 9)
    assert.equal(ServerConfig.fromEnv(7, { PORT: '99999', GRPC_PORT: '-1' }).port, 7)
  })
})
