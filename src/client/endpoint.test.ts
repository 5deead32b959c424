import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InvalidArgumentError } from '../errors/client-error.ts'
import { chEndpoint, TransportMode } from './endpoint.ts'

const player = { domain: 'player', environment: {} }

describe('chEndpoint', () => {
  it('is a service of the cluster unless the mode says otherwise', () => {
    assert.equal(chEndpoint(player), 'ch-player.angzarr.svc:1310')
  })

  it('is a socket in standalone mode', () => {
    const endpoint = chEndpoint({ ...player, mode: TransportMode.STANDALONE })
    assert.equal(endpoint, '/tmp/angzarr/ch-player.sock')
  })

  it('takes folder, namespace and port from the options', () => {
    const options = { ...player, udsBase: '/run/x', namespace: 'games', port: 9 }
    assert.equal(chEndpoint({ ...options, mode: 'standalone' }), '/run/x/ch-player.sock')
    assert.equal(chEndpoint({ ...options, mode: 'distributed' }), 'ch-player.games.svc:9')
  })

  it('lets the environment go before the options', () => {
    const environment = {
      ANGZARR_MODE: 'standalone',
      ANGZARR_UDS_BASE: '/env',
      ANGZARR_NAMESPACE: 'env',
      ANGZARR_CH_PORT: '7000',
    }
    const options = { ...player, udsBase: '/run/x', namespace: 'games', port: 9, environment }
    assert.equal(chEndpoint(options), '/env/ch-player.sock')
    assert.equal(chEndpoint({ ...options, mode: 'distributed' }), 'ch-player.env.svc:7000')
  })

  it('takes an empty variable for an unset one', () => {
    const environment = { ANGZARR_MODE: '', ANGZARR_NAMESPACE: '', ANGZARR_CH_PORT: '' }
    assert.equal(chEndpoint({ ...player, environment }), 'ch-player.angzarr.svc:1310')
  })

  it('refuses a mode it does not know and names the variable', () => {
    for (const input of ['Standalone', 'tcp', ' distributed']) {
      assert.throws(
        () => chEndpoint({ ...player, environment: { ANGZARR_MODE: input } }),
        (error: unknown) => {
          assert.ok(error instanceof InvalidArgumentError)
          assert.equal(error.code, 'INVALID_TRANSPORT_MODE')
          assert.deepEqual(error.details, { input, env_var: 'ANGZARR_MODE' })
          return true
        },
      )
    }
  })

  it('refuses a port that is none, in distributed mode only', () => {
    for (const input of ['http', '13.5', '-1', '65536', '1e3', ' 80']) {
      const request = { ...player, environment: { ANGZARR_CH_PORT: input } }
      assert.throws(() => chEndpoint(request), {
        code: 'INVALID_PORT',
        details: { input, env_var: 'ANGZARR_CH_PORT' },
      })
      assert.equal(chEndpoint({ ...request, mode: 'standalone' }), '/tmp/angzarr/ch-player.sock')
    }
  })
})
