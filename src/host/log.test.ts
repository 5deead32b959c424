import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeClock } from '../testing/fake-clock.ts'
import { configureLogging, defaultLogger, jsonLog } from './log.ts'

describe('jsonLog', () => {
  it('writes one object a line, with event, level and time', () => {
    const lines: string[] = []
    const log = jsonLog({ write: (line) => lines.push(line), clock: fakeClock() })
    log('info', 'server_started', { service: 'orders', port: 7 })
    log('debug', 'nothing')
    assert.deepEqual(
      lines.map((line): unknown => JSON.parse(line)),
      [
        {
          service: 'orders',
          port: 7,
          event: 'server_started',
          level: 'info',
          timestamp: '2026-01-01T00:00:00Z',
        },
        { event: 'nothing', level: 'debug', timestamp: '2026-01-01T00:00:00Z' },
      ],
    )
    assert.ok(lines.every((line) => !line.includes('\n')))
  })
})

describe('configureLogging', () => {
  it('is what servers log with from then on', () => {
    const lines: string[] = []
    const log = configureLogging({ write: (line) => lines.push(line) })
    assert.equal(defaultLogger(), log)
    defaultLogger()('info', 'hello')
    assert.equal(lines.length, 1)
  })
})
