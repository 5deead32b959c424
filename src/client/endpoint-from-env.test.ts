import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { resolveChEndpoint } from './endpoint-from-env.ts'

const names = ['ANGZARR_MODE', 'ANGZARR_UDS_BASE', 'ANGZARR_NAMESPACE', 'ANGZARR_CH_PORT'] as const

describe('resolveChEndpoint', () => {
  const before = new Map<string, string | undefined>()

  beforeEach(() => {
    for (const name of names) {
      before.set(name, process.env[name])
      delete process.env[name]
    }
  })

  afterEach(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  })

  it('reads the environment of this process at every call', () => {
    assert.equal(resolveChEndpoint('player'), 'ch-player.angzarr.svc:1310')
    process.env['ANGZARR_NAMESPACE'] = 'games'
    assert.equal(resolveChEndpoint('player'), 'ch-player.games.svc:1310')
  })

  it('lets the mode that is given go before that of the environment', () => {
    process.env['ANGZARR_MODE'] = 'distributed'
    const endpoint = resolveChEndpoint('player', 'standalone', { udsBase: '/run/x' })
    assert.equal(endpoint, '/run/x/ch-player.sock')
  })
})
