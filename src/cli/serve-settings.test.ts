import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { FALLBACK_DOMAIN } from '../coordinator/open-coordinator.ts'
import { checkDomain } from '../coordinator/plan-names.ts'
import {
  describeSettings,
  effectiveSettings,
  flagOf,
  SETTINGS,
  variableOf,
} from './serve-settings.ts'

const nothing = { file: { path: 'a.json', values: {} }, environment: {}, flags: {} }

describe('the settings of a server', () => {
  it('have a default, which the file, the environment and the flags replace, in this order', () => {
    const { values, origins } = effectiveSettings({
      file: { path: 'a.json', values: { ledger: 'file.db', graceMs: 5, maxConnections: 7 } },
      environment: { AMENDS_LEDGER: 'environment.db', AMENDS_GRACE_MS: '6', AMENDS_OPEN: '' },
      flags: { ledger: 'flag.db' },
    })
    assert.equal(values.ledger, 'flag.db')
    assert.equal(origins.ledger, 'flag --ledger')
    assert.equal(values.graceMs, 6)
    assert.equal(origins.graceMs, 'environment AMENDS_GRACE_MS')
    assert.equal(values.maxConnections, 7)
    assert.equal(origins.maxConnections, 'file a.json')
    assert.equal(values.open, false)
    assert.equal(origins.open, 'default')
  })

  it('take the folder of sockets that clients are told, unless they have one of their own', () => {
    const environment = { ANGZARR_UDS_BASE: '/run/a', AMENDS_SOCKETS: '' }
    assert.equal(effectiveSettings({ ...nothing, environment }).values.sockets, '/run/a')
    const both = { ANGZARR_UDS_BASE: '/run/a', AMENDS_SOCKETS: '/run/b' }
    assert.equal(effectiveSettings({ ...nothing, environment: both }).values.sockets, '/run/b')
  })

  it('are each taken from the environment under the name that is told [weakness-31]', () => {
    const samples = { text: 't', list: 'a', number: '7', switch: 'true' } as const
    for (const [name, { kind }] of Object.entries(SETTINGS)) {
      const environment = { [variableOf(name)]: samples[kind] }
      const { origins } = effectiveSettings({ ...nothing, environment })
      const origin = Object.entries(origins).find(([one]) => one === name)?.[1]
      assert.equal(origin, `environment ${variableOf(name)}`)
    }
    // What is set by nobody is within the rules for what somebody sets.
    checkDomain(FALLBACK_DOMAIN)
  })

  it('read lists parted by commas', () => {
    const { listen } = effectiveSettings({ ...nothing, flags: { listen: 'a:1,b:2' } }).values
    assert.deepEqual(listen, ['a:1', 'b:2'])
  })

  it('are refused when they are of the wrong kind, with name and origin', () => {
    const wrong: readonly (readonly [string, unknown])[] = [
      ['ledger', ''],
      ['ledger', 7],
      ['listen', []],
      ['listen', ['']],
      ['graceMs', -1],
      ['graceMs', 1.5],
      ['graceMs', 'soon'],
      ['open', 'perhaps'],
      ['reflection', null],
    ]
    for (const [name, value] of wrong) {
      const file = { path: 'a.json', values: { [name]: value } }
      assert.throws(() => effectiveSettings({ ...nothing, file }), {
        code: 'CONFIGURATION_INVALID',
        details: { setting: name, origin: 'file a.json' },
      })
    }
  })

  it('are described with their origins, and without what only their owner may know', () => {
    const escalationWebhookUrl = 'https://user:word@example.org/hook?token=abc'
    const file = { path: 'a.json', values: { escalationWebhookUrl } }
    const text = describeSettings(effectiveSettings({ ...nothing, file })).join('\n')
    assert.match(text, /escalationWebhookUrl\s+https:\/\/example\.org\/\.\.\.\s+\(file a\.json\)/)
    assert.match(text, /ledger\s+amends\.db\s+\(default\)/)
    assert.doesNotMatch(text, /word|token|abc/)
  })

  it('have one name in each place', () => {
    assert.equal(flagOf('maxStreamsPerConnection'), 'max-streams-per-connection')
    assert.equal(variableOf('maxStreamsPerConnection'), 'AMENDS_MAX_STREAMS_PER_CONNECTION')
  })
})
