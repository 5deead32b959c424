import { strict as assert } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { logLine } from './log-event.ts'

describe('log events', () => {
  it('are lines of JSON without what is undefined', () => {
    const line = logLine({
      event: 'compensation_completed',
      level: 'info',
      step: 'a',
      none: undefined,
    })
    assert.equal(line, '{"event":"compensation_completed","level":"info","step":"a"}')
  })

  it('reach standard error, also those of the last turn', () => {
    const url = new URL('./log-event.js', import.meta.url).href
    const program = `
      const { stderrLog } = await import(${JSON.stringify(url)})
      const log = stderrLog()
      log({ event: 'one', level: 'info' })
      log({ event: 'two', level: 'warn' })
      process.exit(0)`
    const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
    })
    assert.equal(stderr, '{"event":"one","level":"info"}\n{"event":"two","level":"warn"}\n')
  })
})
