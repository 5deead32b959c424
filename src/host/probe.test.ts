import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { describe, it } from 'node:test'
import {
  BusProbe,
  OutputDomainProbe,
  probeAddress,
  probeConfigFromEnv,
  TransportProbe,
} from './probe.ts'

const never = new AbortController().signal

describe('probeConfigFromEnv', () => {
  it('is 30 and 2 seconds unless the environment says otherwise', () => {
    assert.deepEqual(probeConfigFromEnv({}), { intervalMs: 30_000, timeoutMs: 2_000 })
    const environment = {
      ANGZARR_READINESS_PROBE_INTERVAL: '0.5',
      ANGZARR_READINESS_PROBE_TIMEOUT: '10',
    }
    assert.deepEqual(probeConfigFromEnv(environment), { intervalMs: 500, timeoutMs: 10_000 })
  })

  it('takes what is no positive number for unset', () => {
    for (const text of ['', ' ', 'soon', '-1', '0', 'Infinity', 'NaN']) {
      const environment = {
        ANGZARR_READINESS_PROBE_INTERVAL: text,
        ANGZARR_READINESS_PROBE_TIMEOUT: text,
      }
      assert.deepEqual(probeConfigFromEnv(environment), { intervalMs: 30_000, timeoutMs: 2_000 })
    }
  })
})

describe('TransportProbe', () => {
  it('passes once the server listens, and from then on', () => {
    const probe = new TransportProbe()
    assert.equal(probe.check(), false)
    probe.signal.markBound()
    assert.equal(probe.check(), true)
    assert.equal(probe.name, 'transport')
  })
})

describe('OutputDomainProbe', () => {
  it('looks where the environment puts the domain when it is made', () => {
    const environment = { ANGZARR_MODE: 'standalone', ANGZARR_UDS_BASE: '/run/x' }
    const probe = OutputDomainProbe.forDomain('order', { environment })
    assert.deepEqual([probe.name, probe.endpoint], ['order', '/run/x/ch-order.sock'])
  })

  it('passes while somebody listens and fails otherwise', async () => {
    const server = createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    assert.ok(address !== null && typeof address === 'object')
    const probe = new OutputDomainProbe('order', `127.0.0.1:${address.port}`)
    assert.equal(await probe.check(never), true)
    await new Promise((resolve) => server.close(resolve))
    await assert.rejects(probe.check(never), { code: 'ECONNREFUSED' })
  })
})

describe('BusProbe', () => {
  it('is made only when the environment names a broker', () => {
    assert.equal(BusProbe.fromEnv({}), undefined)
    assert.equal(BusProbe.fromEnv({ ANGZARR_BUS_ENDPOINT: '' }), undefined)
    assert.equal(BusProbe.fromEnv({ ANGZARR_BUS_ENDPOINT: 'mq:5672' })?.endpoint, 'mq:5672')
  })

  it('fails without a usable port', async () => {
    for (const endpoint of ['mq', 'mq:', 'mq:amqp', 'mq:99999', '']) {
      assert.equal(await new BusProbe(endpoint).check(never), false)
    }
  })
})

describe('probeAddress', () => {
  it('splits at the last colon and takes brackets off', () => {
    assert.deepEqual(probeAddress('here:80'), { host: 'here', port: 80 })
    assert.deepEqual(probeAddress('[::1]:80'), { host: '::1', port: 80 })
    assert.deepEqual(probeAddress(':80'), { host: 'localhost', port: 80 })
  })

  it('knows sockets', () => {
    assert.deepEqual(probeAddress('/run/x.sock'), { path: '/run/x.sock' })
    assert.deepEqual(probeAddress('unix:/run/x.sock'), { path: '/run/x.sock' })
  })
})
