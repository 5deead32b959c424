import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConnectionError } from '../../errors/client-error.ts'
import { channelTarget } from './channel-target.ts'

describe('channelTarget', () => {
  it('takes host and port as they are [client-C-0319]', () => {
    for (const target of [
      'localhost:1310',
      'ch-order.angzarr.svc:1310',
      '[::1]:80',
      '10.0.0.7:1',
    ]) {
      assert.deepEqual(channelTarget(target), { target, tls: false })
    }
  })

  it('takes http for plain text and https for an encrypted connection', () => {
    assert.deepEqual(channelTarget('http://here:1310'), { target: 'here:1310', tls: false })
    assert.deepEqual(channelTarget('http://here/'), { target: 'here:80', tls: false })
    assert.deepEqual(channelTarget('https://here'), { target: 'here:443', tls: true })
    assert.deepEqual(channelTarget('https://here:1310'), { target: 'here:1310', tls: true })
  })

  it('takes paths for Unix sockets, in every spelling of them', () => {
    const target = 'unix:/run/ch.sock'
    for (const endpoint of ['/run/ch.sock', 'unix:/run/ch.sock', 'unix:///run/ch.sock']) {
      assert.deepEqual(channelTarget(endpoint), { target, tls: false })
    }
    assert.equal(channelTarget('./ch.sock').target, 'unix:./ch.sock')
  })

  it('leaves names for the resolver as they are', () => {
    assert.equal(channelTarget('dns:here:1310').target, 'dns:here:1310')
    assert.equal(channelTarget('dns:///here:1310').target, 'dns:///here:1310')
  })

  const refused = [
    'not a valid endpoint',
    '',
    'localhost',
    ':1310',
    'here:0',
    'here:65536',
    'here:port',
    'ftp://here:1',
    'http://here:1/path',
    'http://',
    '::1:80',
    'a:1:2',
    '/',
    './',
    'unix:',
    'unix:///',
    '/run/\0.sock',
    'dns:',
    'dns:///nowhere',
  ]
  it('refuses everything else for its format [client-C-0338]', () => {
    for (const endpoint of refused) {
      assert.throws(
        () => channelTarget(endpoint),
        (error: unknown) => {
          assert.ok(error instanceof ConnectionError, endpoint)
          assert.equal(error.code, 'ENDPOINT_INVALID_URI')
          assert.equal(error.details['endpoint'], endpoint)
          return true
        },
      )
    }
  })
})
